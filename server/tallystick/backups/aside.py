"""How does long work stay out of the way of calls? In a thread, with an event loop of its own, that ends when nobody waits for it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def aside(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Whoever is cancelled while waiting waits until the work has cleaned up."""
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[T]]] = []

    def work() -> T:
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            task = loop.create_task(make())
            running.append((loop, task))
            return loop.run_until_complete(task)

    thread = asyncio.create_task(asyncio.to_thread(work))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        for loop, task in running:
            loop.call_soon_threadsafe(task.cancel)
        await asyncio.gather(thread, return_exceptions=True)
        raise
