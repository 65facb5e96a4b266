"""Two servers on one database: what one commits, the watchers of the other hear of."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest

from people import BookOf, Client, Person, new_id
from rpc.spaces.sharing import member_of, remove
from sync.watch.device import bodies, cursor_of, up_to_date, watching
from tallystick import app
from tallystick.config import Config
from tallystick_client.v1.auth_service_pb2 import LogoutRequest
from turned_clock import TurnedClock


@pytest.fixture
async def other(config: Config, clock: TurnedClock) -> AsyncIterator[grpc.aio.Channel]:
    """A way to a second server on the same database."""
    async with (
        app.running(config, clock) as second,
        grpc.aio.insecure_channel(f"127.0.0.1:{second.port}") as channel,
    ):
        yield channel


def over(channel: grpc.aio.Channel, person: Person) -> Client:
    return Client(channel).with_token(person.tokens.access_token)


async def test_watch_brings_what_another_server_commits(other: grpc.aio.Channel, book: BookOf, ann: Person) -> None:
    there = over(other, ann)
    async with (
        up_to_date(ann, book.id, ann.user.home_id) as here_watch,
        up_to_date(there, book.id, ann.user.home_id) as there_watch,
    ):
        for client in (ann, there):
            spent = (await client.ledger.CreateTransaction(book.expense(100))).transaction
            for watch in (here_watch, there_watch):
                assert spent in bodies(await watch.expect("changes"))


async def test_watch_misses_nothing_of_many_writers_on_two_servers(
    other: grpc.aio.Channel, book: BookOf, ann: Person
) -> None:
    async def write(client: Client) -> set[int]:
        return {(await client.ledger.CreateTransaction(book.expense(1))).transaction.version for _ in range(20)}

    async with watching(ann, await cursor_of(ann, book.id), await cursor_of(ann, ann.user.home_id)) as watch:
        await watch.start()
        writers = asyncio.gather(*(write(client) for client in (ann, over(other, ann)) for _ in range(3)))
        order: list[int] = []
        while len(set(order)) < 120:
            changes = await watch.expect("changes")
            order += [change.version for change in changes.changes]
        assert set(order) == set().union(*await writers)
    assert order == sorted(order)


async def test_watch_forgets_and_ends_for_what_happened_at_another_server(
    other: grpc.aio.Channel, book: BookOf, ann: Person, vic: Person
) -> None:
    async with up_to_date(over(other, vic), book.id, vic.user.home_id) as watch:
        await remove(ann, await member_of(ann, book.id, vic))
        await book.spend(100)
        assert (await watch.expect("forget")).space_id == book.id
        await vic.auth.Logout(LogoutRequest(request_id=new_id()))
        assert (await watch.refusal()).reason == "INVALID_TOKEN"
