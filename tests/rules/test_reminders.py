"""Of what does a template remind, and when next? Against its calendar, day by day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tallystick.ledger.templates.reminders import next_reminder_at, reminder_of
from tallystick.ledger.templates.rules import handle
from tallystick.v1.ledger_templates_pb2 import Schedule, Template, TemplateMode, Weekend

POST, REMIND = TemplateMode.TEMPLATE_MODE_POST, TemplateMode.TEMPLATE_MODE_REMIND
START = date(2026, 3, 2)


def template(rule: str = "FREQ=DAILY", mode: TemplateMode.ValueType = REMIND, **fields: object) -> Template:
    made = Template(mode=mode, schedule=Schedule(starts_on=START.isoformat(), rule=rule), **fields)  # type: ignore[arg-type]  # fields of it
    handle(made, [])
    return made


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def test_it_reminds_of_the_latest_and_counts_those_that_wait() -> None:
    one = template()
    assert reminder_of(one, START - timedelta(days=1)) is None
    assert reminder_of(one, START) == (START, START, 1)
    assert reminder_of(one, date(2026, 3, 11)) == (date(2026, 3, 11), date(2026, 3, 11), 10)


def test_whoever_has_done_with_the_latest_is_not_reminded_of_those_before() -> None:
    one = template()
    handle(one, [date(2026, 3, 4)])
    assert reminder_of(one, date(2026, 3, 4)) is None
    assert reminder_of(one, date(2026, 3, 5)) == (date(2026, 3, 5), date(2026, 3, 5), 3)
    # What was done before its turn keeps nothing back.
    handle(one, [date(2026, 3, 9)])
    assert reminder_of(one, date(2026, 3, 6)) == (date(2026, 3, 6), date(2026, 3, 6), 4)


def test_one_that_posts_or_is_paused_reminds_of_nothing() -> None:
    for other in (template(mode=POST), template(paused=True)):
        assert reminder_of(other, date(2026, 4, 1)) is None
        assert next_reminder_at(other, "UTC", noon(START)) is None


def test_the_next_day_is_the_one_that_it_is_booked_on() -> None:
    # The 7th is a Saturday.
    weekly = template("FREQ=WEEKLY;BYDAY=SA")
    weekly.schedule.weekend = Weekend.WEEKEND_NEXT
    assert next_reminder_at(weekly, "UTC", noon(START)) == datetime(2026, 3, 9, tzinfo=UTC)
    assert reminder_of(weekly, date(2026, 3, 8)) is None
    assert reminder_of(weekly, date(2026, 3, 9)) == (date(2026, 3, 7), date(2026, 3, 9), 1)


def test_one_that_has_ended_is_not_looked_at_any_more() -> None:
    ended = template()
    ended.schedule.count = 2
    assert next_reminder_at(ended, "UTC", noon(START)) == datetime(2026, 3, 3, tzinfo=UTC)
    assert next_reminder_at(ended, "UTC", noon(date(2026, 3, 3))) is None


@given(
    st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY", "FREQ=DAILY;INTERVAL=5"]),
    st.sampled_from(["UTC", "Asia/Tokyo", "America/Santiago", "Europe/Berlin"]),
    st.integers(0, 400 * 24 * 60),
)
def test_every_day_of_it_is_looked_at_once_it_has_begun(rule: str, zone: str, minutes: int) -> None:
    one, now = template(rule), datetime(2026, 2, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    following = next_reminder_at(one, zone, now)
    assert following is not None
    assert following > now
    day = following.astimezone(ZoneInfo(zone)).date()
    assert (following - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() < day
    found = reminder_of(one, day)
    assert found is not None
    assert found.booked_on == day
    before = reminder_of(one, day - timedelta(days=1))
    today = now.astimezone(ZoneInfo(zone)).date()
    assert (before.booked_on if before else date.min) <= today
