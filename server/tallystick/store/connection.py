"""How do statements reach PostgreSQL in few round trips?

A batch is sent in libpq's pipeline mode: all statements at once, all results back, one wait. psycopg adapts the values and
guards the connection; only its cursors are left out, because a cursor per statement costs four times the whole batch
(docs/decisions/0003-batches-on-libpq.md).
"""

import asyncio
from collections.abc import Sequence
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
        # A None stands for the PREPARE of the statement that follows it.
        sent: list[Statement[*tuple[Any, ...]] | None] = []
        ready = set(self._prepared_names)
        for call in calls:
            statement = call.statement
            if statement.name not in ready:
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
        names: set[bytes] | None = self.__dict__.get("prepared_names")
        if names is None:
            names = self.__dict__["prepared_names"] = set()
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
        for statement, result in zip(sent, results, strict=True):
            status = result.status
            if preparing and statement is not None:
                # Known before its result is looked at: PostgreSQL keeps what it prepared, also when running it fails.
                if statement.name != UNNAMED:
                    self._prepared_names.add(statement.name)
                preparing = False
            if status == ExecStatus.FATAL_ERROR:
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


def _wake(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
