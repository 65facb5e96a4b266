"""On which day is an occurrence posted? On the one it is booked on, from its first minute where the book is."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

import recurring
from ledger.two_servers import Place, as_back, daily, days_from, opened, slots_of
from people import BookOf, make_book, sign_up
from recurring import POST, make_template, posted_of, schedule_of, today
from tallystick.config import Config
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick_client.v1 import ledger_templates_pb2


@pytest.fixture(scope="module")
async def place(postgres: EmbeddedPostgres, config: Config) -> AsyncIterator[Place]:
    async with opened(postgres, config) as running:
        yield running


@pytest.fixture
async def book(place: Place) -> BookOf:
    return await make_book(await sign_up(place.client, "Ann"))


def next_dst_end_in_auckland() -> date:
    """The first Sunday of April, when the day has 25 hours."""
    first = date(today().year + 1, 4, 1)
    return first + timedelta(days=6 - first.weekday())


def next_dst_start_in_new_york() -> date:
    """The second Sunday of March, when the day has 23 hours."""
    first = date(today().year + 1, 3, 1)
    return first + timedelta(days=13 - first.weekday())


@pytest.mark.parametrize(
    ("zone", "sunday", "offsets"),
    [
        ("Pacific/Auckland", next_dst_end_in_auckland(), (13, 12)),
        ("America/New_York", next_dst_start_in_new_york(), (-5, -4)),
    ],
)
async def test_t50_each_day_is_posted_when_it_begins_where_the_book_is(
    place: Place, book: BookOf, zone: str, sunday: date, offsets: tuple[int, int]
) -> None:
    """The day on which clocks change, and the one after: the second begins an hour more or less than a day later."""
    await recurring.set_time_zone(book, zone)
    template = await daily(book, 2, starts_on=sunday)
    for number, offset in enumerate(offsets):
        midnight = datetime.combine(sunday + timedelta(days=number), datetime.min.time(), UTC) - timedelta(hours=offset)
        with place.at(midnight - timedelta(seconds=20)):
            await place.work_off()
        assert await slots_of(book, template) == days_from(sunday, number)
        with place.at(midnight):
            await place.work_off()
        assert await slots_of(book, template) == days_from(sunday, number + 1)


async def test_t50_a_book_that_moves_posts_by_its_new_day(place: Place, book: BookOf) -> None:
    tomorrow = today() + timedelta(days=1)
    template = await daily(book, 1, starts_on=tomorrow)
    eleven_hours_before = datetime.combine(today(), datetime.min.time(), UTC) + timedelta(hours=13)
    with place.at(eleven_hours_before):
        await place.work_off()
        assert await place.count("job_run WHERE space_id = %s", book.id) == 0
        await recurring.set_time_zone(await as_back(book), "Pacific/Kiritimati")
        await place.work_off()
    assert await slots_of(book, template) == [tomorrow.isoformat()]


async def test_t42_t45_a_month_end_on_a_weekend_is_posted_on_the_day_it_is_booked_on(
    place: Place, book: BookOf
) -> None:
    """Three days of every weekend policy that are near each other, posted on their own day each."""
    saturday = today() + timedelta(days=7 + (5 - today().weekday()) % 7)
    policies = {
        ledger_templates_pb2.Weekend.WEEKEND_PREVIOUS: -1,
        ledger_templates_pb2.Weekend.WEEKEND_KEEP: 0,
        ledger_templates_pb2.Weekend.WEEKEND_NEXT: 2,
    }
    for policy, moved in policies.items():
        template = await make_template(
            book, mode=POST, schedule=schedule_of(saturday, "FREQ=WEEKLY", weekend=policy, count=1)
        )
        midnight = datetime.combine(saturday + timedelta(days=moved), datetime.min.time(), UTC)
        with place.at(midnight - timedelta(seconds=20)):
            await place.work_off()
            assert await place.count("job_run WHERE job = %s", f"template:{template.id}") == 0
        with place.at(midnight):
            await place.work_off()
        (posted,) = await posted_of(book, template)
        assert (posted.slot_on, posted.booked_on) == (saturday.isoformat(), midnight.date().isoformat())
