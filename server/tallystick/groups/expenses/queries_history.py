"""How did an expense come to be as it is? What the journal holds of it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Uuid, bindparam, select

from tallystick.errors import NotVisible
from tallystick.groups.expenses.queries import EXPENSES, SPACE_ID
from tallystick.groups.tables import EXPENSE
from tallystick.store.journal import PLACE, Op, row_of
from tallystick.store.pages import Page, page_size
from tallystick.store.statements import prepare
from tallystick.store.tables import journal
from tallystick.store.tx import ReadTx
from tallystick.times import to_timestamp
from tallystick.v1.group_expenses_pb2 import Expense, ExpenseRevision

_revisions = select(
    journal.c.seq, journal.c.ordinal, journal.c.op, journal.c.at, journal.c.actor_id, journal.c.fields, journal.c.body
).where(
    journal.c.space_id == SPACE_ID,
    journal.c.entity_id == bindparam("entity_id", type_=Uuid),
    # Clients make ids: one may be that of another kind of entity, too.
    journal.c.entity_kind == EXPENSE.kind,
)
REVISIONS_BEFORE = prepare(
    _revisions.where(journal.c.seq < bindparam("before", type_=BigInteger))
    .order_by(journal.c.seq.desc())
    .limit(bindparam("limit", type_=Integer))
)
REVISION = prepare(_revisions.where(journal.c.seq == bindparam("seq", type_=BigInteger)))
_NEWEST = 2**63 - 1


async def get_revision(tx: ReadTx, expense_id: UUID, version: int) -> Expense:
    """An expense as a version of itself was."""
    rows = await tx.fetch(REVISION(space_id=tx.space_id, entity_id=expense_id, seq=version))
    if not rows:
        raise NotVisible
    seq, ordinal, *_, body = rows[0]
    return _open(tx, expense_id, seq, ordinal, body)


async def list_history(
    tx: ReadTx, expense_id: UUID, requested: int, after: Sequence[str] | None
) -> Page[ExpenseRevision]:
    """A page of revisions, newest first. `after` is the version of the last one of the page before."""
    size = page_size(requested)
    before = int(after[0]) if after else _NEWEST
    exists, rows = await tx.fetch_all(
        EXPENSES(space_id=tx.space_id, ids=[expense_id]),
        REVISIONS_BEFORE(space_id=tx.space_id, entity_id=expense_id, before=before, limit=size + 1),
    )
    if not exists:
        raise NotVisible
    revisions = [
        ExpenseRevision(
            expense=_open(tx, expense_id, seq, ordinal, body),
            changed_at=to_timestamp(at),
            changed_by=str(actor_id),
            fields=fields,
            deleted=op == Op.DELETE,
        )
        for seq, ordinal, op, at, actor_id, fields, body in rows[:size]
    ]
    return Page(revisions, (str(rows[size - 1][0]),) if len(rows) > size else ())


def _open(tx: ReadTx, expense_id: UUID, seq: int, ordinal: int, body: bytes) -> Expense:
    return Expense.FromString(tx.seal.open(PLACE, row_of(ordinal, expense_id), seq, body))
