"""How do statements reach PostgreSQL in few round trips?

A batch is sent in libpq's pipeline mode: all statements at once, all results back, one wait. psycopg adapts the values and
guards the connection; only its cursors are left out, because a cursor per statement costs four times the whole batch
(docs/decisions/0003-batches-on-libpq.md).
"""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import psycopg
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGresult

from tallystick.store.statements import UNNAMED, Call, Statement

Row = tuple[Any, ...]


class Connection(psycopg.AsyncConnection[Row]):
    """A psycopg connection that can also run a batch."""

    async def batch(self, calls: Sequence[Call[*tuple[Any, ...]]]) -> list[list[Row]]:
        """Runs the calls in order, in one round trip. The first failure is raised and undoes the transaction.

        Without a BEGIN among them the calls are one transaction of their own.
        """
        try:
            return await self._batch(calls)
        except psycopg.Error:
            raise
        except BaseException:
            # Cancelled in the middle: whatever is still on the wire belongs to nobody, so the connection cannot be used again.
            self.pgconn.finish()
            raise

    async def _batch(self, calls: Sequence[Call[*tuple[Any, ...]]]) -> list[list[Row]]:
        wire = self.pgconn
        wire.enter_pipeline_mode()
        # A None stands for what gets the statement that follows it prepared.
        sent: list[Statement[*tuple[Any, ...]] | None] = []
        ready = set(self._prepared_names)
        for call in calls:
            statement = call.statement
            if statement.name not in ready:
                if statement.name in self._doubtful_names:
                    wire.send_close_prepared(statement.name)
                    sent.append(None)
                wire.send_prepare(statement.name, statement.text)
                sent.append(None)
                if statement.name != UNNAMED:
                    ready.add(statement.name)
            wire.send_query_prepared(statement.name, call.values, statement.formats, Format.BINARY)
            sent.append(statement)
        wire.pipeline_sync()
        await self._send()
        results = await self._receive(len(sent))
        wire.exit_pipeline_mode()
        return self._rows_of(sent, results)

    @property
    def _prepared_names(self) -> set[bytes]:
        names: set[bytes] = self.__dict__.setdefault("prepared_names", set())
        return names

    @property
    def _doubtful_names(self) -> set[bytes]:
        """What a failure before it kept from being prepared. PostgreSQL does not know it, but a pooler between us has noted it
        down, and takes it a second time only after it was closed. To close what does not exist is no error."""
        names: set[bytes] = self.__dict__.setdefault("doubtful_names", set())
        return names

    async def _send(self) -> None:
        """Pushes out what libpq could not send at once, reading meanwhile: the server may be waiting for us to read."""
        while self.pgconn.flush():
            await self._wait(for_write=True)
            self.pgconn.consume_input()

    async def _receive(self, expected: int) -> list[PGresult]:
        wire = self.pgconn
        results: list[PGresult] = []
        loop, descriptor, readable = asyncio.get_running_loop(), wire.socket, asyncio.Event()
        # Once for all that arrives: a slice of a scan comes in sixteen pieces.
        loop.add_reader(descriptor, readable.set)
        try:
            while True:
                while wire.is_busy():
                    readable.clear()
                    await readable.wait()
                    wire.consume_input()
                result = wire.get_result()
                if result is None:
                    continue
                if result.status == ExecStatus.PIPELINE_SYNC:
                    assert len(results) == expected, "PostgreSQL answered another number of statements than were sent"
                    return results
                results.append(result)
        finally:
            loop.remove_reader(descriptor)

    async def _wait(self, *, for_write: bool = False) -> None:
        loop = asyncio.get_running_loop()
        ready = loop.create_future()
        descriptor = self.pgconn.socket
        loop.add_reader(descriptor, _wake, ready)
        if for_write:
            loop.add_writer(descriptor, _wake, ready)
        try:
            await ready
        finally:
            loop.remove_reader(descriptor)
            if for_write:
                loop.remove_writer(descriptor)

    def _rows_of(
        self, sent: Sequence[Statement[*tuple[Any, ...]] | None], results: Sequence[PGresult]
    ) -> list[list[Row]]:
        transformer = Transformer(self)
        rows: list[list[Row]] = []
        preparing = False
        for number, (statement, result) in enumerate(zip(sent, results, strict=True)):
            status = result.status
            if preparing and statement is not None:
                # Known before its result is looked at: PostgreSQL keeps what it prepared, also when running it fails.
                if statement.name != UNNAMED:
                    self._prepared_names.add(statement.name)
                    self._doubtful_names.discard(statement.name)
                preparing = False
            if status == ExecStatus.FATAL_ERROR:
                self._doubtful_names.update(_prepared_by(sent[number:]))
                raise error_from_result(result, encoding="utf-8")
            if statement is None:
                preparing = True
                continue
            if status == ExecStatus.TUPLES_OK:
                transformer.set_pgresult(result, format=Format.BINARY)
                rows.append(transformer.load_rows(0, result.ntuples, tuple))
            else:
                rows.append([])
        return rows


def _prepared_by(sent: Sequence[Statement[*tuple[Any, ...]] | None]) -> set[bytes]:
    """The names that these would have prepared."""
    names = {after.name for one, after in pairwise(sent) if one is None and after is not None}
    return names - {UNNAMED}


def _wake(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
