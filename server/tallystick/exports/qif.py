"""How does a statement look as QIF? Pure. Days are written as YYYY-MM-DD and decimals with a point, which the format leaves open."""

from collections.abc import Iterable, Iterator

from tallystick.exports.names import Names
from tallystick.exports.numbers import plain
from tallystick.exports.statement import Line, Statement
from tallystick.v1.ledger_pb2 import AccountType, Entry, TransactionStatus

_TYPES = {
    AccountType.ACCOUNT_TYPE_CASH: "Cash",
    AccountType.ACCOUNT_TYPE_CREDIT_CARD: "CCard",
    AccountType.ACCOUNT_TYPE_LOAN: "Oth L",
    AccountType.ACCOUNT_TYPE_INVESTMENT: "Oth A",
    AccountType.ACCOUNT_TYPE_RECEIVABLE: "Oth A",
    AccountType.ACCOUNT_TYPE_OTHER: "Oth A",
}
_CLEARED = {
    TransactionStatus.TRANSACTION_STATUS_CLEARED: "C*",
    TransactionStatus.TRANSACTION_STATUS_RECONCILED: "CX",
}


def begin(statement: Statement) -> bytes:
    kind = _TYPES.get(statement.account.type, "Bank")
    name = _words(statement.account.name)
    return f"!Account\r\nN{name}\r\nT{kind}\r\n^\r\n!Type:{kind}\r\n".encode()


def transactions(statement: Statement, lines: Iterable[Line], names: Names) -> bytes:
    return "".join(f"{part}\r\n" for line in lines for part in _transaction(statement, line, names)).encode()


def _transaction(statement: Statement, line: Line, names: Names) -> Iterator[str]:
    transaction, currency = line.transaction, statement.account.currency
    yield f"D{transaction.booked_on}"
    yield f"T{plain(line.moved, currency)}"
    if line.status in _CLEARED:
        yield _CLEARED[line.status]
    if payee := _words(line.payee):
        yield f"P{payee}"
    if note := _words(transaction.note):
        yield f"M{note}"
    own = [entry for entry in transaction.entries if entry.account_id == statement.account.id]
    if line.is_transfer and line.others:
        yield f"L[{_words(line.others[0])}]"
    elif len(own) == 1 and (category := _category(own[0], names)):
        yield f"L{category}"
    elif len(own) > 1:
        for entry in own:
            yield f"S{_category(entry, names)}"
            if note := _words(entry.note):
                yield f"E{note}"
            yield f"${plain(entry.amount.minor, currency)}"
    yield "^"


def _category(entry: Entry, names: Names) -> str:
    """With what it is below, as QIF writes it. A slash in a name would begin a class."""
    path = [*filter(None, names.above(entry.category_id).split(" / ")), names.category(entry.category_id)]
    return ":".join(_words(each).replace("/", "-").replace(":", "-") for each in path if each)


def _words(value: str) -> str:
    """On one line, whatever it was."""
    return " ".join(value.split())
