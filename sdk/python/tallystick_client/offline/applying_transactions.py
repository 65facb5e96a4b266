"""What do commands about transactions change?"""

from collections.abc import Iterator
from typing import Any

from tallystick_client.offline.changing import bring_back, change, compose_from, require_deletable
from tallystick_client.offline.composing import Draft
from tallystick_client.offline.making import Making, Rule
from tallystick_client.offline.rows import Row
from tallystick_client.v1.ledger_pb2 import Transaction
from tallystick_client.v1.ledger_service_pb2 import CreateTransactionRequest
from tallystick_client.v1.ledger_transactions_pb2 import (
    BatchCreateTransactionsRequest,
    BatchDeleteTransactionsRequest,
    BatchUpdateTransactionsRequest,
    DeleteTransactionRequest,
    RestoreTransactionRequest,
    UpdateTransactionRequest,
)

_KIND = "transaction"


def _create(making: Making, command: CreateTransactionRequest) -> Iterator[Row]:
    yield _new(making, command)


def _batch_create(making: Making, command: BatchCreateTransactionsRequest) -> Iterator[Row]:
    for draft in command.transactions:
        yield _new(making, draft)


def _new(making: Making, draft: Draft) -> Row:
    """What the book's rules would fill in is for the server to say."""
    made = Transaction(
        id=making.require_new(_KIND, draft.transaction_id), book_id=making.space_id, created_at=making.made_at
    )
    return Row(_KIND, made.id, compose_from(draft, made, (), making.view))


def _update(making: Making, command: UpdateTransactionRequest) -> Iterator[Row]:
    yield _changed(making, command, unlock=command.unlock)


def _batch_update(making: Making, command: BatchUpdateTransactionsRequest) -> Iterator[Row]:
    for update in command.updates:
        yield _changed(making, update, unlock=command.unlock)


def _changed(making: Making, update: Any, *, unlock: bool) -> Row:
    before: Transaction = making.require(_KIND, update.transaction_id)
    return Row(_KIND, before.id, change(before, update, making.view, unlock=unlock))


def _delete(making: Making, command: DeleteTransactionRequest) -> Iterator[Row]:
    yield _deleted(making, command.transaction_id, unlock=command.unlock)


def _batch_delete(making: Making, command: BatchDeleteTransactionsRequest) -> Iterator[Row]:
    for transaction_id in command.transaction_ids:
        yield _deleted(making, transaction_id, unlock=command.unlock)


def _deleted(making: Making, transaction_id: str, *, unlock: bool) -> Row:
    before: Transaction = making.require(_KIND, transaction_id)
    require_deletable(before, unlock=unlock)
    return Row(_KIND, before.id, before, deleted=True)


def _restore(making: Making, command: RestoreTransactionRequest) -> Iterator[Row]:
    before: Transaction | None = making.find_deleted(_KIND, command.transaction_id)
    if before is not None:
        yield Row(_KIND, before.id, bring_back(before, making.view))


TRANSACTION_RULES: dict[str, Rule] = {
    "create_transaction": _create,
    "batch_create_transactions": _batch_create,
    "update_transaction": _update,
    "batch_update_transactions": _batch_update,
    "delete_transaction": _delete,
    "batch_delete_transactions": _batch_delete,
    "restore_transaction": _restore,
}
