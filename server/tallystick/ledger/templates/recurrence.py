"""When does a schedule recur, and what of it is due? Pure: civil dates in, civil dates out; no clock and no time zone.

An occurrence is named by its slot, the day that the rule gives. Posting or skipping one is remembered by that name, so it never moves with
the weekend policy; only the day on which it is booked does. Both grow together, slot by slot: what is due is always the head of what is
to come, and nothing can fall between two looks at it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from itertools import islice, takewhile

from tallystick.errors import InvalidInput
from tallystick.ledger.templates.recurrence_days import days
from tallystick.ledger.templates.recurrence_rule import UnusableSchedule, read_rule
from tallystick.v1.error_reason_pb2 import ErrorReason

START_YEARS = range(1900, 3000)
# Every search has an end, also that for a 30th of February. The rarest day of the calendar, a 29th of February on a given day of the
# week, comes round within 40 years; and no book is kept for 200.
FIRST_WITHIN_YEARS = 40
HORIZON_YEARS = 200

_WEEKEND = timedelta(days=2)
_FRIDAY = 4
_FROM_FRIDAY_TO_MONDAY = 3


class MonthEnd(IntEnum):
    """What becomes of a day that a month does not have."""

    CLAMP = 1
    SKIP = 2


class Weekend(IntEnum):
    """What becomes of a slot on a Saturday or Sunday: booked on it, on the business day before or after, or not at all."""

    KEEP = 1
    PREVIOUS = 2
    NEXT = 3
    SKIP = 4


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rule, and where it begins and ends. `starts_on` is an occurrence only if the rule gives it. With `ends_on` and `count` both,
    whichever comes first ends it; None and 0 are no count.

    `ends_on` speaks of slots: the last one may be booked on the Monday after. `count` speaks of occurrences: a month that is skipped and
    a slot that the weekend drops were none, so twelve payments are twelve payments."""

    starts_on: date
    rule: str
    ends_on: date | None
    count: int | None
    month_end: MonthEnd
    weekend: Weekend


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`slot_on` says which one it is; `booked_on` is its day in the book. Two may share the latter, never the former."""

    slot_on: date
    booked_on: date


def require_schedule(field: str, schedule: Schedule) -> None:
    try:
        _require_usable(schedule)
    except UnusableSchedule as wrong:
        raise InvalidInput.of_field(field, str(wrong), ErrorReason.ERROR_REASON_INVALID_RECURRENCE) from wrong


def occurrences(schedule: Schedule, after: date | None, limit: int) -> list[Occurrence]:
    """The first `limit` occurrences with a slot after that day; None: from the start."""
    return list(islice(_occurrences(schedule, after, _last_slot(schedule)), limit))


def due(schedule: Schedule, after: date | None, until: date, limit: int) -> list[Occurrence]:
    """Those to be booked no later than `until`, at most `limit`, in order. `after` is the slot that was handled last, never the day of the
    last look: a Saturday's slot that is booked on Monday is not yet due on Sunday, and would be lost."""
    last = _last_slot(schedule)
    if until < last - _WEEKEND:
        last = until + _WEEKEND
    coming = _occurrences(schedule, after, last)
    return list(islice(takewhile(lambda occurrence: occurrence.booked_on <= until, coming), limit))


def _require_usable(schedule: Schedule) -> None:
    read_rule(schedule.rule)
    if schedule.starts_on.year not in START_YEARS:
        raise UnusableSchedule(f"starts in a year that is not {START_YEARS.start} to {START_YEARS.stop - 1}")
    if schedule.ends_on is not None and schedule.ends_on < schedule.starts_on:
        raise UnusableSchedule("ends before it starts")
    if schedule.count is not None and schedule.count < 0:
        raise UnusableSchedule("has a count below zero")
    if next(_occurrences(schedule, None, _last_slot(schedule, FIRST_WITHIN_YEARS)), None) is None:
        raise UnusableSchedule(f"does not occur, or not within {FIRST_WITHIN_YEARS} years of its start")


def _last_slot(schedule: Schedule, years: int = HORIZON_YEARS) -> date:
    horizon = date(schedule.starts_on.year + years, 12, 31)
    return horizon if schedule.ends_on is None else min(horizon, schedule.ends_on)


def _occurrences(schedule: Schedule, after: date | None, last_slot: date) -> Iterator[Occurrence]:
    """Those with a slot after `after`. A schedule with a count is walked through from its start, any other from there."""
    found = _booked(
        days(
            read_rule(schedule.rule),
            starts_on=schedule.starts_on,
            since=schedule.starts_on if schedule.count or after is None else after,
            until=last_slot,
            clamp=schedule.month_end == MonthEnd.CLAMP,
        ),
        schedule.weekend,
    )
    counted = islice(found, schedule.count) if schedule.count else found
    return (occurrence for occurrence in counted if after is None or occurrence.slot_on > after)


def _booked(slots: Iterator[date], weekend: Weekend) -> Iterator[Occurrence]:
    for slot_on in slots:
        past_friday = slot_on.weekday() - _FRIDAY
        if past_friday <= 0 or weekend == Weekend.KEEP:
            yield Occurrence(slot_on, slot_on)
        elif weekend == Weekend.PREVIOUS:
            yield Occurrence(slot_on, slot_on - timedelta(days=past_friday))
        elif weekend == Weekend.NEXT:
            yield Occurrence(slot_on, slot_on + timedelta(days=_FROM_FRIDAY_TO_MONDAY - past_friday))
