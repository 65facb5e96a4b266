"""When is a digest mailed? At its hour in the user's time zone, once a day or once a week, whatever clocks do. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tallystick.v1.notification_preferences_pb2 import DigestFrequency, NotificationPreferences

WEEKLY = DigestFrequency.DIGEST_FREQUENCY_WEEKLY
_DAY = timedelta(days=1)
# In so many days there is one of every kind, however far the zone is from UTC.
_DAYS = 9


class Plan(NamedTuple):
    """At which hour, in which time zone, and on which day of the week (1 is Monday). None: every day."""

    hour: int
    time_zone: str
    weekday: int | None

    @classmethod
    def of(cls, preferences: NotificationPreferences, time_zone: str) -> "Plan":
        weekday = preferences.digest_weekday if preferences.digest == WEEKLY else None
        return cls(preferences.digest_hour, time_zone, weekday)


def next_after(plan: Plan, moment: datetime) -> datetime:
    """The first time for a digest after that moment."""
    days = _days_from(plan, moment, _DAY)
    return next(at for at in (_instant(plan, day) for day in days) if at > moment)


def last_until(plan: Plan, moment: datetime) -> datetime:
    """The last time for a digest up to that moment, itself included."""
    days = _days_from(plan, moment, -_DAY)
    return next(at for at in (_instant(plan, day) for day in days) if at <= moment)


def _days_from(plan: Plan, moment: datetime, step: timedelta) -> Iterator[date]:
    """The days on which there is a digest, from the day before or after the moment's own."""
    today = moment.astimezone(_zone(plan)).date()
    days = (today + step * number for number in range(-1, _DAYS))
    return (day for day in days if plan.weekday in (None, day.isoweekday()))


def _instant(plan: Plan, day: date) -> datetime:
    """Where clocks go forward over the hour it is the one after, and where they go back over it the first of the two: as this reads it."""
    return datetime.combine(day, time(plan.hour), _zone(plan)).astimezone(UTC)


def _zone(plan: Plan) -> ZoneInfo:
    return ZoneInfo(plan.time_zone or "UTC")
