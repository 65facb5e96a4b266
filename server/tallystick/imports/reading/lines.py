"""What does every file come down to, whatever its format? Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from tallystick.currencies import EXPONENTS
from tallystick.errors import InvalidInput
from tallystick.ledger.rules import AMOUNT_MAX

# Whoever has more than this in one file can bring it in parts: it is read as a whole, in memory.
LINES_MAX = 200_000
# Of one cell or field. No bank tells more of a payment, and whatever is longer would be kept as its note.
TEXT_CHARS_MAX = 10_000


class Amount(NamedTuple):
    """What is gained above zero, what is spent below; in the smallest unit of the currency."""

    currency: str
    minor: int


@dataclass(frozen=True, slots=True)
class Line:
    """One movement of money as the file tells it. Texts are as they stand there; nothing is known of the book yet."""

    # Where it begins in the file, so that people find it: the first line is 1.
    row: int
    day: date
    amount: Amount
    payee: str = ""
    note: str = ""
    # What the bank or the program calls it. Unique in its account at best.
    bank_id: str = ""
    category: str = ""
    account: str = ""
    # The account of the same person on the other side, where the file says that this is a transfer.
    other_account: str = ""
    # What was paid in another currency, where the file tells both.
    foreign: Amount | None = None
    # The bank has not booked it yet: its id and amount may still change.
    is_pending: bool = False


class RowError(NamedTuple):
    """A row that is left out, and why."""

    row: int
    field: str
    description: str


class Reading(NamedTuple):
    """All rows of a file: each is a line or an error."""

    lines: tuple[Line, ...]
    errors: tuple[RowError, ...] = ()


class UnreadableError(Exception):
    """One row is wrong. Readers turn it into a RowError and go on with the next."""

    def __init__(self, field: str, description: str) -> None:
        super().__init__(f"{field}: {description}")
        self.field = field
        self.description = description

    def at(self, row: int) -> RowError:
        return RowError(row, self.field, self.description)


def refusal(description: str, line: int = 0) -> InvalidInput:
    """The whole file is of no use. The line is where that was seen, 0 for nowhere in particular."""
    return InvalidInput.of_field("file", f"line {line}: {description}" if line else description)


def require_few(count: int, line: int) -> None:
    if count > LINES_MAX:
        raise refusal(f"has more than {LINES_MAX} rows", line)


def require_short(chars: int, line: int) -> None:
    if chars > TEXT_CHARS_MAX:
        raise refusal(f"has a text of more than {TEXT_CHARS_MAX} characters", line)


def require_currency(code: str) -> str:
    if code in EXPONENTS:
        return code
    known = code.strip().upper()
    if known not in EXPONENTS:
        raise UnreadableError("currency", f"{code[:20]!r} is no currency" if known else "is missing")
    return known


def to_amount(number: Decimal, currency: str, field: str = "amount") -> Amount:
    """The exact amount. What has more decimals than its currency is no amount of it, and is never rounded."""
    units, parts = number.as_integer_ratio()
    minor, rest = divmod(units * 10 ** EXPONENTS[require_currency(currency)], parts)
    if rest:
        raise UnreadableError(field, f"has more decimals than {currency}")
    if abs(minor) > AMOUNT_MAX:
        raise UnreadableError(field, "is too large")
    return Amount(currency, minor)
