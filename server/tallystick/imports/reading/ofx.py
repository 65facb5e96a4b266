"""What does an OFX or QFX file say? Pure.

Version 1 is SGML whose values have no end tags, version 2 is XML; both are read alike, tag by tag.
"""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import NamedTuple

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
    to_amount,
)
from tallystick.imports.reading.numbers import Mark, parse_number

# Neither part may contain `<`, so that no text makes this slower than it is long.
_TAG = re.compile(r"<(/?)([A-Za-z0-9._]{1,40})[^<>]{0,100}>([^<]*)")
_DECLARED = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_HEADER_CHARSET = re.compile(rb"CHARSET:\s*(\d{3,5})")
_DAY_DIGITS = 8
# What else a transaction may stand in: of these the values are not those of the transaction itself.
_INNER = {"PAYEE", "BANKACCTTO", "CCACCTTO", "CURRENCY", "ORIGCURRENCY"}
_ACCOUNTS = {"BANKACCTFROM", "CCACCTFROM"}


class _Tag(NamedTuple):
    line: int
    is_end: bool
    name: str
    text: str


def is_ofx(text: str) -> bool:
    return "<OFX>" in text[:4000].upper() or "OFXHEADER" in text[:1000].upper()


def said_encoding(data: bytes) -> str:
    """The one that the header names: a number of Windows, as all that write it do."""
    found = _HEADER_CHARSET.search(data[:1000])
    return f"windows-{found[1].decode()}" if found else ""


def read_ofx(text: str, currency: str = "") -> Reading:
    """The currency is that of accounts for which the file names none."""
    if _DECLARED.search(text):
        raise refusal("declares entities")
    if not is_ofx(text):
        raise refusal("is no OFX")
    statement = _Statement(currency)
    for tag in _tags(text):
        statement.take(tag)
    if statement.is_open:
        raise refusal("ends within a transaction")
    return Reading(tuple(statement.lines), tuple(statement.errors))


def _tags(text: str) -> Iterator[_Tag]:
    line, seen = 1, 0
    for found in _TAG.finditer(text):
        line += text.count("\n", seen, found.start())
        seen = found.start()
        yield _Tag(line, bool(found[1]), found[2].upper(), unescape(found[3].strip()))


class _Statement:
    """Tags as they come. A currency and an account hold until the next statement begins."""

    def __init__(self, currency: str) -> None:
        self.lines: list[Line] = []
        self.errors: list[RowError] = []
        self._default = self._currency = currency
        self._account = ""
        self._within: list[str] = []
        self._row = 0
        self._values: dict[str, str] = {}

    @property
    def is_open(self) -> bool:
        return bool(self._row)

    def take(self, tag: _Tag) -> None:
        if tag.name == "STMTTRN":
            self._end(tag) if tag.is_end else self._begin(tag)
        elif tag.name in _INNER | _ACCOUNTS and not tag.text:
            self._step(tag)
        elif not tag.is_end and tag.text:
            self._value(tag)
        elif tag.name in {"STMTRS", "CCSTMTRS"}:
            self._currency, self._account = self._default, ""

    def _begin(self, tag: _Tag) -> None:
        if self._row:
            raise refusal("begins a transaction within another", tag.line)
        self._row, self._values, self._within = tag.line, {}, []

    def _end(self, tag: _Tag) -> None:
        if not self._row:
            raise refusal("ends a transaction that did not begin", tag.line)
        try:
            self.lines.append(_line(self._row, self._values, self._currency, self._account))
        except UnreadableError as wrong:
            self.errors.append(wrong.at(self._row))
        self._row = 0
        require_few(len(self.lines) + len(self.errors), tag.line)

    def _step(self, tag: _Tag) -> None:
        if not tag.is_end:
            self._within.append(tag.name)
        elif self._within and self._within[-1] == tag.name:
            self._within.pop()
        if len(self._within) > len(_INNER):
            raise refusal("has parts within parts", tag.line)

    def _value(self, tag: _Tag) -> None:
        require_short(len(tag.text), tag.line)
        inner = self._within[-1] if self._within else ""
        if self._row:
            self._values.setdefault(f"{inner}.{tag.name}" if inner else tag.name, tag.text)
        elif tag.name == "CURDEF":
            self._currency = tag.text
        elif tag.name == "ACCTID" and inner in _ACCOUNTS:
            self._account = tag.text


def _line(row: int, values: dict[str, str], currency: str, account: str) -> Line:
    name = values.get("NAME") or values.get("PAYEE.NAME", "")
    return Line(
        row=row,
        day=_day(values.get("DTPOSTED", "")),
        # Amounts of <CURRENCY> are not in the account's; those of <ORIGCURRENCY> are, and only were in another.
        amount=_amount(values.get("TRNAMT", ""), values.get("CURRENCY.CURSYM", currency)),
        payee=name,
        note=values.get("MEMO", ""),
        bank_id=values.get("FITID", ""),
        account=account,
        other_account=values.get("BANKACCTTO.ACCTID") or values.get("CCACCTTO.ACCTID", ""),
    )


def _day(text: str) -> date:
    """The first eight digits. What follows is a time in the bank's own zone, whose day this is."""
    day = parse_day(text[:_DAY_DIGITS], Order.YEAR_MONTH_DAY)
    if day is None:
        raise UnreadableError("day", f"{text[:40]!r} is no day" if text else "is missing")
    return day


def _amount(text: str, currency: str) -> Amount:
    # Some banks write the comma of their country. There is never a mark for thousands.
    number = parse_number(text.replace(",", "."), Mark.POINT)
    if number is None:
        raise UnreadableError("amount", f"{text[:40]!r} is no number" if text else "is missing")
    return to_amount(number.value, require_currency(currency))
