"""Does the ledger do what the model does? The short run; `python -m model.long_run` is the long one."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from uuid import UUID

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

import proof
from bench import place as bench
from model import episode
from model.desk import People, make_people
from model.long_run import SEEDS
from model.machine import machine_of
from model.served import Server
from people import Client
from tallystick.app import App
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.roles import DATABASE

# Every choice follows from it.
SEED = int(os.environ.get("TALLYSTICK_TEST_SEED", "20260101"))
SEEDS_MAX = 8
STEPS = 500
KILLS = 3
SHORT = settings(max_examples=12, stateful_step_count=50, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def prove(postgres: EmbeddedPostgres, server: App) -> Iterator[episode.Prove]:
    """Proves a book from the tables themselves."""
    with proof.connect(postgres.superuser_dsn, dbname=DATABASE) as database:
        yield lambda book_id: proof.prove(database, server.store.keys, book_id)


@pytest.fixture(autouse=True)
def shown_seed() -> None:
    """Shown where a test fails."""
    sys.stdout.write(f"TALLYSTICK_TEST_SEED={SEED}\n")


@pytest.fixture
async def people(client: Client) -> People:
    return await make_people(client)


async def test_the_ledger_does_what_the_model_does(people: People, prove: episode.Prove) -> None:
    machine = seed(SEED)(machine_of(people, prove, asyncio.get_running_loop()))
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=SHORT)


async def test_the_ledger_does_what_the_model_does_over_a_longer_time(people: People, prove: episode.Prove) -> None:
    walk = await episode.run(people, f"{SEED}", prove, steps=STEPS)
    assert walk.refusals > 0


@pytest.mark.parametrize("failed", SEEDS.read_text().split()[-SEEDS_MAX:])
async def test_what_failed_once_does_not_fail_again(failed: str, people: People, prove: episode.Prove) -> None:
    await episode.run(people, failed, prove)


async def test_what_kill_9_cuts_off_and_is_asked_again_happens_exactly_once() -> None:
    async with bench.opened() as place, AsyncExitStack() as life:
        server = Server(place, life)
        people = [await server.make_people() for _ in range(4)]

        def prove(book_id: UUID) -> None:
            with proof.connect(place.postgres.superuser_dsn, dbname=DATABASE) as database:
                proof.prove(database, place.store.keys, book_id)

        walks = [
            asyncio.create_task(episode.run(each, f"{SEED} {number}", prove)) for number, each in enumerate(people)
        ]
        for _ in range(KILLS):
            await asyncio.sleep(0.3)
            await server.kill()
        await asyncio.gather(*walks)
    assert sum(each.calls_repeated for each in people) > 0
