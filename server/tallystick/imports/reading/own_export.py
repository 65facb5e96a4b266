"""What does our own export of a book say, when it comes into another one? Pure.

It is the JSON of ExportService: a head, a line for each thing with its newest state, and a tail. Only what moves money is taken: a line
for each entry, and one for both sides of a transfer. What the book has besides comes back with a backup, and not with an import.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tallystick.imports.reading.days import Order, parse_day
from tallystick.imports.reading.lines import (
    Amount,
    Line,
    Reading,
    RowError,
    UnreadableError,
    refusal,
    require_currency,
    require_few,
    require_short,
)
from tallystick.ledger.rules import AMOUNT_MAX

FORMAT_VERSION = 1
_BEGINNING = '{"head":{"formatVersion":'
_BOOK = "SPACE_KIND_BOOK"
_TRANSFER = "TRANSACTION_KIND_TRANSFER"
_PENDING = "TRANSACTION_STATUS_PENDING"
# What lines name.
_NAMED = ("account", "category", "payee")


class _Names(NamedTuple):
    """What the ids in the file are called there."""

    of: Mapping[str, str]

    def get(self, named: object) -> str:
        return self.of.get(named, "") if isinstance(named, str) else ""


def is_own_export(text: str) -> bool:
    return text.lstrip("\ufeff").startswith(_BEGINNING)


def read_own_export(text: str) -> Reading:
    numbered = [*_changes(text)]
    names = _Names(dict(_named(numbered)))
    lines: list[Line] = []
    errors: list[RowError] = []
    for row, change in numbered:
        transaction = _part(_part(change, "entity"), "transaction")
        if not transaction or change.get("deleted") is True:
            continue
        try:
            lines += _lines(row, transaction, names)
        except UnreadableError as wrong:
            errors.append(wrong.at(row))
        require_few(len(lines), row)
    return Reading(tuple(lines), tuple(errors))


def _changes(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Those between head and tail. A file that was cut, or is of something else, is refused as a whole."""
    entities, told = 0, None
    for row, raw in enumerate(text.lstrip("\ufeff").split("\n"), 1):
        if not raw.strip():
            continue
        line = _parse(row, raw)
        if told is not None:
            raise refusal("goes on behind its end", row)
        if row == 1:
            _require_head(_part(line, "head"))
        elif "tail" in line:
            told = _part(line, "tail").get("entities", "0")
        else:
            entities += 1
            yield row, _part(line, "change")
    if told is None:
        raise refusal("was cut: its last line is missing")
    if told != str(entities):
        raise refusal(f"has {entities} things, and not as many as it says")


def _parse(row: int, raw: str) -> Mapping[str, Any]:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        raise refusal("is no JSON", row) from None
    if not isinstance(line, dict):
        raise refusal("is no line of an export", row)
    return line


def _require_head(head: Mapping[str, Any]) -> None:
    if head.get("formatVersion") != FORMAT_VERSION:
        raise refusal("is of a version that is not known here", 1)
    if head.get("kind") != _BOOK:
        raise refusal("is no export of a book", 1)


def _named(numbered: list[tuple[int, Mapping[str, Any]]]) -> Iterator[tuple[str, str]]:
    """Names may stand behind what has them: a change of a name comes late."""
    for _, change in numbered:
        entity = _part(change, "entity")
        for kind in _NAMED:
            if kind in entity:
                named = _part(entity, kind)
                yield str(named.get("id", "")), _text(named, "name")


def _lines(row: int, transaction: Mapping[str, Any], names: _Names) -> Iterator[Line]:
    entries = [each for each in transaction.get("entries", ()) if isinstance(each, dict)]
    if not entries:
        raise UnreadableError("entries", "are missing")
    if transaction.get("kind") == _TRANSFER and len(entries) > 1:
        yield _transfer(row, transaction, entries, names)
        return
    for entry in entries:
        yield _line(row, transaction, entry, names)


def _transfer(row: int, transaction: Mapping[str, Any], entries: list[Any], names: _Names) -> Line:
    leaving, arriving = _line(row, transaction, entries[0], names), _amount(entries[1])
    is_foreign = arriving.currency != leaving.amount.currency
    return Line(
        row=row,
        day=leaving.day,
        amount=leaving.amount,
        note=leaving.note,
        bank_id=leaving.bank_id,
        account=leaving.account,
        other_account=names.get(entries[1].get("accountId")),
        foreign=Amount(arriving.currency, -arriving.minor) if is_foreign else None,
        is_pending=leaving.is_pending,
    )


def _line(row: int, transaction: Mapping[str, Any], entry: Mapping[str, Any], names: _Names) -> Line:
    booked_on = _text(transaction, "bookedOn")
    day = parse_day(booked_on, Order.YEAR_MONTH_DAY)
    if day is None:
        raise UnreadableError("day", f"{booked_on[:40]!r} is no day")
    notes = _text(transaction, "note"), _text(entry, "note")
    return Line(
        row=row,
        day=day,
        amount=_amount(entry),
        payee=_text(transaction, "payee") or names.get(transaction.get("payeeId")),
        note="\n".join(note for note in notes if note),
        bank_id=f"{_text(transaction, 'id')}/{entry.get('line', 0)}",
        category=names.get(entry.get("categoryId")),
        account=names.get(entry.get("accountId")),
        is_pending=entry.get("status") == _PENDING,
    )


def _amount(entry: Mapping[str, Any]) -> Amount:
    money = _part(entry, "amount")
    try:
        minor = int(_text(money, "minor") or "0")
    except ValueError:
        raise UnreadableError("amount", "is no number") from None
    if abs(minor) > AMOUNT_MAX:
        raise UnreadableError("amount", "is too large")
    return Amount(require_currency(_text(money, "currency")), minor)


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A message within another. What is none is empty."""
    part = whole.get(name)
    return part if isinstance(part, dict) else {}


def _text(whole: Mapping[str, Any], name: str) -> str:
    text = whole.get(name, "")
    if not isinstance(text, str):
        return ""
    require_short(len(text), 0)
    return text
