"""How does what waits for a disk or a database become a stream that nobody waits for? In a thread, one piece ahead of whoever reads."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


async def in_thread(step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """As asyncio.to_thread, but whoever is cancelled waits for the end of the step: what a thread still works with must not be closed
    under it."""
    running = asyncio.create_task(asyncio.to_thread(step, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.gather(running, return_exceptions=True)
        raise


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
