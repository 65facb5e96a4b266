"""How does the server end a Watch? With a goodbye, after which the device goes on elsewhere and misses nothing."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import grpc

from people import BookOf, Client, Person
from sync.watch.device import bodies, cursor_of, watching
from tallystick import app
from tallystick.config import Config
from tallystick.sync import watching as server_side
from turned_clock import TurnedClock

AGAIN_AFTER_MAX_S = server_side.AGAIN_AFTER_MAX_S


def on(channel: grpc.aio.Channel, person: Person) -> Client:
    """The same session at another server."""
    return Client(channel).with_token(person.tokens.access_token)


async def test_watch_ends_after_its_lifetime_with_a_goodbye(
    config: Config, clock: TurnedClock, ann: Person, book: BookOf
) -> None:
    settings = replace(config, watch_lifetime_s=0.3)
    async with (
        app.running(settings, clock) as short,
        grpc.aio.insecure_channel(f"127.0.0.1:{short.port}") as channel,
        watching(on(channel, ann), await cursor_of(ann, book.id)) as watch,
    ):
        await watch.start()
        goodbye = await watch.expect("goodbye")
        assert list(goodbye.cursors) == [await cursor_of(ann, book.id)]
        assert 0 <= goodbye.again_after.ToMilliseconds() <= AGAIN_AFTER_MAX_S * 1000
        await watch.ends()
        assert len(short.sync.watching.audience) == 0


async def test_watch_says_goodbye_when_the_server_stops_and_no_change_is_lost(
    config: Config, clock: TurnedClock, ann: Person, book: BookOf
) -> None:
    cursors = [await cursor_of(ann, space_id) for space_id in (book.id, ann.user.home_id)]
    written: list[int] = []
    seen: list[int] = []

    async def write(count: int) -> None:
        written.extend([(await book.spend(minor)).transaction.version for minor in range(1, count + 1)])

    async with AsyncExitStack() as leaving:
        server = await leaving.enter_async_context(app.running(config, clock))
        async with (
            grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
            watching(on(channel, ann), *cursors) as watch,
        ):
            await watch.start()
            writing = asyncio.create_task(write(60))
            while len(seen) < 5:
                event = await watch.expect("changes")
                seen += {body.version for body in bodies(event)}
            stopping = asyncio.create_task(leaving.aclose())
            goodbye = None
            while goodbye is None:
                event = await watch.next()
                if event.HasField("goodbye"):
                    goodbye = event.goodbye
                else:
                    seen += {body.version for body in bodies(event.changes)}
            await watch.ends()
        await writing
        await stopping
    async with watching(ann, *goodbye.cursors) as elsewhere:
        for event in await elsewhere.start():
            seen += [change.version for change in event.changes.changes]
    assert [*dict.fromkeys(sorted(seen))] == written
    # What the goodbye's cursors covered did not come again.
    assert len({*seen}) == len(written)


async def test_watch_is_refused_by_a_server_that_has_said_goodbye(
    config: Config, clock: TurnedClock, ann: Person
) -> None:
    async with (
        app.running(config, clock) as server,
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        server.sync.watching.drain()
        async with watching(on(channel, ann)) as watch:
            assert (await watch.refusal()).reason == "SHUTTING_DOWN"
