"""Do providers' rates come in once, whatever the number of servers, and never wrong, late or at somebody's expense?"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

import proof
from tallystick.config import BadSettings, Config
from tallystick.jobs import runs
from tallystick.jobs.writes import RunState
from tallystick.ledger.rates.ecb import ProviderAnswerInvalid, ProviderUnavailable
from tallystick.ledger.rates.job import LEASE, RATES_EVERY_S, RateJob, sift, slot_of
from tallystick.ledger.rates.rules import JUMP_FACTOR_MAX, JUMP_MEMORY, Quote
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.roles import DATABASE
from tallystick.store.apart import Apart
from tallystick.store.pool import open_pool
from tallystick.store.store import Store
from turned_clock import TurnedClock

MONDAY = date(2026, 2, 2)


@dataclass
class Provider:
    """A provider that answers as the test says. A list is what it publishes."""

    name: str = field(default_factory=lambda: f"T{uuid4().hex}")
    answer: list[Quote] | Exception = field(default_factory=list)
    asked: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event | None = None

    def says(self, rate: str, on: date = MONDAY, quote: str = "ISK") -> Quote:
        return Quote("EUR", quote, on, Decimal(rate), self.name)

    async def fetch(self) -> list[Quote]:
        self.asked += 1
        self.arrived.set()
        if self.released is not None:
            await self.released.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Iterator[proof.Connection]:
    """The tables themselves. What these tests published is gone afterwards: it would be everybody's."""
    with proof.connect(postgres.superuser_dsn, dbname=DATABASE) as connection:
        yield connection
        connection.execute("DELETE FROM provider_rate WHERE source LIKE 'T%'")


@pytest.fixture
async def servers(config: Config, clock: TurnedClock) -> AsyncIterator[list[Apart]]:
    """Two servers' ways to the database, of two connections each."""
    async with AsyncExitStack() as stack:
        pools = [await stack.enter_async_context(open_pool(config.database_url, 2)) for _ in range(2)]
        yield [Apart(Store(pool, config.load_keyring(), clock, nudge=lambda space_id: None)) for pool in pools]


def stored(database: proof.Connection, provider: Provider) -> list[tuple[Any, ...]]:
    return database.execute(
        "SELECT quote, effective_on, rate FROM provider_rate WHERE source = %s ORDER BY effective_on, quote",
        (provider.name,),
    ).fetchall()


def runs_of(database: proof.Connection, provider: Provider) -> list[tuple[Any, ...]]:
    return database.execute(
        "SELECT state, attempts, problem FROM job_run WHERE job = %s ORDER BY slot", (f"rates:{provider.name}",)
    ).fetchall()


async def test_rate_job_brings_what_a_provider_publishes_once_a_day(
    servers: list[Apart], clock: TurnedClock, database: proof.Connection
) -> None:
    provider = Provider()
    provider.answer = [provider.says("142.10"), provider.says("1.0823", quote="USD")]
    job = RateJob(servers[0], [provider], clock)
    for _ in range(3):
        await job.run()
    assert provider.asked == 1
    assert stored(database, provider) == [("ISK", MONDAY, "142.1"), ("USD", MONDAY, "1.0823")]
    assert runs_of(database, provider) == [(RunState.DONE, 1, None)]
    provider.answer = [provider.says("143", on=MONDAY + timedelta(days=1))]
    with clock.later(days=1):
        await job.run()
        await job.run()
    assert provider.asked == 2
    assert [row[2] for row in stored(database, provider)] == ["142.1", "1.0823", "143"]


async def test_rate_job_of_two_servers_asks_once(
    servers: list[Apart], clock: TurnedClock, database: proof.Connection
) -> None:
    for _ in range(5):
        provider = Provider()
        provider.answer = [provider.says("142")]
        jobs = [RateJob(apart, [provider], clock) for apart in servers * 3]
        await asyncio.gather(*(job.run() for job in jobs))
        assert provider.asked == 1
        assert runs_of(database, provider) == [(RunState.DONE, 1, None)]


