"""Which number does a text mean, and is the comma or the point its decimal mark? Pure. Decimal only, nothing is rounded.

One text often leaves it open: 1.234 is a thousand and more to some, one and a bit to others. So the whole column is asked, and if that
leaves it open too, a person.
"""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from tallystick.currencies import EXPONENTS


class Mark(StrEnum):
    POINT = "."
    COMMA = ","


class Number(NamedTuple):
    """The currency is the one that stands with the number, if its sign means one currency only."""

    value: Decimal
    currency: str = ""


TEXT_MAX = 50

_AROUND = re.compile(r"([^0-9]*?)([.,]?[0-9][0-9.,]*)([^0-9]*)")
_SPACES = re.compile(r"[\s'\u2019\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_MINUSES = str.maketrans(dict.fromkeys("\u2212\u2012\u2013\ufe63\uff0d", "-"))
_PLAIN = {
    mark: re.compile(rf"(?:[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{2,3}}){{0,8}}{group}[0-9]{{3}})?(?:{decimal}[0-9]*)?")
    for mark, group, decimal in ((Mark.POINT, ",", r"\."), (Mark.COMMA, r"\.", ","))
}
# Signs that stand for one currency and no other. A dollar is not among them.
_SIGNS = {
    "€": "EUR",
    "zł": "PLN",
    "kč": "CZK",
    "₹": "INR",
    "₺": "TRY",
    "₽": "RUB",
    "₴": "UAH",
    "₩": "KRW",
    "₪": "ILS",
    "₫": "VND",
    "ft": "HUF",
}
# Those that several share, so that the file or the person has to say which.
_SHARED = {"kr", "rs", "r", "r$", "a$", "c$", "us$", "fr", "sfr", "lei", "din", "rp", "rm", "s/"}
# What almost every amount is: digits with or without decimals, maybe a minus before them. It means the same below, at a fifth of the cost.
_BARE = {
    mark: re.compile(rf"([+-]?)([0-9]+)(?:{decimal}([0-9]+))?")
    for mark, decimal in ((Mark.POINT, r"\."), (Mark.COMMA, ","))
}
_WAYS = {"cr": 1, "dr": -1, "h": 1, "s": -1, "c": 1, "d": -1}
_FOREIGN_LETTERS_MAX = 6


def parse_number(text: str, mark: Mark) -> Number | None:
    """None: the text is no number with this decimal mark. An empty one is none either."""
    if len(text) > TEXT_MAX:
        return None
    bare = _BARE[mark].fullmatch(text)
    if bare:
        sign, whole, decimals = bare.groups()
        plain = Decimal(f"{whole}.{decimals}" if decimals else whole)
        return Number(-plain if sign == "-" and plain else plain)
    text, is_negative = _unwrap(_SPACES.sub("", text).translate(_MINUSES))
    found = _AROUND.fullmatch(text)
    if not found:
        return None
    before, digits, after = found.groups()
    if digits.startswith(".") and before and _is_abbreviation(before):
        digits = digits[1:]
    value = _value(digits, mark)
    sides = _read_sides(before, after)
    if value is None or sides is None:
        return None
    way, currency = sides
    if is_negative:
        way = -way
    return Number(-value if way < 0 and value else value, currency)


def find_marks(texts: Iterable[str]) -> tuple[Mark, ...]:
    """All with which every text is a number. Marks that mean the same numbers are one."""
    given = [*texts]
    found: dict[tuple[Decimal, ...], Mark] = {}
    for mark in Mark if given else ():
        if values := _all_values(given, mark):
            found.setdefault(values, mark)
    return tuple(found.values())


def is_number(text: str) -> bool:
    return any(parse_number(text, mark) for mark in Mark)


def _all_values(texts: list[str], mark: Mark) -> tuple[Decimal, ...]:
    values = []
    for text in texts:
        number = parse_number(text, mark)
        if number is None:
            return ()
        values.append(number.value)
    return tuple(values)


def _unwrap(text: str) -> tuple[str, bool]:
    """Accountants write what is spent in parentheses."""
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1], True
    return text, False


def _value(digits: str, mark: Mark) -> Decimal | None:
    if not _PLAIN[mark].fullmatch(digits):
        return None
    group = Mark.COMMA if mark is Mark.POINT else Mark.POINT
    whole = digits.split(mark, maxsplit=1)[0]
    # No one writes 0.123 for a hundred and twenty-three.
    if group in whole and whole.startswith("0"):
        return None
    return Decimal(digits.replace(group, "").replace(mark, "."))


def _read_sides(before: str, after: str) -> tuple[int, str] | None:
    """Which way the money goes, and in which currency, by what stands on both sides of the digits."""
    signs = [letter for letter in before + after if letter in "+-"]
    words = [word for side in (before, after) if (word := side.strip("+-").casefold())]
    if len(signs) > 1 or len(words) > 2:  # noqa: PLR2004 - one word on each side
        return None
    way = -1 if signs == ["-"] else 1
    currency = ""
    for word in words:
        if word in _WAYS and word == after.strip("+-").casefold() and not signs:
            way = _WAYS[word]
        elif not _is_currency(word):
            return None
        else:
            currency = _code(word) or currency
    return way, currency


def _is_currency(word: str) -> bool:
    bare = word.rstrip(".")
    if _code(word) or bare in _SHARED:
        return True
    return all(unicodedata.category(letter) == "Sc" for letter in bare) or _is_foreign(bare)


def _code(word: str) -> str:
    bare = word.rstrip(".")
    return bare.upper() if bare.upper() in EXPONENTS else _SIGNS.get(bare, "")


def _is_foreign(word: str) -> bool:
    """Letters of other scripts, with points between them: the signs of dinars and levs."""
    letters = word.replace(".", "")
    return 0 < len(letters) <= _FOREIGN_LETTERS_MAX and all(
        letter.isalpha() and not unicodedata.name(letter, "").startswith("LATIN") for letter in letters
    )


def _is_abbreviation(before: str) -> bool:
    """The point belongs to `Rs.` or `kr.` and not to the digits: Rs.50 is fifty, $.50 is half."""
    bare = before.strip("+-").casefold()
    return bare in _SHARED - {"r$", "a$", "c$", "us$"} or _is_foreign(bare)
