"""What does an MT940 statement say? Pure. SWIFT's format before CAMT: a tag between colons begins each field, and fields go on over lines.

Of a payment, `:61:` tells the day and the amount, and the `:86:` after it everything else in ways that differ from bank to bank.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from tallystick.imports.reading.days import Order, parse_day
from tallystick.imports.reading.lines import (
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

_TAG = re.compile(r":([0-9]{2}[A-Z]?):")
_BALANCE = re.compile(r"[CD][0-9]{6}([A-Z]{3})[0-9,]+")
# Valuta, day of booking, direction, third letter of the currency, amount, kind, references.
_PAYMENT = re.compile(
    r"(?P<valuta>[0-9]{6})(?P<booked>[0-9]{4})?(?P<way>R?[CD])[A-Z]?(?P<amount>[0-9]{1,15},[0-9]{0,4})"
    r"(?:[A-Z][A-Z0-9]{3}(?P<own>[^\n]{0,40}?)(?://(?P<bank>[^\n]{0,40}))?)?(?:\n[^\0]*)?"
)
_PART = re.compile(r"\?([0-9]{2})")
_SLASHED = re.compile(r"/(NAME|REMI|EREF|IBAN|BIC|CNTP|MARF|CSID|TRTP|ORDP|BENM|ISDT|PREF)/")
# The note's own parts, as German banks put them into it; SVWZ is what the payer wrote.
_PURPOSE = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC)\+")
_NO_ID = {"NONREF", "NOTPROVIDED"}
# A booking may be of the year before or after that of its valuta, by the turn of the year.
_HALF_YEAR = 6


class _Field(NamedTuple):
    line: int
    tag: str
    text: str


def is_mt940(text: str) -> bool:
    head = text[:4000]
    return ":20:" in head and (":60F:" in head or ":60M:" in head) and ":25" in head


def read_mt940(text: str) -> Reading:
    if not is_mt940(text):
        raise refusal("is no MT940")
    lines: list[Line] = []
    errors: list[RowError] = []
    account = currency = ""
    fields = [*_fields(text)]
    for at, each in enumerate(fields):
        if each.tag == "25":
            account = each.text.split("\n", maxsplit=1)[0].strip()
        elif each.tag.startswith("60"):
            found = _BALANCE.match(each.text)
            currency = found[1] if found else ""
        elif each.tag == "61":
            told = fields[at + 1].text if at + 1 < len(fields) and fields[at + 1].tag == "86" else ""
            try:
                lines.append(_line(each, told, account, currency))
            except UnreadableError as wrong:
                errors.append(wrong.at(each.line))
            require_few(len(lines) + len(errors), each.line)
    return Reading(tuple(lines), tuple(errors))


def _fields(text: str) -> Iterator[_Field]:
    line, tag, parts, chars = 0, "", [""], 0
    for number, raw in enumerate(text.splitlines(), 1):
        # SWIFT's own envelope, and the end of a statement.
        if raw.startswith(("{", "-}")) or raw.strip() == "-":
            continue
        if found := _TAG.match(raw):
            if tag:
                yield _Field(line, tag, "\n".join(parts))
            line, tag, parts, chars = number, found[1], [raw[found.end() :]], len(raw)
        else:
            parts.append(raw)
            chars += len(raw)
        require_short(chars, number)
    if tag:
        yield _Field(line, tag, "\n".join(parts))


def _line(payment: _Field, told: str, account: str, currency: str) -> Line:
    found = _PAYMENT.fullmatch(payment.text.rstrip())
    if not found:
        raise UnreadableError("amount", f"{payment.text[:40]!r} is no payment")
    number = parse_number(found["amount"], Mark.COMMA)
    if number is None:
        raise UnreadableError("amount", f"{found['amount']!r} is no number")
    # RD takes back what was spent, RC what was gained.
    value = number.value if found["way"] in {"C", "RD"} else -number.value
    payee, note = _told(told)
    return Line(
        row=payment.line,
        day=_day(found["valuta"], found["booked"]),
        amount=to_amount(value, require_currency(currency)),
        payee=payee,
        note=note,
        bank_id=_id(found["bank"]) or _id(found["own"]),
        account=account,
    )


def _id(reference: str | None) -> str:
    text = (reference or "").strip()
    return "" if text.upper() in _NO_ID else text


def _day(valuta: str, booked: str | None) -> date:
    day = parse_day("20" + valuta if valuta < "70" else "19" + valuta, Order.YEAR_MONTH_DAY)
    if day is None:
        raise UnreadableError("day", f"{valuta!r} is no day")
    if not booked:
        return day
    month = int(booked[:2])
    year = day.year + (day.month - month > _HALF_YEAR) - (month - day.month > _HALF_YEAR)
    day = parse_day(f"{year}{booked}", Order.YEAR_MONTH_DAY)
    if day is None:
        raise UnreadableError("day", f"{booked!r} is no day")
    return day


def _told(text: str) -> tuple[str, str]:
    """The payee and the note, from parts by number as in Germany, by name as in the Netherlands, or else all of it as the note."""
    joined = text.replace("\n", "")
    if numbered := _PART.split(joined)[1:]:
        parts = dict(zip(numbered[::2], numbered[1::2], strict=True))
        note = "".join(parts.get(str(number), "") for number in (*range(20, 30), *range(60, 64)))
        return (parts.get("32", "") + parts.get("33", "")).strip(), _purpose(note)
    if named := _SLASHED.split(joined)[1:]:
        parts = dict(zip(named[::2], named[1::2], strict=True))
        return parts.get("NAME", "").strip(), parts.get("REMI", "").strip()
    return "", " ".join(text.split())


def _purpose(note: str) -> str:
    named = _PURPOSE.split(note)[1:]
    return dict(zip(named[::2], named[1::2], strict=True)).get("SVWZ", note).strip()
