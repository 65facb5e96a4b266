"""What must a command on accounts be answered, and what must be there after it?"""

from collections.abc import Callable
from typing import Any

from model.drafts import DECIMALS, exists_on_calendar, touched
from model.judging import settled
from model.state import (
    CLEARED,
    MONEY_MAX,
    PENDING,
    RECONCILED,
    Answer,
    Book,
    Command,
    Faults,
    Put,
    Refused,
    Step,
    changed,
    differing,
    is_stale,
    require,
    require_new,
)
from tallystick_client.v1 import ledger_accounts_pb2 as accounts
from tallystick_client.v1 import ledger_pb2 as pb
from tallystick_client.v1 import ledger_service_pb2 as service
from tallystick_client.v1.ledger_templates_pb2 import Template
from tallystick_client.v1.money_pb2 import Money

OPENING, ADJUSTMENT = pb.TransactionKind.TRANSACTION_KIND_OPENING, pb.TransactionKind.TRANSACTION_KIND_ADJUSTMENT
_CHANGEABLE = ("name", "type", "position", "icon", "color", "note", "private")


def create_account(book: Book, user: str, asked: service.CreateAccountRequest, said: Any) -> Answer:
    no = Faults()
    opening = asked.opening_balance
    no.when(not asked.name.strip() or (opening.minor and not asked.opening_on), "INVALID_FIELD")
    no.when(asked.currency not in DECIMALS, "UNKNOWN_CURRENCY")
    no.when(asked.opening_on and not exists_on_calendar(asked.opening_on), "INVALID_DATE")
    no.when(opening.minor and opening.currency != asked.currency, "CURRENCY_MISMATCH")
    no.when(opening.minor < -MONEY_MAX, "AMOUNT_OUT_OF_RANGE")
    require_new(book, asked.account_id, no)
    account = pb.Account(
        id=asked.account_id,
        book_id=book.id,
        name=asked.name.strip(),
        type=asked.type,
        currency=asked.currency,
        version=book.next_seq,
        position=asked.position,
        icon=asked.icon,
        color=asked.color,
        note=asked.note,
        private_to=user if asked.private else "",
    )
    if not opening.minor:
        return service.CreateAccountResponse(account=account), [Put(account)]
    account.opening_transaction_id = said.opening.id if said else ""
    transaction = pb.Transaction(
        id=account.opening_transaction_id,
        book_id=book.id,
        kind=OPENING,
        booked_on=asked.opening_on,
        entries=[pb.Entry(account_id=account.id, amount=opening, status=CLEARED)],
        status=CLEARED,
        private_to=account.private_to,
        version=book.next_seq,
    )
    return service.CreateAccountResponse(account=account, opening=transaction), [Put(account), Put(transaction)]


def update_account(book: Book, user: str, asked: accounts.UpdateAccountRequest, said: Any) -> Answer:
    before = require(book.find(user, pb.Account, asked.account_id))
    names = touched(asked, asked.update_mask.paths, _CHANGEABLE)
    after = changed(book, before, **{name: getattr(asked, name) for name in names if name != "private"})
    if "private" in names:
        after.private_to = user if asked.private else ""
    after.name = after.name.strip()
    no = Faults()
    no.when(not after.name or not after.type, "INVALID_FIELD")
    changing = differing(before, after)
    compared = any(each.account_id == before.id for each in book.everything(pb.Reconciliation))
    in_use = compared or book.was_booked_on(before.id) or _in_template(book, before.id, even_deleted=True)
    no.when("private_to" in changing and in_use, "IN_USE")
    no.when(is_stale(book, user, asked, before.id, changing), "STALE_VERSION")
    no.stop()
    answer = accounts.UpdateAccountResponse(account=after if changing else before)
    return answer, [Put(after)] if changing else []


def close_account(book: Book, user: str, asked: accounts.CloseAccountRequest, said: Any) -> Answer:
    no = Faults()
    before = book.find(user, pb.Account, asked.account_id)
    no.when(before is None, "NOT_FOUND")
    no.when(not exists_on_calendar(asked.closed_on), "INVALID_DATE")
    later = (line for line in book.lines() if line.account_id == asked.account_id and line.booked_on > asked.closed_on)
    no.when(before and any(later), "INVALID_DATE")
    no.stop()
    return _set_closed(book, require(before), asked.closed_on, accounts.CloseAccountResponse)


def reopen_account(book: Book, user: str, asked: accounts.ReopenAccountRequest, said: Any) -> Answer:
    before = require(book.find(user, pb.Account, asked.account_id))
    return _set_closed(book, before, "", accounts.ReopenAccountResponse)


def _set_closed(book: Book, before: pb.Account, closed_on: str, response: Callable[..., Any]) -> Answer:
    if before.closed_on == closed_on:
        return response(account=before), []
    after = changed(book, before, closed_on=closed_on)
    return response(account=after), [Put(after)]


