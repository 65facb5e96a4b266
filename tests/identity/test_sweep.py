"""What is deleted because its time is over."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from people import Client, sign_up
from tallystick.app import App
from tallystick.identity import sweep as module
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick_client.v1 import auth_service_pb2 as pb
from turned_clock import TurnedClock

Count: TypeAlias = Callable[[str, str], Awaitable[int]]


@pytest.fixture
def count(postgres: EmbeddedPostgres) -> Count:
    url = make_conninfo(postgres.superuser_dsn, dbname=conninfo_to_dict(postgres.app_dsn)["dbname"])

    async def read(table: str, user_id: Any) -> Any:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            cursor = await connection.execute(f"SELECT count(*) FROM {table} WHERE user_id = %s", (user_id,))
            ((number,),) = await cursor.fetchall()
            return int(number)

    return read


TABLES = ("session", "refresh_token", "mail_token", "known_device")


async def test_sweep_leaves_what_still_has_a_use(server: App, client: Client, count: Count) -> None:
    ann = await sign_up(client)
    await server.identity.sweep()
    assert [await count(table, ann.user.id) for table in TABLES] == [1, 1, 1, 1]
    await ann.auth.GetMe(pb.GetMeRequest())


async def test_sweep_deletes_each_thing_when_its_time_is_over(
    server: App, client: Client, count: Count, clock: TurnedClock
) -> None:
    ann = await sign_up(client)
    with clock.later(days=4):
        await server.identity.sweep()
        assert [await count(table, ann.user.id) for table in TABLES] == [1, 1, 0, 1]
    with clock.later(days=8):
        await server.identity.sweep()
        assert [await count(table, ann.user.id) for table in TABLES] == [1, 0, 0, 1]
    with clock.later(days=40):
        await server.identity.sweep()
        assert [await count(table, ann.user.id) for table in TABLES] == [0, 0, 0, 1]


async def test_sweep_forgets_devices_that_were_not_seen_for_a_year(
    server: App, client: Client, count: Count, clock: TurnedClock
) -> None:
    ann = await sign_up(client)
    with clock.later(days=364):
        await server.identity.sweep()
        assert await count("known_device", ann.user.id) == 1
    with clock.later(days=366):
        await server.identity.sweep()
        assert await count("known_device", ann.user.id) == 0


async def test_sweep_goes_on_until_nothing_is_left(
    server: App, client: Client, count: Count, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS_MAX", 2)
    people = [await sign_up(client) for _ in range(5)]
    with clock.later(days=4):
        swept = await server.identity.sweep()
    assert swept["mail_tokens"] >= 5
    assert [await count("mail_token", person.user.id) for person in people] == [0] * 5


async def test_sweep_at_once_in_several_processes_is_harmless(
    server: App, client: Client, count: Count, clock: TurnedClock
) -> None:
    people = [await sign_up(client) for _ in range(5)]
    with clock.later(days=8):
        await asyncio.gather(*(server.identity.sweep() for _ in range(4)))
    assert [await count("refresh_token", person.user.id) for person in people] == [0] * 5
