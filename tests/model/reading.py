"""What must be read in a book? Lists, balances on any day, and histories, each from nothing but the book's transactions."""

from collections.abc import Sequence
from typing import Any

from model.drafts import DECIMALS, EXPENSE, INCOME, REFUND, magnitude
from model.state import FOREVER, Book
from tallystick_client.v1 import ledger_accounts_pb2 as accounts
from tallystick_client.v1 import ledger_service_pb2 as service
from tallystick_client.v1.ledger_labels_pb2 import Payee
from tallystick_client.v1.ledger_pb2 import Account, AccountBalance, Category, Transaction
from tallystick_client.v1.ledger_transactions_pb2 import TransactionRevision
from tallystick_client.v1.money_pb2 import Money

BEGINNING = "0001-01-01"


def balance_of(book: Book, account: Account, as_of: str = "") -> service.GetAccountBalanceResponse:
    held = book.held(account.id, as_of)
    amount = Money(currency=account.currency, minor=held.minor)
    version = book.moved.get(account.id, 0)
    return service.GetAccountBalanceResponse(
        balance=AccountBalance(account_id=account.id, balance=amount, version=version),
        cleared=Money(currency=account.currency, minor=held.cleared),
    )


def all_accounts(book: Book, user: str, *, deleted: bool = False) -> list[tuple[Account, AccountBalance]]:
    found = sorted(book.all(user, Account, deleted=deleted), key=lambda each: (each.position, each.id))
    return [(each, balance_of(book, each).balance) for each in found]


def newest_first(transaction: Transaction) -> tuple[str, str]:
    return transaction.booked_on, transaction.id


def account_lines(book: Book, user: str, account: Account, first: str, last: str) -> list[accounts.AccountLine]:
    balance, lines = 0, []
    for transaction in sorted(book.everything(Transaction), key=newest_first):
        amounts = [entry.amount.minor for entry in transaction.entries if entry.account_id == account.id]
        balance += sum(amounts)
        if amounts and (first or BEGINNING) <= transaction.booked_on <= (last or FOREVER):
            lines.append(
                accounts.AccountLine(
                    transaction=transaction,
                    amount=Money(currency=account.currency, minor=sum(amounts)),
                    balance=Money(currency=account.currency, minor=balance),
                )
            )
    return lines[::-1]


def revisions(book: Book, user: str, transaction_id: str) -> list[TransactionRevision]:
    found = []
    for revision in book.changed_since(user, transaction_id, 0)[::-1]:
        fields = [field.name for field in Transaction.DESCRIPTOR.fields if field.name in revision.fields]
        found.append(TransactionRevision(transaction=revision.entity, fields=fields, deleted=revision.is_deleted))
    return found


def matching(book: Book, user: str, asked: service.ListTransactionsRequest) -> list[Transaction]:
    found = [each for each in book.all(user, Transaction, deleted=asked.deleted) if _fits(book, each, asked)]
    by_amount = asked.order_by >= service.TransactionOrder.TRANSACTION_ORDER_AMOUNT_DESCENDING
    ascending = asked.order_by in (
        service.TransactionOrder.TRANSACTION_ORDER_DATE_ASCENDING,
        service.TransactionOrder.TRANSACTION_ORDER_AMOUNT_ASCENDING,
    )
    return sorted(found, key=_amount_first if by_amount else newest_first, reverse=not ascending)


def _amount_first(transaction: Transaction) -> tuple[int, str]:
    amount = magnitude(transaction)
    return amount.minor * 10 ** (max(DECIMALS.values()) - DECIMALS[amount.currency]), transaction.id


def _fits(book: Book, transaction: Transaction, asked: service.ListTransactionsRequest) -> bool:
    entries = transaction.entries
    amount = magnitude(transaction)
    wanted: list[tuple[Sequence[Any], set[Any]]] = [
        (asked.account_ids, {entry.account_id for entry in entries}),
        (_with_those_below(book, asked.category_ids), {entry.category_id for entry in entries}),
        (asked.currencies, {entry.amount.currency for entry in entries}),
        (asked.payee_ids, {transaction.payee_id}),
        (asked.tag_ids, set(transaction.tag_ids)),
        (asked.kinds, {transaction.kind}),
        (asked.statuses, {transaction.status}),
    ]
    if any(values and not has.intersection(values) for values, has in wanted):
        return False
    if not (asked.booked_from or BEGINNING) <= transaction.booked_on <= (asked.booked_until or FOREVER):
        return False
    for bound, sign in ((asked.min_amount, 1), (asked.max_amount, -1)):
        if bound.currency and (bound.currency != amount.currency or sign * (amount.minor - bound.minor) < 0):
            return False
    return asked.text.casefold() in _words(book, transaction)


def _with_those_below(book: Book, category_ids: Sequence[str]) -> list[str]:
    found = list(category_ids)
    tree = [each for each in (*book.live.values(), *book.gone.values()) if isinstance(each, Category)]
    for one in found:
        found += [each.id for each in tree if each.parent_id == one and each.id not in found]
    return found


def _words(book: Book, transaction: Transaction) -> str:
    payee = book.live.get(transaction.payee_id) or book.gone.get(transaction.payee_id)
    name = payee.name if isinstance(payee, Payee) else ""
    texts = (transaction.payee, transaction.note, *(entry.note for entry in transaction.entries), name)
    return "\n".join(texts).casefold()


def totals(found: Sequence[Transaction]) -> service.TransactionTotals:
    sums: dict[str, service.CurrencyTotals] = {}
    for transaction in found:
        for entry in transaction.entries:
            money, currency = entry.amount, entry.amount.currency
            each = sums.setdefault(
                currency,
                service.CurrencyTotals(
                    spent=Money(currency=currency), earned=Money(currency=currency), net=Money(currency=currency)
                ),
            )
            each.net.minor += money.minor
            if transaction.kind in (EXPENSE, REFUND):
                each.spent.minor -= money.minor
            elif transaction.kind == INCOME:
                each.earned.minor += money.minor
    return service.TransactionTotals(count=len(found), currencies=[sums[each] for each in sorted(sums)])
