"""What does a QIF file say? Pure. A letter at the beginning of each line says what it is; a caret ends a transaction.

The format has no order of dates and no decimal mark of its own: both are those of the computer that wrote it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tallystick.imports.reading.days import Order, find_orders, parse_day
from tallystick.imports.reading.lines import (
    Line,
    Reading,
    RowError,
    UnreadableError,
    refusal,
    require_few,
    require_short,
    to_amount,
)
from tallystick.imports.reading.numbers import Mark, find_marks, parse_number

# A transaction has some ten.
_TEXT_LINES_MAX = 1_000_000
# Lists of accounts, categories, securities: nothing that moves money. Investments are trades and not payments.
_MOVING = {"bank", "cash", "ccard", "oth a", "oth l"}
_END = "^"


@dataclass(slots=True)
class Entry:
    """The lines of one transaction by their letters; of splits only that there are some."""

    row: int
    account: str = ""
    values: dict[str, str] = field(default_factory=dict)
    splits: list[str] = field(default_factory=list)


class Open(NamedTuple):
    """What the file leaves open: more than one order or mark that fits all of it."""

    orders: tuple[Order, ...]
    marks: tuple[Mark, ...]


def is_qif(text: str) -> bool:
    first = text.lstrip("\ufeff \t\r\n")[:20].casefold()
    return first.startswith(("!type:", "!account", "!option:", "!clear:"))


def what_fits(text: str) -> Open:
    """The orders and decimal marks of which all of the file can be. None where some of its rows are wrong."""
    entries = [*_entries(text)]
    return Open(
        find_orders(_day_text(entry) for entry in entries if "D" in entry.values),
        find_marks(entry.values["T"] for entry in entries if "T" in entry.values),
    )


def read_qif(text: str, order: Order, mark: Mark, currency: str) -> Reading:
    lines: list[Line] = []
    errors: list[RowError] = []
    for entry in _entries(text):
        try:
            lines.append(_line(entry, order, mark, currency))
        except UnreadableError as wrong:
            errors.append(wrong.at(entry.row))
        require_few(len(lines) + len(errors), entry.row)
    return Reading(tuple(lines), tuple(errors))


def _entries(text: str) -> Iterator[Entry]:
    kind, account, entry, number = "", "", Entry(1), 0
    for number, line in _lines(text):
        if line.startswith("!"):
            kind, entry = _kind(line, kind), Entry(number + 1, account)
        elif line != _END:
            _take(entry, line)
        else:
            if kind == "account":
                account = entry.values.get("N", "")
            elif kind in _MOVING and entry.values:
                yield entry
            entry = Entry(number + 1, account)
    if kind in _MOVING and entry.values:
        raise refusal("ends within a transaction", number)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """All that are not empty, with their number."""
    if not is_qif(text):
        raise refusal("is no QIF")
    for number, raw in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        line = raw.strip()
        require_short(len(line), number)
        if number > _TEXT_LINES_MAX:
            raise refusal(f"has more than {_TEXT_LINES_MAX} lines")
        if line:
            yield number, line


def _kind(line: str, before: str) -> str:
    word = line[1:].casefold().strip()
    if word.startswith("type:"):
        return word.removeprefix("type:").strip()
    # Options and their ends change nothing that is read here.
    return "account" if word == "account" else before


def _take(entry: Entry, line: str) -> None:
    letter, text = line[0].upper(), line[1:].strip()
    if letter == "S":
        entry.splits.append(text)
    # U is the same amount once more; the letters of splits repeat, and those of the whole come first.
    elif letter not in "E$%":
        entry.values.setdefault("T" if letter == "U" else letter, text)


def _day_text(entry: Entry) -> str:
    """Quicken writes `1/ 2'05` for the second of January 2005."""
    return entry.values.get("D", "").replace(" ", "").replace("'", "/")


def _line(entry: Entry, order: Order, mark: Mark, currency: str) -> Line:
    day, text = parse_day(_day_text(entry), order), entry.values.get("T", "")
    number = parse_number(text, mark)
    if day is None:
        raise UnreadableError("day", f"{entry.values.get('D', '')[:40]!r} is no day")
    if number is None:
        raise UnreadableError("amount", f"{text[:40]!r} is no number" if text else "is missing")
    place = entry.values.get("L", "")
    is_transfer = place.startswith("[")
    return Line(
        row=entry.row,
        day=day,
        amount=to_amount(number.value, currency),
        payee=entry.values.get("P", ""),
        note=entry.values.get("M", ""),
        # N holds the number of a cheque, and of other payments a word like `ATM`: no id.
        category="" if is_transfer or entry.splits else place.split("/", maxsplit=1)[0],
        account=entry.account,
        other_account=place.strip("[]") if is_transfer else "",
    )
