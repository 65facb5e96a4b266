"""What is known of single transactions: as they are, as they were, and when they were deleted?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Integer, Uuid, bindparam, func, select

from tallystick.errors import NotVisible
from tallystick.ledger import tables
from tallystick.ledger.tables import TRANSACTION
from tallystick.ledger.transactions.references import TRANSACTIONS
from tallystick.store import journal
from tallystick.store import tables as store_tables
from tallystick.store.journal import Op
from tallystick.store.pages import Page, page_size
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx
from tallystick.times import to_timestamp
from tallystick.v1.ledger_pb2 import Transaction, TransactionDraft
from tallystick.v1.ledger_service_pb2 import CreateTransactionRequest
from tallystick.v1.ledger_transactions_pb2 import TransactionRevision

_SPACE_ID = bindparam("space_id", type_=Uuid)
_transaction, _journal = tables.transaction, store_tables.journal

LIVE_TRANSACTIONS = prepare(
    select(_transaction.c.id, _transaction.c.version, _transaction.c.body).where(
        _transaction.c.space_id == _SPACE_ID,
        _transaction.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
        _transaction.c.deleted_at.is_(None),
    )
)
_revisions = select(
    _journal.c.seq,
    _journal.c.ordinal,
    _journal.c.op,
    _journal.c.at,
    _journal.c.actor_id,
    _journal.c.fields,
    _journal.c.body,
).where(_journal.c.space_id == _SPACE_ID, _journal.c.entity_id == bindparam("entity_id", type_=Uuid))
REVISIONS_BEFORE = prepare(
    _revisions.where(_journal.c.seq < bindparam("before", type_=BigInteger))
    .order_by(_journal.c.seq.desc())
    .limit(bindparam("limit", type_=Integer))
)
REVISION = prepare(_revisions.where(_journal.c.seq == bindparam("seq", type_=BigInteger)))
_NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Found:
    """A transaction that may be deleted."""

    transaction: Transaction
    deleted_at: datetime | None


async def get_transaction(tx: ReadTx, transaction_id: UUID) -> Transaction:
    return tx.require(TRANSACTION, await tx.fetch(LIVE_TRANSACTIONS(space_id=tx.space_id, ids=[transaction_id])))


async def get_with_deleted(tx: ReadTx, transaction_id: UUID) -> Found:
    rows = await tx.fetch(TRANSACTIONS(space_id=tx.space_id, ids=[transaction_id]))
    if not rows:
        raise NotVisible
    *row, deleted_at = rows[0]
    return Found(tx.open(TRANSACTION, (row[0], row[1], row[2])), deleted_at)


async def get_revision(tx: ReadTx, transaction_id: UUID, version: int) -> Transaction:
    """A transaction as a version of itself was."""
    rows = await tx.fetch(REVISION(space_id=tx.space_id, entity_id=transaction_id, seq=version))
    if not rows:
        raise NotVisible
    seq, ordinal, *_, body = rows[0]
    return _open(tx, transaction_id, seq, ordinal, body)


async def list_history(
    tx: ReadTx, transaction_id: UUID, requested: int, after: Sequence[str] | None
) -> Page[TransactionRevision]:
    """A page of revisions, newest first. `after` is the version of the last one of the page before."""
    size = page_size(requested)
    # Whoever may not see the transaction now may not see what it was.
    exists, rows = await tx.fetch_all(
        TRANSACTIONS(space_id=tx.space_id, ids=[transaction_id]),
        REVISIONS_BEFORE(
            space_id=tx.space_id,
            entity_id=transaction_id,
            before=int(after[0]) if after else _NEWEST,
            limit=size + 1,
        ),
    )
    if not exists:
        raise NotVisible
    revisions = [
        TransactionRevision(
            transaction=_open(tx, transaction_id, seq, ordinal, body),
            changed_at=to_timestamp(at),
            changed_by=str(actor_id),
            fields=fields,
            deleted=op == Op.DELETE,
        )
        for seq, ordinal, op, at, actor_id, fields, body in rows[:size]
    ]
    return Page(revisions, (str(rows[size - 1][0]),) if len(rows) > size else ())


def _open(tx: ReadTx, transaction_id: UUID, seq: int, ordinal: int, body: bytes) -> Transaction:
    return Transaction.FromString(tx.seal.open(journal.PLACE, journal.row_of(ordinal, transaction_id), seq, body))


def draft_of_request(request: CreateTransactionRequest) -> TransactionDraft:
    """The request as a draft, which can be filled in."""
    draft = TransactionDraft()
    for field, value in request.ListFields():
        if field.name not in TransactionDraft.DESCRIPTOR.fields_by_name:
            continue
        if field.is_repeated:
            getattr(draft, field.name).extend(value)
        elif field.message_type is not None:
            getattr(draft, field.name).CopyFrom(value)
        else:
            setattr(draft, field.name, value)
    return draft
