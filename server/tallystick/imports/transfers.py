"""Which lines are two sides of one transfer? Pure.

Some programs export a transfer once from each account that it touches. It is imported once.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tallystick.imports.reading.detecting import Format
from tallystick.imports.reading.lines import Line, Reading
from tallystick.ledger.folding import folded

_YNAB = "transfer : "


def with_transfers(format_: Format, reading: Reading) -> Reading:
    """Lines that say in the payee's place that money goes to another account of the file say so in its own."""
    if format_ not in {Format.YNAB, Format.ACTUAL}:
        return reading
    own = {folded(line.account): line.account for line in reading.lines}
    return reading._replace(lines=tuple(_with_transfer(format_, line, own) for line in reading.lines))


def _with_transfer(format_: Format, line: Line, own: dict[str, str]) -> Line:
    payee = folded(line.payee)
    name = payee.removeprefix(_YNAB) if format_ is Format.YNAB and payee.startswith(_YNAB) else ""
    if format_ is Format.ACTUAL:
        name = payee
    other = own.get(name) if name else None
    if other is None or other == line.account:
        return line
    return replace(line, payee="", other_account=other)


def find_other_sides(lines: Sequence[Line]) -> dict[int, int]:
    """For a line, the one that tells the same transfer from the other side. By their places in `lines`, both ways."""
    waiting: dict[tuple[str, str, date, bool], list[int]] = defaultdict(list)
    found: dict[int, int] = {}
    for at, line in enumerate(lines):
        if not line.other_account or line.other_account == line.account:
            continue
        others = waiting[_key(line.other_account, line.account, line, from_other_side=True)]
        # In two currencies the amounts say nothing; the day and the accounts do.
        index = next((i for i in others if _agree(lines[i], line)), None)
        if index is None:
            waiting[_key(line.account, line.other_account, line, from_other_side=False)].append(at)
        else:
            others.remove(index)
            found[index], found[at] = at, index
    return found


def _key(account: str, other: str, line: Line, *, from_other_side: bool) -> tuple[str, str, date, bool]:
    is_leaving = (line.amount.minor < 0) != from_other_side
    return account, other, line.day, is_leaving


def _agree(first: Line, second: Line) -> bool:
    if first.amount.currency != second.amount.currency:
        return True
    return first.amount.minor == -second.amount.minor
