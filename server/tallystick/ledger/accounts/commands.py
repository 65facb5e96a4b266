"""What shall happen to accounts? One function per writing call, run inside the write door."""

from datetime import date
from uuid import UUID

from tallystick import masks
from tallystick.budgets.items.queries import is_named_by_item
from tallystick.errors import InvalidInput, NotVisible, Stale
from tallystick.identity.queries import FIELDS_CHANGED_SINCE
from tallystick.ledger import rules
from tallystick.ledger.accounts import queries
from tallystick.ledger.accounts import rules as account_rules
from tallystick.ledger.links.queries import is_made_for_link
from tallystick.ledger.links.rules import follows_group
from tallystick.ledger.nouns.queries import find_all
from tallystick.ledger.sums import Sums
from tallystick.ledger.tables import ACCOUNT
from tallystick.ledger.templates.queries import TEMPLATES
from tallystick.ledger.transactions.posting import Step, post
from tallystick.ledger.transactions.queries import get_with_deleted
from tallystick.ledger.transactions.references import References
from tallystick.ledger.transactions.rules import CLEARED, Named, currency_mismatch
from tallystick.merging import changed_fields
from tallystick.spaces.rules import require_present
from tallystick.store.members import MEMBER, MEMBER_BY_ID
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_accounts_pb2 import (
    CloseAccountRequest,
    CloseAccountResponse,
    DeleteAccountRequest,
    DeleteAccountResponse,
    ReopenAccountRequest,
    ReopenAccountResponse,
    RestoreAccountRequest,
    RestoreAccountResponse,
    UpdateAccountRequest,
    UpdateAccountResponse,
)
from tallystick.v1.ledger_pb2 import Account, Entry, Transaction, TransactionKind
from tallystick.v1.ledger_service_pb2 import CreateAccountRequest, CreateAccountResponse

_SHOWN = ("name", "type", "position", "icon", "color", "note", "held_by_member_id")
_PRIVATE = "private"


async def create_account(tx: WriteTx, request: CreateAccountRequest) -> CreateAccountResponse:
    account = Account(
        id=rules.canonical(request.account_id) or str(tx.new_id()),
        book_id=str(tx.space_id),
        name=rules.require_name("name", request.name),
        type=request.type,
        currency=rules.require_currency("currency", request.currency),
        position=request.position,
        icon=request.icon,
        color=request.color,
        note=request.note,
        private_to=str(tx.caller.user_id) if request.private else "",
        held_by_member_id=await _require_holder(tx, request.held_by_member_id),
        created_at=to_timestamp(tx.now),
    )
    opening = _compose_opening(tx, request, account)
    if opening is None:
        return CreateAccountResponse(account=tx.add(ACCOUNT, account))
    account.opening_transaction_id = opening.id
    tx.add(ACCOUNT, account)
    # Nothing was booked on an account that was not there.
    known = References(Named({account.id: account}, {}), {UUID(account.id): Sums()}, {})
    await post(tx, [Step(None, opening)], known)
    return CreateAccountResponse(account=account, opening=opening)


async def _require_holder(tx: WriteTx, member_id: str) -> str:
    """Somebody of the household, with a login or without."""
    if not member_id:
        return ""
    rows = await tx.fetch(MEMBER_BY_ID(space_id=tx.space_id, id=UUID(member_id)))
    return require_present(tx.require(MEMBER, rows)).id


def _compose_opening(tx: WriteTx, request: CreateAccountRequest, account: Account) -> Transaction | None:
    if request.opening_on:
        rules.require_date("opening_on", request.opening_on)
    if not request.opening_balance.minor:
        return None
    if request.opening_balance.currency != account.currency:
        raise currency_mismatch("opening_balance.currency")
    if abs(request.opening_balance.minor) > rules.AMOUNT_MAX:
        raise InvalidInput.of_field(
            "opening_balance.minor", "is out of range", ErrorReason.ERROR_REASON_AMOUNT_OUT_OF_RANGE
        )
    if not request.opening_on:
        raise InvalidInput.of_field("opening_on", "is needed with an opening balance")
    return Transaction(
        id=str(tx.new_id()),
        book_id=str(tx.space_id),
        kind=TransactionKind.TRANSACTION_KIND_OPENING,
        booked_on=request.opening_on,
        entries=[Entry(account_id=account.id, amount=request.opening_balance, status=CLEARED)],
        status=CLEARED,
        private_to=account.private_to,
        created_at=to_timestamp(tx.now),
    )


