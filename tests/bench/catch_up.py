"""How fast is an outage made good, and is it exact? Ten thousand missed occurrences, and two servers that race for them."""

import asyncio
import time
from collections.abc import Collection
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4, uuid5

import psycopg

from bench.books import Book, make_books, make_owner
from bench.effort import Effort
from bench.figures import Figure
from bench.place import Place
from tallystick.caller import Caller
from tallystick.clock import Clock
from tallystick.config import Config
from tallystick.ledger.accounts.queries import get_balance
from tallystick.ledger.templates.commands import create_template
from tallystick.ledger.templates.job import TemplateJob
from tallystick.runtime.roles import DATABASE
from tallystick.store.apart import Apart
from tallystick.store.pool import open_pool
from tallystick.store.store import Store
from tallystick.v1.ledger_pb2 import TransactionDraft, TransactionKind
from tallystick.v1.ledger_service_pb2 import GetAccountBalanceRequest
from tallystick.v1.ledger_templates_pb2 import CreateTemplateRequest, CreateTemplateResponse, Schedule, TemplateMode
from tallystick.v1.money_pb2 import Money

NAMES = ("catch_up_10k_two_servers",)
BOOKS, TEMPLATES_EACH, DAYS = 5, 5, 400
OCCURRENCES = BOOKS * TEMPLATES_EACH * DAYS
SERVERS = 2
PATIENCE_S = 300.0
LOOK_INTERVAL_S = 0.2


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    _, owner = await make_owner(place.server)
    books = await make_books(place, owner, BOOKS)
    async with AsyncExitStack() as stack:
        jobs = [await _open_job(stack, place) for _ in range(SERVERS)]
        started = time.monotonic()
        expected: dict[Book, dict[UUID, int]] = {book: {} for book in books}
        for book in books:
            for number in range(TEMPLATES_EACH):
                expected[book] |= await _make_template(place, owner, book, minor=number + 1)
        await asyncio.gather(*(_work_off(job, started) for job in jobs))
        # The measured server's own clockwork may have taken a part, and still be at it.
        posted = await _posted(place, books)
        while len(posted) < OCCURRENCES and time.monotonic() - started < PATIENCE_S:
            await asyncio.sleep(LOOK_INTERVAL_S)
            posted = await _posted(place, books)
        took_s = time.monotonic() - started
    ids = {transaction_id for known in expected.values() for transaction_id in known}
    balances = [await _balance_of(place, owner, book) for book in books]
    exact = (
        len(ids) == len(posted) == OCCURRENCES
        and set(posted) == ids
        and balances == [-sum(known.values()) for known in expected.values()]
    )
    rate = OCCURRENCES / took_s
    print(
        f"catch-up: {len(posted)} posted, {len(set(posted))} distinct, of {OCCURRENCES} missed, by {SERVERS} servers in "
        f"{took_s:.1f} s: {rate:.0f} occurrences/s, balances {'exact' if exact else 'WRONG'}"
    )
    return [Figure(NAMES[0], rate, "/s", target="exact", met=exact)]


async def _open_job(stack: AsyncExitStack, place: Place) -> TemplateJob:
    """The job as a server of its own would run it: nothing is shared but the database and the keys."""
    pool = await stack.enter_async_context(open_pool(place.postgres.app_dsn, Config().pool_size))
    store = Store(pool, place.store.keys.keyring, Clock(), nudge=lambda space_id: None)
    return TemplateJob(store, Apart(store))


async def _work_off(job: TemplateJob, started: float) -> None:
    """A server that finds everything in the other's hands comes back, as its clockwork would."""
    idle = 0
    while idle < SERVERS and time.monotonic() - started < PATIENCE_S:
        idle = 0 if await job.run() else idle + 1
        await asyncio.sleep(LOOK_INTERVAL_S)


async def _make_template(place: Place, owner: Caller, book: Book, minor: int) -> dict[UUID, int]:
    """A daily template that is as many days late. Returns what must be posted: its ids and amounts."""
    first = datetime.now(UTC).date() - timedelta(days=DAYS - 1)
    template_id = uuid4()
    request = CreateTemplateRequest(
        request_id=str(uuid4()),
        book_id=str(book.id),
        template_id=str(template_id),
        name="Rent",
        draft=TransactionDraft(
            kind=TransactionKind.TRANSACTION_KIND_EXPENSE,
            account_id=str(book.account_id),
            category_id=str(book.category_id),
            amount=Money(currency="EUR", minor=minor),
            payee="Landlord",
        ),
        schedule=Schedule(starts_on=first.isoformat(), rule="FREQ=DAILY", count=DAYS),
        mode=TemplateMode.TEMPLATE_MODE_POST,
    )
    await place.store.write(owner, book.id, request, create_template, CreateTemplateResponse)
    days = (first + timedelta(days=number) for number in range(DAYS))
    return {uuid5(template_id, day.isoformat()): minor for day in days}


async def _posted(place: Place, books: Collection[Book]) -> list[UUID]:
    """The ids of all transactions of the books, past all guards."""
    dsn = psycopg.conninfo.make_conninfo(place.postgres.superuser_dsn, dbname=DATABASE)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        cursor = await connection.execute(
            "SELECT id FROM transaction WHERE space_id = ANY(%s)", ([book.id for book in books],)
        )
        return [transaction_id for (transaction_id,) in await cursor.fetchall()]


async def _balance_of(place: Place, owner: Caller, book: Book) -> int:
    request = GetAccountBalanceRequest(book_id=str(book.id), account_id=str(book.account_id))
    tx = place.store.reader(owner, book.id, request)
    return int((await get_balance(tx, book.account_id, None)).balance.balance.minor)
