"""Of what does a template remind that does not post by itself, and when next? Pure."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tallystick.ledger.templates.recurrence import occurrences
from tallystick.ledger.templates.rules import REMIND, schedule_of, today_in, waiting
from tallystick.v1.ledger_templates_pb2 import Template

# More days than a schedule can have.
_ALL = 100_000
# By how much a weekend policy moves an occurrence at most, and so many slots that one of them is on a later day.
_MOVED, _SLOTS = timedelta(days=2), 8


class Reminder(NamedTuple):
    """The latest occurrence that waits, the day it is to be booked on, and how many wait."""

    slot_on: date
    booked_on: date
    waiting: int


def reminder_of(template: Template, today: date) -> Reminder | None:
    """None: nothing waits, or the template does not remind. Whoever has done with the latest one knows of those before it."""
    if template.paused or template.mode != REMIND:
        return None
    found = waiting(template, today, None, _ALL)
    if not found:
        return None
    latest = found[-1]
    if any(latest.slot_on.isoformat() < slot <= today.isoformat() for slot in template.handled_ahead):
        return None
    return Reminder(latest.slot_on, latest.booked_on, len(found))


def next_reminder_at(template: Template, time_zone: str, now: datetime) -> datetime | None:
    """The beginning of the next day, after today, on which an occurrence is to be booked. None: there is none, or it does not remind."""
    if template.paused or template.mode != REMIND:
        return None
    today = today_in(time_zone, now)
    coming = occurrences(schedule_of(template), today - _MOVED, _SLOTS)
    days = [occurrence.booked_on for occurrence in coming if occurrence.booked_on > today]
    if not days:
        return None
    # Where clocks go forward at midnight the day begins at one, and where they go back it begins the first time: as this reads it.
    return datetime.combine(min(days), time.min, ZoneInfo(time_zone or "UTC")).astimezone(UTC)
