"""How many rows a second does one book take in batches? Next to COPY of the same rows into the same tables with the same indexes."""

import asyncio
import random
import time
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID, uuid4

import grpc
import psycopg
from psycopg.sql import SQL, Identifier, Literal

from bench.books import (
    AMOUNT_MAX,
    CURRENCY,
    DAYS,
    NOTE,
    PAYEE,
    Book,
    bearer,
    make_books,
    make_owner,
    with_new_request_id,
)
from bench.effort import Effort
from bench.figures import Figure, at_least
from bench.place import Place
from people import Person
from tallystick.runtime.roles import DATABASE
from tallystick.store.journal import CHANGES_MAX
from tallystick.v1.ledger_pb2 import TransactionDraft, TransactionKind
from tallystick.v1.ledger_transactions_pb2 import BatchCreateTransactionsRequest
from tallystick.v1.money_pb2 import Money

NAMES = ("batch_create_vs_copy",)
PATH = "/tallystick.v1.LedgerService/BatchCreateTransactions"
TARGET = 0.15
# One request is read while the one before it commits; more would only wait for the book.
CALLERS_OF_ONE_BOOK = 2
BATCHES = 10
COPIED = ("transaction", "entry", "journal")


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    person, owner = await make_owner(place.server)
    (book,) = await make_books(place, owner, 1)
    bodies = [_batch(book).SerializeToString() for _ in range(BATCHES)]
    ours, floor = [], []
    for _ in range(effort.rounds):
        ours.append(await _create(place, person, bodies, effort.round_s))
        floor.append(await _copy(place, book, effort.round_s))
    return [at_least(NAMES[0], ours, floor, "rows/s", TARGET)]


async def _create(place: Place, person: Person, bodies: Sequence[bytes], seconds: float) -> float:
    """Rows a second, from callers that send what was composed before."""
    deadline, made = time.perf_counter() + seconds, 0
    async with grpc.aio.insecure_channel(f"127.0.0.1:{place.server.port}") as channel:
        call: Any = channel.unary_unary(PATH)

        async def work() -> None:
            nonlocal made
            while time.perf_counter() < deadline:
                await call(with_new_request_id(random.choice(bodies)), metadata=bearer(person))
                made += CHANGES_MAX

        started = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(CALLERS_OF_ONE_BOOK)))
        return made / (time.perf_counter() - started)


def _batch(book: Book) -> BatchCreateTransactionsRequest:
    return BatchCreateTransactionsRequest(book_id=str(book.id), transactions=[_draft(book) for _ in range(CHANGES_MAX)])


def _draft(book: Book) -> TransactionDraft:
    return TransactionDraft(
        kind=TransactionKind.TRANSACTION_KIND_EXPENSE,
        account_id=str(book.account_id),
        category_id=str(book.category_id),
        amount=Money(currency=CURRENCY, minor=random.randint(1, AMOUNT_MAX)),
        booked_on=random.choice(DAYS).isoformat(),
        payee=PAYEE,
        note=NOTE,
    )


async def _copy(place: Place, book: Book, seconds: float) -> float:
    """Rows a second when the rows of the newest batch are copied in again and again, each time as another space's."""
    dsn = place.postgres.superuser_dsn
    async with await psycopg.AsyncConnection.connect(dsn, dbname=DATABASE, autocommit=True) as connection:
        # COPY is measured, not what guards the tables.
        await connection.execute("SET session_replication_role = replica")
        rows, spent = 0, 0.0
        while spent < seconds:
            texts = {table: await _text_of(connection, table, book, uuid4()) for table in COPIED}
            started = time.perf_counter()
            async with connection.transaction(), connection.cursor() as cursor:
                for table, text in texts.items():
                    async with cursor.copy(SQL("COPY {} FROM STDIN").format(Identifier(table))) as copy:
                        await copy.write(text)
            spent += time.perf_counter() - started
            rows += CHANGES_MAX
        await _forget(connection, book)
        return rows / spent


async def _text_of(connection: psycopg.AsyncConnection, table: str, book: Book, space_id: UUID) -> bytes:
    """The newest batch's rows of a table as COPY reads them, in another space."""
    stamp = "seq" if table == "journal" else "version"
    columns = [
        row[0]
        for row in await (
            await connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
                " ORDER BY attnum",
                [f'public."{table}"'],
            )
        ).fetchall()
    ]
    values = SQL(", ").join(Literal(str(space_id)) if name == "space_id" else Identifier(name) for name in columns)
    newest = SQL("(SELECT max({0}) FROM {1} WHERE space_id = {2})").format(
        Identifier(stamp), Identifier(table), Literal(str(book.id))
    )
    query = SQL("COPY (SELECT {} FROM {} WHERE space_id = {} AND {} = {}) TO STDOUT").format(
        values, Identifier(table), Literal(str(book.id)), Identifier(stamp), newest
    )
    async with connection.cursor() as cursor, cursor.copy(query) as copy:
        return b"".join([bytes(part) async for part in copy])


async def _forget(connection: psycopg.AsyncConnection, book: Book) -> None:
    """Takes the copies out again: their spaces do not exist."""
    for table in COPIED:
        await connection.execute(
            SQL("DELETE FROM {} WHERE space_id NOT IN (SELECT id FROM space)").format(Identifier(table))
        )
