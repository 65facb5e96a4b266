"""Who writes while things die? Tasks that send expenses and repeat each until it is acknowledged."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Self

import grpc

from people import BookOf
from tallystick_client.v1 import ledger_service_pb2

WRITERS = 6
CALL_TIMEOUT_S = 5.0
# Between two tries of one write, and between two looks at a condition.
PAUSE_S = 0.05
DEADLINE_S = 60.0
# What a client may see while something is down. Anything else is a fault.
EXPECTED = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}


@dataclass
class Writers:
    """Bounded load on one book: each writer has one call under way."""

    book: BookOf
    # What the server has acknowledged: the transaction's id, and its amount.
    acknowledged: dict[str, int] = field(default_factory=dict)
    tries_failed: int = 0
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    # Each amount is another, so that a lost and a doubled write cannot make up for each other.
    _amounts: Iterator[int] = field(default_factory=lambda: count(1))

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._write()) for _ in range(WRITERS)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Every write that was begun is repeated until it is acknowledged, unless the test has failed already."""
        self._stopping.set()
        if error is not None:
            for task in self._tasks:
                task.cancel()
        async with asyncio.timeout(DEADLINE_S):
            outcomes = await asyncio.gather(*self._tasks, return_exceptions=True)
        if error is None:
            for outcome in outcomes:
                if outcome is not None:
                    raise outcome

    async def wait_for_more(self, writes: int = 30) -> None:
        target = len(self.acknowledged) + writes
        await eventually(lambda: len(self.acknowledged) >= target or self._broken(), f"{writes} more writes")
        assert not self._broken(), "a writer has failed"

    async def _write(self) -> None:
        while not self._stopping.is_set():
            minor = next(self._amounts)
            answer = await self._until_acknowledged(self.book.expense(minor))
            assert answer.transaction.id not in self.acknowledged, "two writes got one answer"
            self.acknowledged[answer.transaction.id] = minor

    async def _until_acknowledged(
        self, request: ledger_service_pb2.CreateTransactionRequest
    ) -> ledger_service_pb2.CreateTransactionResponse:
        while True:
            try:
                answer: ledger_service_pb2.CreateTransactionResponse = await self.book.person.ledger.CreateTransaction(
                    request, timeout=CALL_TIMEOUT_S
                )
            except grpc.aio.AioRpcError as error:
                if error.code() not in EXPECTED:
                    raise
                self.tries_failed += 1
                await asyncio.sleep(PAUSE_S)
            else:
                return answer

    def _broken(self) -> bool:
        return any(task.done() and task.exception() is not None for task in self._tasks)


async def read_amounts(book: BookOf) -> list[tuple[str, int]]:
    """Every transaction of the book, page by page: id and amount."""
    found: list[tuple[str, int]] = []
    token = ""
    while True:
        page = await book.person.ledger.ListTransactions(
            ledger_service_pb2.ListTransactionsRequest(book_id=book.id, page_size=200, page_token=token)
        )
        found += [(transaction.id, -transaction.entries[0].amount.minor) for transaction in page.transactions]
        token = page.next_page_token
        if not token:
            return found


async def assert_each_is_there_once(book: BookOf, acknowledged: dict[str, int]) -> None:
    assert sorted(await read_amounts(book)) == sorted(acknowledged.items())
    assert await book.balance() == -sum(acknowledged.values())


async def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait for a state of the world while the writers go on, and fail by name when it does not come."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, f"did not happen within {DEADLINE_S:g} s: {what}"
        await asyncio.sleep(PAUSE_S)
