"""How does what waits for a disk or a database become a stream that nobody waits for? In a thread, one piece ahead of whoever reads."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import TypeVar

T = TypeVar("T")


async def ahead(pieces: Iterator[T]) -> AsyncGenerator[T, None]:
    """The pieces in their order. The next is being made while one is worked on."""
    coming = _next_of(pieces)
    try:
        while (piece := await asyncio.shield(coming)) is not None:
            coming = _next_of(pieces)
            yield piece
    finally:
        # The thread must have let go before the iterator can be closed.
        await asyncio.gather(coming, return_exceptions=True)
        if (close := getattr(pieces, "close", None)) is not None:
            await asyncio.to_thread(close)


def _next_of(pieces: Iterator[T]) -> "asyncio.Task[T | None]":
    return asyncio.create_task(asyncio.to_thread(next, pieces, None))
