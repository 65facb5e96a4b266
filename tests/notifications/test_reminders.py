"""Whom does a template remind, when, and how often?"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from inbox import REMINDER_DUE, caught_up, listed
from people import BookOf, Person, make_book, new_id
from recurring import (
    DAILY,
    POST,
    REMIND,
    draft_of,
    execute,
    make_template,
    pause,
    schedule_of,
    set_time_zone,
    skip,
    update,
)
from rpc.ledger.accounts import make as make_account
from rpc.spaces.sharing import VIEWER, back, leave, share
from tallystick.app import App
from tallystick.notifications.due.reminders import Reminders
from turned_clock import TurnedClock

# All of these days lie ahead of the clock.
FIRST = date(2030, 3, 4)


@contextmanager
def at(clock: TurnedClock, *moment: int) -> Iterator[None]:
    """Inside the block it is that moment in UTC."""
    with clock.later(seconds=(datetime(*moment, tzinfo=UTC) - clock.now()).total_seconds()):  # type: ignore[arg-type, misc]  # not the zone
        yield


async def reminded(server: App, person: Person) -> list[Any]:
    """The slots of which the person was reminded, the oldest first, and how many waited."""
    await caught_up(server)
    await server.notifications.reminders.run()
    found = [each.reminder_due for each in await listed(await back(person), REMINDER_DUE)]
    return [(each.slot_on, each.waiting) for each in reversed(found)]


async def test_a_reminder_comes_on_its_day_and_says_everything(server: App, clock: TurnedClock, book: BookOf) -> None:
    template = await make_template(book, schedule=schedule_of(FIRST), name="Rent")
    with at(clock, 2030, 3, 3, 23, 59):
        assert await reminded(server, book.person) == []
    with at(clock, 2030, 3, 4, 0, 1):
        assert await reminded(server, book.person) == [("2030-03-04", 1)]
        (one,) = await listed(await back(book.person), REMINDER_DUE)
        said = one.reminder_due
        assert (one.space_id, one.space_name, said.template_id, said.template_name) == (
            book.id,
            "Home",
            template.id,
            "Rent",
        )
        assert (said.booked_on, said.amount.minor) == ("2030-03-04", 950)


async def test_each_occurrence_is_reminded_of_once(server: App, clock: TurnedClock, book: BookOf) -> None:
    template = await make_template(book, schedule=schedule_of(FIRST, DAILY))
    for day in (4, 4, 5):
        with at(clock, 2030, 3, day, 8, 0):
            others = [Reminders(server.store, server.apart, server.notifications.raising) for _ in range(3)]
            await caught_up(server)
            await asyncio.gather(*(job.run() for job in others))
            await reminded(server, book.person)
    with at(clock, 2030, 3, 5, 9, 0):
        ours = replace(book, person=await back(book.person))
        await execute(ours, template, "2030-03-05")
        assert await reminded(server, book.person) == [("2030-03-04", 1), ("2030-03-05", 2)]
        # Whoever has done with the latest one knows of the one before it.
        await execute(ours, template, "2030-03-04")
        assert len(await reminded(server, book.person)) == 2


async def test_a_server_that_was_away_reminds_of_the_latest(server: App, clock: TurnedClock, book: BookOf) -> None:
    await make_template(book, schedule=schedule_of(FIRST, DAILY))
    await caught_up(server)
    with at(clock, 2030, 3, 13, 8, 0):
        assert await reminded(server, book.person) == [("2030-03-13", 10)]


async def test_the_day_begins_where_the_book_is(server: App, clock: TurnedClock, book: BookOf) -> None:
    await make_template(book, schedule=schedule_of(FIRST))
    with at(clock, 2030, 3, 3, 20, 0):
        assert await reminded(server, book.person) == []
        await set_time_zone(replace(book, person=await back(book.person)), "Asia/Tokyo")
        assert await reminded(server, book.person) == [("2030-03-04", 1)]


async def test_what_was_done_or_skipped_before_is_not_reminded_of(
    server: App, clock: TurnedClock, book: BookOf
) -> None:
    done, skipped = [await make_template(book, schedule=schedule_of(FIRST)) for _ in range(2)]
    await execute(book, done)
    await skip(book, skipped)
    with at(clock, 2030, 3, 5, 8, 0):
        assert await reminded(server, book.person) == []
    with at(clock, 2030, 4, 4, 8, 0):
        assert len(await reminded(server, book.person)) == 2


async def test_a_paused_or_posting_or_deleted_one_reminds_of_nothing(
    server: App, clock: TurnedClock, book: BookOf
) -> None:
    paused, posting = [await make_template(book, schedule=schedule_of(FIRST)) for _ in range(2)]
    await caught_up(server)
    await pause(book, paused)
    await update(book, posting, "mode", mode=POST)
    with at(clock, 2030, 3, 5, 8, 0):
        assert await reminded(server, book.person) == []
        ours = replace(book, person=await back(book.person))
        await update(ours, posting, "mode", mode=REMIND)
        assert await reminded(server, book.person) == [("2030-03-04", 1)]


@pytest.mark.parametrize("private", [False, True])
async def test_everybody_who_sees_the_template_is_reminded(
    server: App, clock: TurnedClock, book: BookOf, bob: Person, eve: Person, private: bool
) -> None:
    await share(book.person, book.id, bob, VIEWER)
    await share(book.person, book.id, eve)
    account = await make_account(book, private=private)
    await make_template(book, schedule=schedule_of(FIRST), draft=draft_of(book, account_id=account.id))
    await leave(eve, book.id)
    with at(clock, 2030, 3, 4, 8, 0):
        assert len(await reminded(server, book.person)) == 1
        assert len(await reminded(server, bob)) == (0 if private else 1)
        assert await reminded(server, eve) == []


async def test_a_schedule_that_moves_is_followed(server: App, clock: TurnedClock, book: BookOf) -> None:
    template = await make_template(book, schedule=schedule_of("2030-09-01"))
    await caught_up(server)
    await server.notifications.reminders.run()
    await update(book, template, schedule=schedule_of(FIRST))
    with at(clock, 2030, 3, 4, 8, 0):
        assert await reminded(server, book.person) == [("2030-03-04", 1)]


async def test_who_comes_back_to_their_private_template_is_reminded(
    server: App, clock: TurnedClock, book: BookOf, bob: Person
) -> None:
    """While they were away nobody saw it, and nobody looked at it any more."""
    await share(book.person, book.id, bob)
    theirs = replace(book, person=bob)
    account = await make_account(theirs, private=True)
    await make_template(theirs, schedule=schedule_of(FIRST), draft=draft_of(book, account_id=account.id))
    await leave(bob, book.id)
    with at(clock, 2030, 3, 4, 8, 0):
        assert await reminded(server, bob) == []
    await share(book.person, book.id, bob)
    with at(clock, 2030, 3, 4, 9, 0):
        assert await reminded(server, bob) == [("2030-03-04", 1)]


async def test_a_template_of_the_same_id_in_another_book_is_another_one(
    server: App, clock: TurnedClock, book: BookOf
) -> None:
    """Clients make ids, and only within a book must they differ."""
    other, template_id = await make_book(book.person), new_id()
    for each in (book, other):
        await make_template(each, schedule=schedule_of(FIRST), template_id=template_id)
    with at(clock, 2030, 3, 4, 8, 0):
        assert len(await reminded(server, book.person)) == 2
