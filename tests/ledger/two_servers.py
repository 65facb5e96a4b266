"""On what do tests run that post by themselves? Two servers on a database of their own, and one clock for both, to be turned far."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import grpc
import psycopg

from fresh_database import fresh_database
from people import BookOf, Client
from recurring import DAILY, POST, make_template, posted_of, schedule_of, today
from rpc.spaces.sharing import back
from tallystick import app
from tallystick.config import Config
from tallystick.jobs.due.job import LEASE, DueJob
from tallystick.ledger.templates.job import TemplateJob
from tallystick.runtime.postgres import EmbeddedPostgres
from turned_clock import TurnedClock

PATIENCE_S = 30.0


@dataclass(frozen=True)
class Place:
    """Two servers on one database of their own, and one clock for both."""

    servers: tuple[app.App, app.App]
    jobs: tuple[DueJob[Any], DueJob[Any]]
    client: Client
    clock: TurnedClock
    dsn: str
    # The table that says what is due.
    dues: str

    async def work_off(self) -> None:
        """Both servers at once, until nothing is due that could be posted."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            await asyncio.gather(*(job.run() for job in self.jobs))
            if not await self.rows_due():
                return
            assert time.monotonic() < deadline, "something stays due that nobody posts and nobody puts off"
            await asyncio.sleep(0.01)

    async def rows_due(self) -> int:
        now = self.clock.now()
        return await self.count(
            f"{self.dues} d JOIN space s ON s.id = d.space_id WHERE s.deleted_at IS NULL AND due_at <= %s "
            "AND (leased_until IS NULL OR leased_until <= %s)",
            now,
            now + LEASE,
        )

    async def count(self, what: str, *values: Any) -> int:
        ((number,),) = await self.query(f"SELECT count(*) FROM {what}", *values)
        return int(number)

    async def query(self, statement: str, *values: Any) -> list[Any]:
        async with await psycopg.AsyncConnection.connect(self.dsn, autocommit=True) as connection:
            cursor = await connection.execute(statement.encode(), values)
            return await cursor.fetchall()

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Inside the block it is that moment, and a little later."""
        with self.clock.later(seconds=(moment - self.clock.now()).total_seconds()):
            yield


@asynccontextmanager
async def opened(
    postgres: EmbeddedPostgres,
    config: Config,
    job: type[DueJob[Any]] = TemplateJob,
    dues: str = "template_due",
) -> AsyncIterator[Place]:
    clock = TurnedClock()
    async with fresh_database(postgres) as database:
        settings = replace(config, database_url=database.app_dsn)
        async with (
            app.running(settings, clock) as first,
            app.running(settings, clock) as second,
            grpc.aio.insecure_channel(f"127.0.0.1:{first.port}") as channel,
        ):
            jobs = job(first.store, first.apart), job(second.store, second.apart)
            yield Place((first, second), jobs, Client(channel), clock, database.superuser_dsn, dues)


async def daily(book: BookOf, days: int, **other: Any) -> Any:
    """A template that posts on so many days from today on."""
    starts_on = other.pop("starts_on", today())
    return await make_template(book, mode=POST, schedule=schedule_of(starts_on, DAILY, count=days), **other)


async def slots_of(book: BookOf, template: Any) -> list[str]:
    posted = await posted_of(book, template)
    assert [each.booked_on for each in posted] == [each.slot_on for each in posted]
    return [each.slot_on for each in posted]


def days_from(first: date, many: int) -> list[str]:
    return [(first + timedelta(days=number)).isoformat() for number in range(many)]


async def as_back(book: BookOf) -> BookOf:
    """The book of somebody who has signed in anew, because their session is over when the clock is turned far."""
    return replace(book, person=await back(book.person))


class Died(BaseException):
    """The process is gone: nothing of it goes on, and nothing is cleaned up."""


async def post_two_and_die(entity_id: str, done: list[str], post: Any, caller: Any, leased: Any, *others: Any) -> Any:
    """In the place of a job's `_post`, which is handed over."""
    if str(leased.entity_id) == entity_id:
        if len(done) == 2:
            raise Died
        done.append(entity_id)
    return await post(caller, leased, *others)
