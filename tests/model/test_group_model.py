"""Does a group do what the model does? The short run; `python -m model.long_run --groups` is the long one."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from uuid import UUID

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

import proof
from bench import place as bench
from model import episode
from model.groups.desk import Sharers, make_sharers
from model.long_run import GROUP_SEEDS
from model.machine import machine_of
from model.served import Server
from model.test_ledger_model import SEED
from people import Client
from tallystick.app import App
from tallystick.ledger.links.job import FollowJob
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.roles import DATABASE

SEEDS_MAX = 4
STEPS = 200
KILLS, KILLS_MAX = 2, 8
SHORT = settings(max_examples=4, stateful_step_count=25, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def prove(postgres: EmbeddedPostgres, server: App) -> Iterator[episode.Prove]:
    """Proves a group, or a book, from the tables themselves."""
    with proof.connect(postgres.superuser_dsn, dbname=DATABASE) as database:
        yield lambda space_id: proof.prove(database, server.store.keys, space_id)


@pytest.fixture
async def sharers(client: Client, server: App) -> Sharers:
    made = await make_sharers(client)
    made.follow = FollowJob(server.store, server.apart).run
    return made


async def test_a_group_does_what_the_model_does(sharers: Sharers, prove: episode.Prove) -> None:
    machine = seed(SEED)(machine_of(sharers, prove, asyncio.get_running_loop()))
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=SHORT)


async def test_a_group_does_what_the_model_does_over_a_longer_time(sharers: Sharers, prove: episode.Prove) -> None:
    walk = await episode.run(sharers, f"{SEED}", prove, steps=STEPS)
    assert walk.refusals > 0


@pytest.mark.parametrize("failed", GROUP_SEEDS.read_text().split()[-SEEDS_MAX:])
async def test_what_failed_once_in_a_group_does_not_fail_again(
    failed: str, sharers: Sharers, prove: episode.Prove
) -> None:
    await episode.run(sharers, failed, prove)


async def test_what_kill_9_cuts_off_reaches_group_and_books_exactly_once() -> None:
    async with bench.opened() as place, AsyncExitStack() as life:
        server = Server(place, life, make_sharers)
        people = [await server.make_people() for _ in range(3)]

        def prove(space_id: UUID) -> None:
            with proof.connect(place.postgres.superuser_dsn, dbname=DATABASE) as database:
                proof.prove(database, place.store.keys, space_id)

        walks = [
            asyncio.create_task(episode.run(each, f"{SEED} {number}", prove, steps=STEPS // 2))
            for number, each in enumerate(people)
        ]
        # Some hit nobody: while a group is made nothing is killed, and between two calls there is nothing to cut off.
        while server.kills < KILLS_MAX and (server.kills < KILLS or not any(each.calls_repeated for each in people)):
            await asyncio.sleep(0.3)
            await server.kill()
        await asyncio.gather(*walks)
    assert sum(each.calls_repeated for each in people) > 0