async def test_t26_rate_job_writes_nothing_of_a_fetch_that_failed_and_tries_again_at_the_next_tick(
    servers: list[Apart], clock: TurnedClock, database: proof.Connection
) -> None:
    provider = Provider(answer=ProviderUnavailable("the answer is 503"))
    jobs = [RateJob(apart, [provider], clock) for apart in servers]
    for tick, problem in enumerate((ProviderUnavailable("503"), ProviderAnswerInvalid("it is no XML"))):
        provider.answer = problem
        with clock.later(seconds=tick * RATES_EVERY_S):
            await asyncio.gather(*(job.run() for job in jobs * 2))
        assert provider.asked == tick + 1
        assert stored(database, provider) == []
        ((state, attempts, said),) = runs_of(database, provider)
        assert (state, attempts) == (RunState.FAILED, tick + 1)
        assert str(problem) in said
    provider.answer = [provider.says("142")]
    with clock.later(seconds=2 * RATES_EVERY_S):
        await asyncio.gather(*(job.run() for job in jobs * 2))
    assert stored(database, provider) == [("ISK", MONDAY, "142")]
    assert runs_of(database, provider) == [(RunState.DONE, 3, None)]


async def test_rate_job_goes_on_with_the_other_providers_when_one_is_away(
    servers: list[Apart], clock: TurnedClock, database: proof.Connection
) -> None:
    away, there = Provider(answer=ProviderUnavailable("away")), Provider()
    there.answer = [there.says("142")]
    await RateJob(servers[0], [away, there], clock).run()
    assert stored(database, there) == [("ISK", MONDAY, "142")]


async def test_rate_job_goes_on_where_a_server_died(
    servers: list[Apart], clock: TurnedClock, database: proof.Connection
) -> None:
    provider = Provider(released=asyncio.Event())
    provider.answer = [provider.says("142")]
    dying = asyncio.create_task(RateJob(servers[0], [provider], clock).run())
    await provider.arrived.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    provider.released = None
    other = RateJob(servers[1], [provider], clock)
    await other.run()
    assert provider.asked == 1
    with clock.later(seconds=LEASE.total_seconds()):
        await other.run()
    assert stored(database, provider) == [("ISK", MONDAY, "142")]
    assert runs_of(database, provider) == [(RunState.DONE, 2, None)]


async def test_rate_job_holds_no_connection_while_it_waits_for_a_provider(config: Config, clock: TurnedClock) -> None:
    provider = Provider(released=asyncio.Event())
    assert provider.released is not None
    async with open_pool(config.database_url, 1) as pool:
        apart = Apart(Store(pool, config.load_keyring(), clock, nudge=lambda space_id: None))
        running = asyncio.create_task(RateJob(apart, [provider], clock).run())
        await provider.arrived.wait()
        await apart.fetch_all()
        provider.released.set()
        await running


async def test_t32_rate_job_holds_back_what_cannot_be_believed(
    servers: list[Apart], clock: TurnedClock, database: proof.Connection
) -> None:
    provider = Provider()
    job = RateJob(servers[0], [provider], clock)
    days = [MONDAY + timedelta(days=day) for day in range(3)]
    said = [("142", "7.4"), ("1.42", "7.5"), ("143", "7.6")]
    for number, (day, (isk, dkk)) in enumerate(zip(days, said, strict=True)):
        provider.answer = [provider.says(isk, on=day), provider.says(dkk, on=day, quote="DKK")]
        with clock.later(days=number):
            await job.run()
    assert [row[1:] for row in stored(database, provider) if row[0] == "ISK"] == [(days[0], "142"), (days[2], "143")]
    assert [row[2] for row in stored(database, provider) if row[0] == "DKK"] == ["7.4", "7.5", "7.6"]
    assert {row[0] for row in runs_of(database, provider)} == {RunState.DONE}


async def test_rate_job_measures_a_provider_by_what_that_provider_said(
    servers: list[Apart], clock: TurnedClock, database: proof.Connection
) -> None:
    of_one, of_a_hundred = Provider(), Provider()
    of_one.answer, of_a_hundred.answer = [of_one.says("1.42")], [of_a_hundred.says("142")]
    await RateJob(servers[0], [of_one, of_a_hundred], clock).run()
    assert stored(database, of_one) == [("ISK", MONDAY, "1.42")]
    assert stored(database, of_a_hundred) == [("ISK", MONDAY, "142")]


async def test_rate_job_takes_over_what_a_provider_corrects(
    servers: list[Apart], clock: TurnedClock, database: proof.Connection
) -> None:
    provider = Provider()
    job = RateJob(servers[0], [provider], clock)
    for number, rate in enumerate(("142", "142", "141.5")):
        provider.answer = [provider.says(rate)]
        with clock.later(days=number):
            await job.run()
    assert stored(database, provider) == [("ISK", MONDAY, "141.5")]


