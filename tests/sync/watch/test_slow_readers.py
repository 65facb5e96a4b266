"""Readers that stall cost nothing more, however much happens, and keep nobody else waiting."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from bench.idle_streams import resident_kb
from people import BookOf, Client, Person, sign_up
from rpc.spaces.sharing import VIEWER, share
from sync.watch.device import bodies, cursor_of, up_to_date
from sync.watch.stalled import STREAMS_A_CONNECTION, Stalled, stall
from tallystick.app import App

STALLED = 100
NOTE = "n" * 2000
ROUND = 60
# What a queue for each stream would take is many times this.
GROWTH_MAX_KB = 8_000


@asynccontextmanager
async def stalled_streams(client: Client, server: App, book: BookOf, count: int) -> AsyncIterator[list[Stalled]]:
    """So many watches of the book, of as many members as it takes, at the book's head."""
    opened: list[Stalled] = []
    try:
        for _ in range(count // STREAMS_A_CONNECTION):
            member = await sign_up(client, "Zoe")
            await share(book.person, book.id, member, VIEWER)
            cursors = [await cursor_of(member, space_id) for space_id in (book.id, member.user.home_id)]
            opened.append(await stall(server.port, member.tokens.access_token, cursors))
        yield opened
    finally:
        for connection in opened:
            connection.close()


async def test_watch_keeps_nothing_for_readers_that_stall(
    client: Client, server: App, book: BookOf, ann: Person
) -> None:
    watchers = server.sync.watching.audience
    before = len(watchers)
    async with stalled_streams(client, server, book, STALLED), up_to_date(ann, book.id, ann.user.home_id) as watch:

        async def write(count: int) -> None:
            """Each change reaches the reader who reads, while the others do not."""
            for minor in range(1, count + 1):
                spent = (await book.spend(minor, note=NOTE)).transaction
                while spent not in bodies(await watch.expect("changes")):
                    pass

        await write(ROUND)
        first_kb = await resident_kb(os.getpid())
        await write(ROUND)
        grown_kb = await resident_kb(os.getpid()) - first_kb
        waiting = [watcher.dirty for watcher in watchers if watcher.dirty]
    assert len(waiting) > STALLED / 2, "the readers did not stall, so nothing was tested"
    assert all(dirty == {UUID(book.id)} for dirty in waiting)
    assert grown_kb < GROWTH_MAX_KB
    # They end while the server waits for room to write to them: all is given back.
    async with asyncio.timeout(10):
        while len(watchers) > before:
            await asyncio.sleep(0.01)
