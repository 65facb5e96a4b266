"""Which statements open and close the write door and the reading view? Each is one row in, one row out."""

from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    DateTime,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_or_skip
from sqlalchemy.sql import true

from tallystick.store import tables
from tallystick.store.rows import RowStatement
from tallystick.store.statements import Statement, prepare
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import MemberState

# The role that every transaction works as: it owns nothing, so that row-level security binds it.
APP_ROLE = "tallystick_app"

BEGIN: Statement[()] = Statement(text("BEGIN"))
BEGIN_SNAPSHOT: Statement[()] = Statement(text("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"))
COMMIT: Statement[()] = Statement(text("COMMIT"))
ROLLBACK: Statement[()] = Statement(text("ROLLBACK"))
# Before the first of what one command of several writes ahead of the commit, and back to there.
SAVEPOINT: Statement[()] = Statement(text("SAVEPOINT command"))
ROLLBACK_TO_SAVEPOINT: Statement[()] = Statement(text("ROLLBACK TO SAVEPOINT command"))

_member, _space, _answer, _journal = tables.member, tables.space, tables.answer, tables.journal
_SPACE_ID = bindparam("space_id", type_=Uuid)
_USER_ID = bindparam("user_id", type_=Uuid)

# Local to the transaction, so that it cannot leak to the next user of a pooled connection.
CONTEXT = prepare(
    select(
        func.set_config("role", APP_ROLE, true()),
        func.set_config("tallystick.user", cast(_USER_ID, Text), true()),
        func.set_config("tallystick.space", cast(_SPACE_ID, Text), true()),
    )
)

_is_member = and_(
    _member.c.space_id == _SPACE_ID,
    _member.c.user_id == _USER_ID,
    _member.c.state == MemberState.MEMBER_STATE_ACTIVE,
)

# A deleted space is there for those calls only that are about deleted ones: who brings it back, lists it, or is erased from it.
_is_there = and_(
    _space.c.erased_at.is_(None),
    or_(_space.c.deleted_at.is_(None), bindparam("even_deleted", type_=Boolean)),
)

_lock = (
    update(_space)
    .where(_space.c.id == _SPACE_ID, _is_there)
    .values(seq=_space.c.seq + 1)
    .returning(
        _space.c.seq,
        _space.c.key_generation,
        func.set_config("tallystick.seq", cast(_space.c.seq, Text), true()),
    )
)

# Locks the space and takes its next seq. Whoever is no member does not even lock it. Membership is read again under the lock, by
# ADMIT_WRITE: what this statement reads of other tables is from before it waited.
LOCK: Statement[int, int, str] = Statement(_lock.where(exists(select(_member.c.id).where(_is_member))))

# The same for somebody who was invited and is no member yet. What the invitation is worth, the command must see under the lock.
LOCK_INVITED: Statement[int, int, str] = Statement(_lock)

# Role, and the answer to this request if it was answered before. A statement of its own after the lock, never joined into it.
ADMIT_WRITE = prepare(
    select(_member.c.role, _answer.c.fingerprint, _answer.c.seq, _answer.c.kind, _answer.c.body)
    .select_from(
        _member.outerjoin(
            _answer, and_(_answer.c.space_id == _SPACE_ID, _answer.c.request_id == bindparam("request_id", type_=Uuid))
        )
    )
    .where(_is_member)
)

ADMIT_READ = prepare(
    select(_member.c.role, _space.c.key_generation)
    .select_from(_member.join(_space, _space.c.id == _member.c.space_id))
    .where(_is_member, _is_there)
)

# A view for somebody who was invited and is no member yet: they have no role.
ADMIT_INVITED = prepare(
    select(literal(Role.ROLE_UNSPECIFIED, tables.member.c.role.type), _space.c.key_generation).where(
        _space.c.id == _SPACE_ID, _is_there
    )
)

# The answer to a request, and who had it: somebody who is not, or not any more, a member gets no answer but their own.
ANSWER_OF = prepare(
    select(_journal.c.actor_id, _answer.c.fingerprint, _answer.c.seq, _answer.c.kind, _answer.c.body)
    .select_from(
        _answer.outerjoin(
            _journal,
            and_(_journal.c.space_id == _SPACE_ID, _journal.c.seq == _answer.c.seq, _journal.c.ordinal == 0),
        )
    )
    .where(_answer.c.space_id == _SPACE_ID, _answer.c.request_id == bindparam("request_id", type_=Uuid))
)

# The role, for a commit of several requests, and those of them that were answered before.
ADMIT_PUSH = prepare(select(_member.c.role).where(_is_member))
ANSWERS_OF = prepare(
    select(_answer.c.request_id, _answer.c.fingerprint, _answer.c.seq, _answer.c.kind, _answer.c.body).where(
        _answer.c.space_id == _SPACE_ID,
        _answer.c.request_id == any_(bindparam("request_ids", type_=ARRAY(Uuid))),
    )
)

# The next seq of a space that this transaction has locked already.
NEXT_SEQ: Statement[int, str] = Statement(
    update(_space)
    .where(_space.c.id == _SPACE_ID)
    .values(seq=_space.c.seq + 1)
    .returning(_space.c.seq, func.set_config("tallystick.seq", cast(_space.c.seq, Text), true()))
)

# Rises when members stop seeing something that they saw.
RAISE_SIGHT: Statement[()] = Statement(
    update(_space).where(_space.c.id == _SPACE_ID).values(sight_revision=_space.c.sight_revision + 1)
)

# Rises with every change of roles or membership: what clients hold may be more than they may see now.
RAISE_ACCESS: Statement[()] = Statement(
    update(_space).where(_space.c.id == _SPACE_ID).values(access_revision=_space.c.access_revision + 1)
)

# Hides a space from all its members, with everything in it, and brings it back.
HIDE_SPACE: Statement[()] = Statement(
    update(_space).where(_space.c.id == _SPACE_ID).values(deleted_at=bindparam("now", type_=DateTime(timezone=True)))
)
SHOW_SPACE: Statement[()] = Statement(update(_space).where(_space.c.id == _SPACE_ID).values(deleted_at=null()))

ANSWER = RowStatement(_answer)

# A new space starts at seq 1, which is the seq of the commit that makes it. No row: somebody else made it first, and whoever
# asks at the same time waits here until that is decided.
FOUND_SPACE: Statement[UUID] = prepare(
    insert_or_skip(_space)
    .values(
        id=bindparam("id", type_=Uuid),
        kind=bindparam("kind", type_=_space.c.kind.type),
        seq=1,
        epoch=bindparam("epoch", type_=Uuid),
        access_revision=1,
        key_generation=1,
        erased_at=null(),
    )
    .on_conflict_do_nothing()
    .returning(_space.c.id)  # type: ignore[arg-type]  # an INSERT that returns rows is run like a query
)
FOUND_CONTEXT = prepare(
    select(func.set_config("tallystick.seq", cast(bindparam("seq", type_=BigInteger), Text), true()))
)
FOUND_USER_SPACE: Statement[()] = Statement(
    insert(tables.user_space).values(
        user_id=bindparam("user_id", type_=Uuid), space_id=bindparam("space_id", type_=Uuid)
    )
)
