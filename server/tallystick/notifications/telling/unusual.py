"""When is spending in a category unusual? Pure: at least twice the mean of the months before it, and enough to matter.

Only months with spending are compared with, the six before this one that had any: whoever buys a bicycle every few years does not spend
unusually in every month without one. With fewer than three of them nobody knows what is usual.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

MONTHS_MAX, MONTHS_MIN = 6, 3
TIMES = 2
# In minor units, whatever the currency: 50 euros, or 5000 yen.
MINOR_MIN = 5_000
# So far back it is looked for them.
YEARS_BACK = 2


class Unusual(NamedTuple):
    """What was spent of one currency in a category this month, and usually, above zero."""

    category_id: UUID
    currency: str
    spent_minor: int
    usual_minor: int


class Total(NamedTuple):
    """What a month has of one currency in a category. Spending counts below zero, as in entries."""

    category_id: UUID
    currency: str
    month: date
    minor: int


def first_month(this_month: date) -> date:
    return this_month.replace(year=this_month.year - YEARS_BACK)


def find_unusual(totals: Iterable[Total], this_month: date, base_currency: str) -> list[Unusual]:
    """One for each category, of several currencies the book's own, in the order of categories."""
    spent: dict[tuple[UUID, str], dict[date, int]] = {}
    for each in totals:
        months = spent.setdefault((each.category_id, each.currency), {})
        months[each.month] = months.get(each.month, 0) - each.minor
    found: dict[UUID, Unusual] = {}
    for category_id, currency in sorted(spent, key=lambda one: (one[0], one[1] != base_currency, one[1])):
        usual = usual_before(spent[category_id, currency], this_month)
        now = spent[category_id, currency].get(this_month, 0)
        if usual is not None and is_unusual(now, usual):
            found.setdefault(category_id, Unusual(category_id, currency, now, _mean(usual)))
    return [*found.values()]


def usual_before(months: Mapping[date, int], this_month: date) -> Sequence[int] | None:
    """What was spent in the months to compare with. None: nobody knows."""
    before = [months[month] for month in sorted(months) if month < this_month and months[month] > 0]
    return before[-MONTHS_MAX:] if len(before) >= MONTHS_MIN else None


def is_unusual(now: int, usual: Sequence[int]) -> bool:
    return now >= MINOR_MIN and now * len(usual) >= TIMES * sum(usual)


def _mean(usual: Sequence[int]) -> int:
    """To the nearest unit, a half upwards: it is only shown."""
    return (2 * sum(usual) + len(usual)) // (2 * len(usual))
