"""Which day does a text mean, and in which order do a column's days stand? Pure.

An order is taken only if every text of the column is a day in it. Where several are, and not the same days, a person has to say.
"""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import lru_cache

from tallystick.imports.reading.month_names import MONTHS
from tallystick.ledger.folding import folded


class Order(StrEnum):
    DAY_MONTH_YEAR = "DMY"
    MONTH_DAY_YEAR = "MDY"
    YEAR_MONTH_DAY = "YMD"


TEXT_MAX = 40
TEXTS_KEPT = 10_000

_TIME = re.compile(
    r"(?:[T ,]+)[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?: ?[AaPp][Mm])?(?: ?(?:Z|UTC|[+-][0-9:]{4,6}))?$"
)
_NUMBERS = re.compile(r"([0-9]{1,4})( ?[./'-] ?| )([0-9]{1,2})(?: ?[./'-] ?| )([0-9]{1,4})\.?")
_EIGHT = re.compile(r"[0-9]{8}")
_NAMED_SECOND = re.compile(r"([0-9]{1,2})[. /-]{0,2}([^\W\d_]{3,12})\.?[, ./-]{0,2}([0-9]{4}|[0-9]{2})")
_NAMED_FIRST = re.compile(r"([^\W\d_]{3,12})\.?[ -]?([0-9]{1,2})(?:,? |-)([0-9]{4})")
_YEARS = range(1900, 2100)
# Two digits are of this century up to here.
_SHORT_YEARS = 70


def parse_day(text: str, order: Order) -> date | None:
    """The day, whatever time of it follows. None: the text means none in this order."""
    text = text.strip()
    if not text or len(text) > TEXT_MAX:
        return None
    return _parse_day(text, order)


# A file of a hundred thousand rows has a few hundred days, and each is looked at several times.
@lru_cache(maxsize=TEXTS_KEPT)
def _parse_day(text: str, order: Order) -> date | None:
    text = _TIME.sub("", text)
    parts = _numbers(text, order) or _eight(text, order) or _named(text)
    return _on(*parts) if parts else None


def find_orders(texts: Iterable[str]) -> tuple[Order, ...]:
    """All in which every text is a day. Orders that mean the same days are one, the first."""
    given = [*texts]
    found: dict[tuple[date, ...], Order] = {}
    for order in Order if given else ():
        days = _all_days(given, order)
        if days:
            found.setdefault(days, order)
    return tuple(found.values())


def is_day(text: str) -> bool:
    return any(parse_day(text, order) for order in Order)


def _all_days(texts: list[str], order: Order) -> tuple[date, ...]:
    days = []
    for text in texts:
        day = parse_day(text, order)
        if day is None:
            return ()
        days.append(day)
    return tuple(days)


def _numbers(text: str, order: Order) -> tuple[int, int, int] | None:
    found = _NUMBERS.fullmatch(text)
    if not found:
        return None
    first, mark, second, last = found.groups()
    if order is Order.YEAR_MONTH_DAY:
        # A year of two digits comes first with hyphens only. Else every 31/01/24 would be a question.
        is_year = len(first) == 4 or (len(first) == len(last) == 2 and mark == "-")  # noqa: PLR2004 - digits of a year
        return (_year(first), int(second), int(last)) if is_year and len(last) <= 2 else None  # noqa: PLR2004 - digits of a day
    if len(first) > 2 or len(last) not in {2, 4}:  # noqa: PLR2004 - digits of a day and a year
        return None
    # Between points the month comes first in no country.
    if order is Order.MONTH_DAY_YEAR:
        return None if "." in mark else (_year(last), int(first), int(second))
    return _year(last), int(second), int(first)


def _eight(text: str, order: Order) -> tuple[int, int, int] | None:
    if not _EIGHT.fullmatch(text):
        return None
    match order:
        case Order.YEAR_MONTH_DAY:
            return int(text[:4]), int(text[4:6]), int(text[6:])
        case Order.DAY_MONTH_YEAR:
            return int(text[4:]), int(text[2:4]), int(text[:2])
        case Order.MONTH_DAY_YEAR:
            return int(text[4:]), int(text[:2]), int(text[2:4])


def _named(text: str) -> tuple[int, int, int] | None:
    """A month with a name is the same in every order."""
    if found := _NAMED_SECOND.fullmatch(text):
        day, name, year = found.groups()
    elif found := _NAMED_FIRST.fullmatch(text):
        name, day, year = found.groups()
    else:
        return None
    month = MONTHS.get(folded(name))
    return (_year(year), month, int(day)) if month else None


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:  # noqa: PLR2004 - digits of a short year
        return year
    return 2000 + year if year < _SHORT_YEARS else 1900 + year


def _on(year: int, month: int, day: int) -> date | None:
    if year not in _YEARS:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
