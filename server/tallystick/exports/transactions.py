"""How do transactions become rows? Pure. A row for each entry, so that every column adds up: splits to the whole, transfers to nothing,
and the amounts of an account to what it holds."""

from collections.abc import Iterator

from tallystick.exports.names import Names
from tallystick.exports.sheets import Sheet, text
from tallystick.v1.ledger_pb2 import Entry, Transaction, TransactionKind, TransactionStatus

# The first ones are what imports look for.
COLUMNS = (
    *("Date", "Account", "Payee", "Category", "Amount", "Currency", "Note", "Id"),
    *("Category group", "Kind", "Status", "Split note", "Tags", "Payment method", "Transaction"),
)


def rows_of(transaction: Transaction, names: Names, sheet: Sheet) -> Iterator[tuple[str, ...]]:
    common = (
        TransactionKind.Name(transaction.kind).removeprefix("TRANSACTION_KIND_").lower(),
        text(names.of_tags(transaction)),
        text(names.payment_method(transaction.payment_method_id)),
        transaction.id,
    )
    for entry in transaction.entries:
        yield _row(transaction, entry, common, names, sheet)


def _row(
    transaction: Transaction, entry: Entry, common: tuple[str, str, str, str], names: Names, sheet: Sheet
) -> tuple[str, ...]:
    kind, tags, method, transaction_id = common
    status = entry.status or transaction.status
    return (
        transaction.booked_on,
        text(names.account(entry.account_id)),
        text(names.payee(transaction)),
        text(names.category(entry.category_id)),
        sheet.amount(entry.amount),
        entry.amount.currency,
        text(transaction.note),
        f"{transaction_id}/{entry.line}",
        text(names.above(entry.category_id)),
        kind,
        TransactionStatus.Name(status).removeprefix("TRANSACTION_STATUS_").lower() if status else "",
        text(entry.note),
        tags,
        method,
        transaction_id,
    )
