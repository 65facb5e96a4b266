"""What do watches ask the database? Only about heads and lists, never about what is in a space: that is read through the door."""

from sqlalchemy import ARRAY, BigInteger, Uuid, bindparam, column, func, literal, select, true

from tallystick.store.statements import prepare
from tallystick.store.tables import space, user_space

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_NUMBERS = bindparam("numbers", type_=ARRAY(BigInteger))

_known = (
    func.unnest(_IDS, _NUMBERS)
    .table_valued(column("id", Uuid), column("number", BigInteger), name="known")
    .render_derived()
)

# Which of these spaces are not at these seqs any more. Whatever becomes of a space (a change, a member, its deletion) takes a seq.
HEADS_MOVED = prepare(
    select(space.c.id, space.c.seq)
    .select_from(_known.join(space, space.c.id == _known.c.id))
    .where(space.c.seq != _known.c.number)
)

_is_listed = (user_space.c.left_at.is_(None)) & (space.c.deleted_at.is_(None)) & (space.c.erased_at.is_(None))
_hash = func.uuid_hash_extended(user_space.c.space_id, literal(0, BigInteger), type_=BigInteger)
_listed = user_space.join(space, space.c.id == user_space.c.space_id)

# A user's spaces with their heads. What all the hashes give together is the mark of the list.
SPACES_AND_HEADS = prepare(
    select(space.c.id, _hash, space.c.epoch, space.c.seq, space.c.sight_revision)
    .select_from(_listed)
    .where(user_space.c.user_id == bindparam("user_id", type_=Uuid), _is_listed)
    .order_by(user_space.c.created_at, user_space.c.space_id)
)

_mark = (
    select(func.coalesce(func.bit_xor(_hash, type_=BigInteger), literal(0, BigInteger)).label("mark"))
    .select_from(_listed)
    .where(user_space.c.user_id == _known.c.id, _is_listed)
    .lateral("list_now")
)

# Which of these users' lists do not have these marks any more, and which they have now.
LISTS_MOVED = prepare(
    select(_known.c.id, _mark.c.mark).select_from(_known.join(_mark, true())).where(_mark.c.mark != _known.c.number)
)
