"""Which periods must be gone through so that some can be shown? Pure.

What is carried on comes from all periods before, back to the first. What is to be assigned looks ahead, too: what a later period lives on
cannot be assigned now.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tallystick.budgets.periods import Period, Scheme, find_period, first_period, period_at
from tallystick.errors import InvalidInput

# How many periods ahead are looked at, though nothing is assigned in them yet.
AHEAD = 12


@dataclass(frozen=True, slots=True)
class Window:
    """Periods in a row. Those from `first_shown` to `last_shown`, by their place among them, are shown."""

    periods: tuple[Period, ...]
    first_shown: int
    last_shown: int


def window(
    scheme: Scheme, first: Period, asked: Period, before: int, *, carries: bool, ahead_until: date | None
) -> Window:
    """`carries`: whether a period lives on the one before. `ahead_until`: look ahead, at least until that day. None: do not."""
    shown_from = max(first.number, asked.number - before)
    start = first.number if carries else shown_from
    end = asked.number
    if ahead_until is not None:
        end = max(end + AHEAD, _number_of(scheme, ahead_until))
    periods = tuple(_between(scheme, start, end))
    return Window(periods, shown_from - start, asked.number - start)


def _number_of(scheme: Scheme, day: date) -> int:
    period = find_period(scheme, day) or first_period(scheme, day)
    return period.number if period else 0


def _between(scheme: Scheme, start: int, end: int) -> Iterator[Period]:
    """Those that there are: a list ends, and so does the calendar."""
    for number in range(start, end + 1):
        try:
            period = period_at(scheme, number)
        except InvalidInput:
            return
        if period is None:
            return
        yield period