def delete_account(book: Book, user: str, asked: accounts.DeleteAccountRequest, said: Any) -> Answer:
    account = require(book.find(user, pb.Account, asked.account_id))
    booked = [each for each in book.everything(pb.Transaction) if _moves(each, account.id)]
    in_template = any(
        account.id
        in (each.draft.account_id, each.draft.to_account_id, *(part.account_id for part in each.draft.splits))
        for each in book.everything(Template)
    )
    if in_template or any(each.id != account.opening_transaction_id for each in booked):
        raise Refused(["IN_USE"])
    settled(book, user, [Step(opening, None) for opening in booked])
    gone = changed(book, account)
    puts = [Put(changed(book, opening), is_deleted=True) for opening in booked]
    return accounts.DeleteAccountResponse(account=gone), [*puts, Put(gone, is_deleted=True)]


def _in_template(book: Book, account_id: str, *, even_deleted: bool = False) -> bool:
    kept = [*book.live.values(), *(book.gone.values() if even_deleted else ())]
    drafts = [each.draft for each in kept if isinstance(each, Template)]
    return any(
        account_id in (draft.account_id, draft.to_account_id, *(part.account_id for part in draft.splits))
        for draft in drafts
    )


def _moves(transaction: pb.Transaction, account_id: str) -> bool:
    return any(entry.account_id == account_id for entry in transaction.entries)


def restore_account(book: Book, user: str, asked: accounts.RestoreAccountRequest, said: Any) -> Answer:
    found = book.find(user, pb.Account, asked.account_id)
    if found is not None:
        return accounts.RestoreAccountResponse(account=found), []
    gone = require(book.find_gone(user, pb.Account, asked.account_id))
    back = changed(book, gone)
    opening = book.gone.get(gone.opening_transaction_id)
    puts = [Put(back)]
    if opening is not None and opening.version == gone.version:
        puts.append(Put(changed(book, opening)))
    return accounts.RestoreAccountResponse(account=back), puts


def reconcile_account(book: Book, user: str, asked: accounts.ReconcileAccountRequest, said: Any) -> Answer:
    no, statement = Faults(), asked.statement_balance
    account = book.find(user, pb.Account, asked.account_id)
    no.when(not exists_on_calendar(asked.statement_on), "INVALID_DATE")
    no.when(account is None, "NOT_FOUND")
    no.when(account and statement.currency != account.currency, "CURRENCY_MISMATCH")
    no.stop()
    account = require(account)
    difference = statement.minor - book.held(account.id, asked.statement_on).cleared
    no.when(difference and not asked.adjust, "STATEMENT_MISMATCH")
    no.when(difference and account.closed_on and asked.statement_on > account.closed_on, "ACCOUNT_CLOSED")
    no.when(abs(difference) > MONEY_MAX, "AMOUNT_OUT_OF_RANGE")
    no.stop()
    puts = [Put(each) for each in _covered(book, account.id, asked.statement_on)]
    adjustment = None
    if difference:
        adjustment = pb.Transaction(
            id=said.adjustment.id if said else "",
            book_id=book.id,
            kind=ADJUSTMENT,
            booked_on=asked.statement_on,
            entries=[
                pb.Entry(
                    account_id=account.id,
                    amount=Money(currency=account.currency, minor=difference),
                    status=RECONCILED,
                )
            ],
            status=RECONCILED,
            private_to=account.private_to,
            version=book.next_seq,
        )
        puts.append(Put(adjustment))
    settled(book, user, book.steps_of(puts))
    require_new(book, asked.reconciliation_id, no)
    covered = [
        line
        for line in book.lines()
        if line.account_id == account.id and line.booked_on <= asked.statement_on and line.status != PENDING
    ]
    reconciliation = pb.Reconciliation(
        id=asked.reconciliation_id,
        book_id=book.id,
        account_id=account.id,
        statement_balance=statement,
        statement_on=asked.statement_on,
        entries_reconciled=len(covered) + bool(adjustment),
        adjustment_id=adjustment.id if adjustment else "",
        version=book.next_seq,
        private_to=account.private_to,
    )
    if asked.statement_on > account.reconciled_on:
        puts.append(Put(changed(book, account, reconciled_on=asked.statement_on)))
    answer = accounts.ReconcileAccountResponse(reconciliation=reconciliation, adjustment=adjustment)
    return answer, [*puts, Put(reconciliation)]


def _covered(book: Book, account_id: str, until: str) -> list[pb.Transaction]:
    """What becomes reconciled, as it is then."""
    found = []
    for before in book.everything(pb.Transaction):
        after = changed(book, before)
        for entry in after.entries:
            if entry.account_id == account_id and entry.status == CLEARED and after.booked_on <= until:
                entry.status = RECONCILED
        after.status = min(entry.status for entry in after.entries)
        if differing(before, after):
            found.append(after)
    return found


COMMANDS: dict[str, Command] = {
    "CreateAccount": create_account,
    "UpdateAccount": update_account,
    "CloseAccount": close_account,
    "ReopenAccount": reopen_account,
    "DeleteAccount": delete_account,
    "RestoreAccount": restore_account,
    "ReconcileAccount": reconcile_account,
}