async def test_rate_job_brings_a_whole_history_at_once(
    servers: list[Apart], clock: TurnedClock, database: proof.Connection
) -> None:
    provider = Provider()
    provider.answer = [provider.says(str(140 + day % 5), on=MONDAY + timedelta(days=day)) for day in range(90)]
    await RateJob(servers[0], [provider], clock).run()
    assert len(stored(database, provider)) == 90


async def test_claim_gives_a_slot_to_one_until_its_lease_runs_out_or_it_is_done(
    servers: list[Apart], database: proof.Connection
) -> None:
    job, space_id = f"T{uuid4().hex}", uuid4()
    now, lease = datetime(2026, 2, 2, 12, tzinfo=UTC), timedelta(minutes=5)

    async def claimed(at: datetime, slot: date = MONDAY, space: UUID = space_id) -> int:
        claims = (runs.claim(apart, space, job, slot, at, lease) for apart in servers * 4)
        return sum(await asyncio.gather(*claims))

    assert await claimed(now) == 1
    assert await claimed(now + lease - timedelta(seconds=1)) == 0
    assert await claimed(now, slot=MONDAY + timedelta(days=1)) == 1
    assert await claimed(now, space=uuid4()) == 1
    assert await claimed(now + lease) == 1
    await runs.finish(servers[0], space_id, job, MONDAY, "it broke")
    assert await claimed(now + lease) == 0
    assert await claimed(now + 2 * lease) == 1
    await runs.finish(servers[0], space_id, job, MONDAY, None)
    await runs.finish(servers[1], space_id, job, MONDAY, "somebody came late")
    assert await claimed(now + timedelta(days=365)) == 0
    sql = "SELECT state, attempts, problem FROM job_run WHERE job = %s AND space_id = %s AND slot = %s"
    assert database.execute(sql, (job, space_id, MONDAY)).fetchall() == [(RunState.DONE, 3, None)]


def test_slot_of_a_day_begins_when_its_rates_are_out() -> None:
    assert slot_of(datetime(2026, 2, 3, 15, 59, 59, tzinfo=UTC)) == MONDAY
    assert slot_of(datetime(2026, 2, 3, 16, tzinfo=UTC)) == MONDAY + timedelta(days=1)
    assert slot_of(datetime(2026, 2, 3, 17, tzinfo=UTC).astimezone()) == MONDAY + timedelta(days=1)


def test_lease_ends_before_the_next_tick() -> None:
    """If you are here because this failed: a failed fetch would be tried again at every second tick only."""
    assert timedelta(seconds=RATES_EVERY_S) > LEASE


_QUOTES = st.builds(
    Quote,
    base=st.just("EUR"),
    quote=st.sampled_from(["ISK", "USD"]),
    on=st.dates(MONDAY, MONDAY + timedelta(days=60)),
    rate=st.integers(1, 40).map(Decimal),
    source=st.just("ECB"),
)


@given(st.lists(_QUOTES, unique_by=lambda quote: (quote.quote, quote.on)))
def test_sift_loses_nothing_and_believes_no_jump(quotes: list[Quote]) -> None:
    believed, held_back = sift([], quotes)
    assert sorted(believed + held_back, key=repr) == sorted(quotes, key=repr)
    for currency in ("ISK", "USD"):
        run = [quote for quote in believed if quote.quote == currency]
        assert [quote.on for quote in run] == sorted(quote.on for quote in run)
        for before, after in pairwise(run):
            factor = max(before.rate, after.rate) / min(before.rate, after.rate)
            assert factor <= JUMP_FACTOR_MAX or after.on - before.on > JUMP_MEMORY


def test_sift_holds_what_is_older_than_the_newest_against_it_and_keeps_it_as_the_measure() -> None:
    provider = Provider()
    newest = provider.says("100", on=MONDAY + timedelta(days=10))
    wrong, right = provider.says("1"), provider.says("90", on=MONDAY + timedelta(days=1))
    jump = provider.says("190", on=MONDAY + timedelta(days=11))
    assert sift([newest], [right, wrong, jump]) == ([right, jump], [wrong])


def test_rates_setting_names_a_provider_or_nobody() -> None:
    assert Config.read({"TALLYSTICK_RATES": "ECB"}).rates == "ecb"
    assert Config.read({"TALLYSTICK_RATES": "off"}).rates == "off"
    with pytest.raises(BadSettings):
        Config.read({"TALLYSTICK_RATES": "fed"})
