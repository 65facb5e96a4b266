"""What is done after the answer? Work whose time and outcome a stranger must not see, such as sending mail."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from tallystick.log import log

# More than this means that somebody floods us or the mail server hangs; later errands are dropped, and the log says so.
WAITING_MAX = 1_000
CLOSE_TIMEOUT_S = 10.0


class Errands:
    """Runs errands in the background, one after the other's failure notwithstanding."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        if len(self._running) >= WAITING_MAX:
            work.close()
            log("errand_dropped", level="error", errand=name)
            return
        task = asyncio.create_task(_run(name, work), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def drain(self) -> None:
        """Waits until every errand is done."""
        while self._running:
            await asyncio.wait(set(self._running))

    async def close(self) -> None:
        """Gives running errands a last while, then ends them."""
        if self._running:
            await asyncio.wait(set(self._running), timeout=CLOSE_TIMEOUT_S)
        for task in set(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


async def _run(name: str, work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception as failed:  # noqa: BLE001 - whoever asked has had their answer; the log is the only one left to tell
        log("errand_failed", level="error", error=failed, errand=name)
