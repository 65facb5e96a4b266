"""What is known of single transactions: as they are, as they were, and when they were deleted?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, select

from tallystick.errors import NotVisible
from tallystick.ledger import tables
from tallystick.ledger.tables import TRANSACTION
from tallystick.ledger.transactions.references import TRANSACTIONS
from tallystick.store import history
from tallystick.store.pages import Page
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx
from tallystick.times import to_timestamp
from tallystick.v1.ledger_pb2 import Transaction, TransactionDraft
from tallystick.v1.ledger_service_pb2 import CreateTransactionRequest
from tallystick.v1.ledger_transactions_pb2 import TransactionRevision

_SPACE_ID = bindparam("space_id", type_=Uuid)
_transaction = tables.transaction

LIVE_TRANSACTIONS = prepare(
    select(_transaction.c.id, _transaction.c.version, _transaction.c.body).where(
        _transaction.c.space_id == _SPACE_ID,
        _transaction.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
        _transaction.c.deleted_at.is_(None),
    )
)


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
    return await history.get_revision(tx, TRANSACTION, transaction_id, version)


async def list_history(
    tx: ReadTx, transaction_id: UUID, requested: int, after: Sequence[str] | None
) -> Page[TransactionRevision]:
    """A page of revisions, newest first. `after` is the version of the last one of the page before."""
    visible = TRANSACTIONS(space_id=tx.space_id, ids=[transaction_id])
    page = await history.list_revisions(tx, TRANSACTION, transaction_id, visible, requested, after)
    revisions = [
        TransactionRevision(
            transaction=each.message,
            changed_at=to_timestamp(each.changed_at),
            changed_by=str(each.changed_by),
            fields=each.fields,
            deleted=each.is_deleted,
        )
        for each in page.items
    ]
    return Page(revisions, page.last)


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