async def update_account(tx: WriteTx, request: UpdateAccountRequest) -> UpdateAccountResponse:
    account_id = UUID(request.account_id)
    names = masks.touched(request.update_mask.paths, request, (*_SHOWN, _PRIVATE))
    found, since, booked = await tx.fetch_all(
        queries.ACCOUNT_WITH_DELETED(space_id=tx.space_id, account_id=account_id),
        FIELDS_CHANGED_SINCE(space_id=tx.space_id, entity_id=account_id, version=masks.base_version(request)),
        queries.EVER_BOOKED(space_id=tx.space_id, account_id=account_id),
    )
    before = _require_live(tx, found)
    after = masks.overlay(before, request, [name for name in names if name != _PRIVATE])
    after.name = rules.require_name("name", after.name)
    if not after.type:
        raise InvalidInput.of_field("type", "must be stated")
    if _PRIVATE in names:
        after.private_to = str(tx.caller.user_id) if request.private else ""
    if rules.canonical(after.held_by_member_id) != before.held_by_member_id:
        after.held_by_member_id = await _require_holder(tx, after.held_by_member_id)
    changing = changed_fields(before, after)
    if "private_to" in changing:
        if booked:
            raise account_rules.in_use("account")
        await _require_unnamed(tx, before, even_deleted=True)
        # Whoever saw it must look again.
        tx.raise_access()
    if masks.is_stale(changing, (fields for (fields,) in since)):
        raise Stale(current_version=before.version)
    return UpdateAccountResponse(account=tx.put(ACCOUNT, before, after) if changing else before)


async def close_account(tx: WriteTx, request: CloseAccountRequest) -> CloseAccountResponse:
    closed_on = rules.require_date("closed_on", request.closed_on)
    account_id = UUID(request.account_id)
    found, later = await tx.fetch_all(
        queries.ACCOUNT_WITH_DELETED(space_id=tx.space_id, account_id=account_id),
        queries.BOOKED_AFTER(space_id=tx.space_id, account_id=account_id, until_on=closed_on),
    )
    before = _require_live(tx, found)
    if later:
        raise InvalidInput.of_field(
            "closed_on", "is before something that is booked", ErrorReason.ERROR_REASON_INVALID_DATE
        )
    return CloseAccountResponse(account=_set_closed(tx, before, request.closed_on))


async def reopen_account(tx: WriteTx, request: ReopenAccountRequest) -> ReopenAccountResponse:
    account_id = UUID(request.account_id)
    found = await tx.fetch(queries.ACCOUNT_WITH_DELETED(space_id=tx.space_id, account_id=account_id))
    return ReopenAccountResponse(account=_set_closed(tx, _require_live(tx, found), ""))


def _set_closed(tx: WriteTx, before: Account, closed_on: str) -> Account:
    if before.closed_on == closed_on:
        return before
    after = _copy(before)
    after.closed_on = closed_on
    return tx.put(ACCOUNT, before, after)


async def delete_account(tx: WriteTx, request: DeleteAccountRequest) -> DeleteAccountResponse:
    account_id = UUID(request.account_id)
    found, booked = await tx.fetch_all(
        queries.ACCOUNT_WITH_DELETED(space_id=tx.space_id, account_id=account_id),
        queries.BOOKED(space_id=tx.space_id, account_id=account_id),
    )
    account = _require_live(tx, found)
    if any(str(transaction_id) != account.opening_transaction_id for (transaction_id,) in booked):
        raise account_rules.in_use("account")
    if await is_made_for_link(tx, account.id):
        raise follows_group()
    await _require_unnamed(tx, account)
    if booked:
        opening = await get_with_deleted(tx, UUID(account.opening_transaction_id))
        await post(tx, [Step(opening.transaction, None)])
    return DeleteAccountResponse(account=tx.delete(ACCOUNT, account))


async def restore_account(tx: WriteTx, request: RestoreAccountRequest) -> RestoreAccountResponse:
    """With its opening balance, if that went with it."""
    rows = await tx.fetch(queries.ACCOUNT_WITH_DELETED(space_id=tx.space_id, account_id=UUID(request.account_id)))
    if not rows:
        raise NotVisible
    *row, deleted_at = rows[0]
    account = tx.open(ACCOUNT, (row[0], row[1], row[2]))
    if deleted_at is None:
        return RestoreAccountResponse(account=account)
    gone_with_it = account.version
    back = tx.put(ACCOUNT, account, _copy(account))
    if back.opening_transaction_id:
        opening = await get_with_deleted(tx, UUID(back.opening_transaction_id))
        if opening.deleted_at is not None and opening.transaction.version == gone_with_it:
            again = Transaction()
            again.CopyFrom(opening.transaction)
            # The account is put back in this very commit: what it held is read from its entries, and none of them is live.
            known = References(Named({back.id: back}, {}), {UUID(back.id): Sums()}, {})
            await post(tx, [Step(opening.transaction, again, is_deleted=True)], known)
    return RestoreAccountResponse(account=back)


async def _require_unnamed(tx: WriteTx, account: Account, *, even_deleted: bool = False) -> None:
    """What a template posts later is booked on the account as it is now, by whoever sees it now; and what an item of a budget names
    every member sees."""
    if await is_named_by_item(tx, "account_ids", account.id):
        raise account_rules.in_use("account")
    for deleted in (False, True) if even_deleted else (False,):
        if await find_all(tx, TEMPLATES, lambda each: account_rules.is_named(each.draft, account.id), deleted=deleted):
            raise account_rules.in_use("account")


def _require_live(tx: WriteTx, rows: list[tuple[UUID, int, bytes, date | None]]) -> Account:
    if not rows or rows[0][3] is not None:
        raise NotVisible
    return tx.open(ACCOUNT, rows[0][:3])


def _copy(account: Account) -> Account:
    copy = Account()
    copy.CopyFrom(account)
    return copy
