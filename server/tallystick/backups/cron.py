"""When does what has a crontab line come next, wherever clocks go forward or back? Pure.

Lines mean what crontab(5) says: 0 and 7 are Sunday, and where both the day of the month and that of the week are restricted either is
enough. What comes more often than every hour is refused. A time that clocks skip comes when they have skipped it; one that they show twice
comes the first time.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

FIELDS = 5
PARSED_MAX = 256
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELD = re.compile(r"(\*|[0-9]+(-[0-9]+)?)(/[1-9][0-9]*)?(,(\*|[0-9]+(-[0-9]+)?)(/[1-9][0-9]*)?)*")
_NAME = re.compile(r"[a-z]+")
_WEEKDAYS = re.compile(r"(\*|[0-7]|[a-z]{3})(?:-([0-7]|[a-z]{3}))?(?:/([1-9]))?")
_ONE_NUMBER = re.compile(r"[0-9]{1,2}")
# There is a 29th of February in it, or there is none in any line that is read.
_FROM, _TO = datetime(2000, 1, 1, tzinfo=UTC), datetime(2005, 1, 1, tzinfo=UTC)
# Clocks are never put on or back by more.
_TURNED = timedelta(hours=3)
# In so many days there was one, if there is any more often.
_BACK = (1, 8, 32, 367, 9 * 366, 41 * 366)


class Unfit(ValueError):
    """It is no crontab line that could be followed."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A crontab line that was read."""

    text: str
    # Whichever comes first.
    _triggers: tuple[CronTrigger, ...] = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> "Cron":
        return _parse(" ".join(text.lower().split()))

    @classmethod
    def daily(cls, at: time) -> "Cron":
        return cls.parse(f"{at.minute} {at.hour} * * *")

    @property
    def is_once_a_day(self) -> bool:
        """At most."""
        return bool(_ONE_NUMBER.fullmatch(self.text.split()[1]))

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """When it comes next after that moment."""
        told = moment.astimezone(zone).replace(tzinfo=UTC) - _TURNED
        while True:
            told = min(_next(trigger, told) for trigger in self._triggers)
            instant = told.replace(tzinfo=zone, fold=0).astimezone(UTC)
            if instant > moment:
                return instant
            told += timedelta(seconds=1)

    def last_until(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """When it came last up to that moment."""
        for days in _BACK:
            found = self.next_after(moment - timedelta(days=days), zone)
            if found <= moment:
                break
        while (following := self.next_after(found, zone)) <= moment:
            found = following
        return found


@lru_cache(PARSED_MAX)
def _parse(text: str) -> Cron:
    words = text.split()
    if len(words) != FIELDS:
        raise Unfit("needs five fields: minute, hour, day of the month, month, day of the week")
    minute, hour, day, month, weekday = words
    if not _ONE_NUMBER.fullmatch(minute):
        raise Unfit("must not come more often than every hour: the minute is one number")
    month = _NAME.sub(lambda found: _month_of(found[0]), month)
    if not all(_FIELD.fullmatch(each) for each in (hour, day, month)):
        raise Unfit("is no crontab line")
    weekdays = _read_weekdays(weekday)
    # As cron does: with both restricted, one of them is enough.
    is_either = not day.startswith("*") and not weekday.startswith("*")
    days = ((day, "*"), ("*", weekdays)) if is_either else ((day, weekdays),)
    try:
        triggers = tuple(
            CronTrigger.from_crontab(f"{minute} {hour} {of_month} {month} {of_week}", timezone="UTC")
            for of_month, of_week in days
        )
    except ValueError as unfit:
        raise Unfit("is no crontab line") from unfit
    coming = tuple(trigger for trigger in triggers if _comes(trigger))
    if not coming:
        raise Unfit("never comes")
    return Cron(text, coming)


def _read_weekdays(text: str) -> str:
    """By their names, one by one: the library begins to count at another day than crontab does."""
    found: set[int] = set()
    for item in text.split(","):
        match = _WEEKDAYS.fullmatch(item)
        if match is None:
            raise Unfit("is no crontab line")
        first, last, step = match.groups()
        low = 0 if first == "*" else _number_of(first)
        if first == "*":
            high = 6
        elif last is not None:
            high = _number_of(last) or 7 * (low > 0)
        else:
            high = 6 if step else low
        if low > high or (first == "*" and last):
            raise Unfit("is no crontab line")
        found |= {day % 7 for day in range(low, high + 1, int(step or 1))}
    return "*" if len(found) == len(DAYS) else ",".join(DAYS[day] for day in sorted(found))


def _month_of(name: str) -> str:
    if name not in MONTHS:
        raise Unfit("is no crontab line")
    return str(MONTHS.index(name) + 1)


def _number_of(day: str) -> int:
    if day.isdigit():
        return int(day)
    if day not in DAYS:
        raise Unfit("is no crontab line")
    return DAYS.index(day)


def _comes(trigger: CronTrigger) -> bool:
    bounded = CronTrigger.from_crontab("0 0 * * *", timezone="UTC")
    bounded.fields, bounded.end_date = trigger.fields, _TO
    return bounded.get_next_fire_time(None, _FROM) is not None


def _next(trigger: CronTrigger, told: datetime) -> datetime:
    found: datetime = trigger.get_next_fire_time(None, told)
    return found
