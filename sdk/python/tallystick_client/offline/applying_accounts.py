"""What do commands about accounts change?"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

from tallystick_client.offline.changing import CLEARED
from tallystick_client.offline.making import Making, Rule, shown_name
from tallystick_client.offline.masks import copy_of, overlay, touched
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.rows import Row
from tallystick_client.v1.ledger_accounts_pb2 import (
    CloseAccountRequest,
    DeleteAccountRequest,
    ReopenAccountRequest,
    RestoreAccountRequest,
    UpdateAccountRequest,
)
from tallystick_client.v1.ledger_pb2 import Account, Entry, Transaction, TransactionKind
from tallystick_client.v1.ledger_service_pb2 import CreateAccountRequest

_SHOWN = ("name", "type", "position", "icon", "color", "note", "held_by_member_id")
_PRIVATE = "private"


def _create(making: Making, command: CreateAccountRequest) -> Iterator[Row]:
    account = Account(
        id=making.require_new("account", command.account_id),
        book_id=making.space_id,
        name=shown_name(command.name),
        type=command.type,
        currency=command.currency,
        position=command.position,
        icon=command.icon,
        color=command.color,
        note=command.note,
        private_to=making.user_id if command.private else "",
        held_by_member_id=command.held_by_member_id,
        created_at=making.made_at,
    )
    if command.opening_balance.minor:
        opening = _compose_opening(making, command, account)
        account.opening_transaction_id = opening.id
        yield Row("transaction", opening.id, opening)
    yield Row("account", account.id, account)


def _compose_opening(making: Making, command: CreateAccountRequest, account: Account) -> Transaction:
    if command.opening_balance.currency != account.currency or not command.opening_on:
        raise CannotApply
    return Transaction(
        # The server will give it another.
        id=str(uuid5(UUID(account.id), "opening")),
        book_id=making.space_id,
        kind=TransactionKind.TRANSACTION_KIND_OPENING,
        booked_on=command.opening_on,
        entries=[Entry(account_id=account.id, amount=command.opening_balance, status=CLEARED)],
        status=CLEARED,
        private_to=account.private_to,
        created_at=making.made_at,
    )


def _update(making: Making, command: UpdateAccountRequest) -> Iterator[Row]:
    before: Account = making.require("account", command.account_id)
    names = touched(command.update_mask.paths, command, (*_SHOWN, _PRIVATE))
    after = overlay(before, command, [name for name in names if name != _PRIVATE])
    after.name = shown_name(after.name)
    if not after.type:
        raise CannotApply
    if _PRIVATE in names:
        after.private_to = making.user_id if command.private else ""
    yield Row("account", after.id, after)


def _close(making: Making, command: CloseAccountRequest) -> Iterator[Row]:
    yield _set_closed(making, command, command.closed_on)


def _reopen(making: Making, command: ReopenAccountRequest) -> Iterator[Row]:
    yield _set_closed(making, command, "")


def _set_closed(making: Making, command: Any, closed_on: str) -> Row:
    account: Account = copy_of(making.require("account", command.account_id))
    account.closed_on = closed_on
    return Row("account", account.id, account)


def _delete(making: Making, command: DeleteAccountRequest) -> Iterator[Row]:
    """With its opening balance."""
    account: Account = making.require("account", command.account_id)
    opening = making.live("transaction", account.opening_transaction_id)
    if opening is not None:
        opening = copy_of(opening)
        # The same version says that it went with the account.
        opening.version = account.version
        yield Row("transaction", opening.id, opening, deleted=True)
    yield Row("account", account.id, account, deleted=True)


def _restore(making: Making, command: RestoreAccountRequest) -> Iterator[Row]:
    """With its opening balance, if that went with it."""
    account: Account | None = making.find_deleted("account", command.account_id)
    if account is None:
        return
    row = making.find("transaction", account.opening_transaction_id)
    if row is not None and row.deleted and row.message.version == account.version:
        yield row._replace(deleted=False)
    yield Row("account", account.id, account)


ACCOUNT_RULES: dict[str, Rule] = {
    "create_account": _create,
    "update_account": _update,
    "close_account": _close,
    "reopen_account": _reopen,
    "delete_account": _delete,
    "restore_account": _restore,
}
