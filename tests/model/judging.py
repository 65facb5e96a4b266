"""May transactions change as somebody wants, given all else that is in the book? A batch is judged by what it leaves behind."""

from collections.abc import Sequence

from model.drafts import EXPENSE, REFUND, magnitude
from model.state import CLEARED, MONEY_MAX, RECONCILED, Book, Faults, Refused, Step, lines_of, moves, sees
from tallystick_client.v1.ledger_pb2 import Account, AccountBalance, Entry, Transaction
from tallystick_client.v1.money_pb2 import Money


def unlocked(before: Transaction, after: Transaction | None, *, unlock: bool) -> Transaction | None:
    """What a statement covers changes only for who says so, and is not covered any more then."""
    following = {entry.line: entry for entry in after.entries} if after else {}
    for entry in before.entries:
        if entry.status != RECONCILED:
            continue
        now = following.get(entry.line)
        is_same = now is not None and (now.account_id, now.amount, now.status) == (
            entry.account_id,
            entry.amount,
            RECONCILED,
        )
        if is_same and after is not None and after.booked_on == before.booked_on:
            continue
        if not unlock:
            raise Refused(["ENTRY_RECONCILED"])
        if now is not None and now.status == RECONCILED:
            now.status = CLEARED
    if after is not None:
        after.status = min(entry.status for entry in after.entries)
    return after


def settled(book: Book, user: str, steps: Sequence[Step], *, reimport: bool = False) -> list[AccountBalance]:
    """What the accounts hold after steps that were judged each by itself."""
    no = Faults()
    for step in steps:
        _judge_accounts(book, user, step, no)
    _judge_refunds(book, user, steps, no)
    _judge_imports(book, steps, no, reimport=reimport)
    no.stop()
    balances = [_balance(book, user, steps, account_id, no) for account_id in moves(steps)]
    no.stop()
    return balances


def _judge_accounts(book: Book, user: str, step: Step, no: Faults) -> None:
    """Whoever changes what is booked on an account must see it. Nothing new is booked on one after the day it was closed; what is there
    may be corrected where it is."""
    before, after = (_hidden(book, user, each) for each in step)
    no.when(before != after, "NOT_FOUND")
    if step.after is None:
        return
    stays = step.before is not None and step.before.booked_on == step.after.booked_on
    here = {entry.account_id for entry in step.before.entries} if stays and step.before else set()
    for entry in step.after.entries:
        if entry.account_id in here:
            continue
        account = book.find(user, Account, entry.account_id)
        if not no.when(account is None, "NOT_FOUND") and account is not None:
            no.when(account.closed_on and step.after.booked_on > account.closed_on, "ACCOUNT_CLOSED")


def _hidden(book: Book, user: str, transaction: Transaction | None) -> list[Entry]:
    entries = transaction.entries if transaction else ()
    return [entry for entry in entries if book.find(user, Account, entry.account_id) is None]


def _judge_refunds(book: Book, user: str, steps: Sequence[Step], no: Faults) -> None:
    """Whichever of them changes: refunds give back an expense, all together no more than it, and it stays while they do. A later step
    sees what an earlier one did; what goes together holds nothing back."""
    gone = {step.before.id for step in steps if step.before and not step.after}
    there = {each.id: each for each in book.everything(Transaction) if each.id not in gone}
    for before, after in steps:
        if after is not None:
            there[after.id] = after
            if after.refund_of_id and not _is_same_refund(before, after):
                _judge_refund(user, there, after, no)
        refunds = [each for each in there.values() if before is not None and each.refund_of_id == before.id]
        if not refunds:
            continue
        currency = refunds[0].entries[0].amount.currency
        stays = after is not None and (after.kind, after.entries[0].amount.currency) == (EXPENSE, currency)
        if after is None or before is None or not stays or after.private_to != before.private_to:
            no.add("REFUNDED")
        else:
            no.when(_is_exceeded(after, refunds), "REFUND_EXCEEDS_ORIGINAL")


def _is_same_refund(before: Transaction | None, after: Transaction) -> bool:
    if before is None:
        return False
    one, other = ((each.kind, each.refund_of_id, each.private_to, magnitude(each)) for each in (before, after))
    return one == other


def _judge_refund(user: str, there: dict[str, Transaction], refund: Transaction, no: Faults) -> None:
    no.when(refund.kind != REFUND, "INVALID_REFUND")
    expense = there.get(refund.refund_of_id)
    if no.when(expense is None or not sees(user, expense), "NOT_FOUND") or expense is None:
        return
    is_alike = magnitude(expense).currency == magnitude(refund).currency and expense.private_to == refund.private_to
    if no.when(expense.kind != EXPENSE or not is_alike, "INVALID_REFUND"):
        return
    refunds = [each for each in there.values() if each.refund_of_id == expense.id]
    no.when(_is_exceeded(expense, refunds), "REFUND_EXCEEDS_ORIGINAL")


def _is_exceeded(expense: Transaction, refunds: Sequence[Transaction]) -> bool:
    return sum(magnitude(each).minor for each in refunds) > magnitude(expense).minor


def _judge_imports(book: Book, steps: Sequence[Step], no: Faults, *, reimport: bool) -> None:
    """What the bank calls an entry is on its account once."""
    ids = {each.id for step in steps for each in step if each}
    keys = [_keys(step.after) for step in steps]
    others = [each for each in book.everything(Transaction) if each.id not in ids]
    live = {key for each in others for key in _keys(each)}
    deleted = {
        key
        for each in book.gone.values()
        if isinstance(each, Transaction) and each.id not in ids
        for key in _keys(each)
    }
    for number, step in enumerate(steps):
        claimed = keys[number] - _keys(step.before)
        no.when(claimed & live, "IMPORT_KEY_TAKEN")
        no.when(not reimport and claimed & deleted - live, "IMPORT_KEY_DELETED")
        if any(claimed & own for other, own in enumerate(keys) if other != number):
            no.update(["DUPLICATE_IN_BATCH", "IMPORT_KEY_TAKEN"])


def _keys(transaction: Transaction | None) -> set[tuple[str, str]]:
    entries = transaction.entries if transaction else ()
    return {(entry.account_id, entry.import_key) for entry in entries if entry.import_key}


def _balance(book: Book, user: str, steps: Sequence[Step], account_id: str, no: Faults) -> AccountBalance:
    account = book.find(user, Account, account_id)
    if account is None:
        no.add("NOT_FOUND")
        return AccountBalance()
    ids = {each.id for step in steps for each in step if each}
    lines = [*book.lines(without=ids), *(line for step in steps for line in lines_of(step.after))]
    sums: dict[tuple[str, ...], int] = {(): 0}
    for line in lines:
        if line.account_id == account_id:
            for key in ((), (line.booked_on[:7],), (line.booked_on[:7], line.category_id)):
                sums[key] = sums.get(key, 0) + line.minor
    if no.when(any(abs(minor) > MONEY_MAX for minor in sums.values()), "AMOUNT_OUT_OF_RANGE"):
        return AccountBalance()
    amount = Money(currency=account.currency, minor=sums[()])
    return AccountBalance(account_id=account_id, balance=amount, version=book.next_seq)
