"""What is forgotten, and when? What was read more than 90 days ago."""

import asyncio

import pytest

from inbox import IMPORT_FINISHED, caught_up, kind_preference, listed, mark_read, prefer, tell_something
from people import Person
from rpc.spaces.sharing import back
from tallystick.app import App
from tallystick.notifications import sweeping
from tallystick.notifications.sweeping import Sweeping
from turned_clock import TurnedClock


async def test_what_was_read_long_ago_is_forgotten(
    server: App, ann: Person, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "DELETED_MAX", 2)
    monkeypatch.setattr(sweeping, "HOMES_MAX", 7)
    ids = [await tell_something(ann, server) for _ in range(6)]
    await mark_read(ann, *ids[:5])
    with clock.later(days=89):
        await server.notifications.sweeping.run()
        assert len(await listed(await back(ann))) == 6
    with clock.later(days=91):
        await asyncio.gather(*(Sweeping(server.store, server.apart).run() for _ in range(3)))
        assert [each.id for each in await listed(await back(ann))] == ids[5:]
        # Nobody goes through it twice a day.
        assert await server.notifications.sweeping.run() == 0


async def test_what_was_only_mailed_is_forgotten_too(server: App, ann: Person, clock: TurnedClock) -> None:
    await prefer(ann, digest=2, kinds=[kind_preference(IMPORT_FINISHED, in_app=False, email=True)])
    await tell_something(ann, server)
    await caught_up(server)
    with clock.later(days=92):
        assert await server.notifications.sweeping.run() >= 1
