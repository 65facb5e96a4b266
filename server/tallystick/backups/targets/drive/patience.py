"""How long is a step tried? Up to eight times without getting further, with pauses that double, and never longer than a minute at once.

Google's client has a patience of its own, which is never used: it sleeps in the thread, ignores Retry-After, and sends a chunk again from a
stream that it has read to the end.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tallystick.backups.targets.drive.failures import Failure

TRIES_MAX = 8
PAUSE_MAX_S = 64.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How to wait. Tests pass a `sleep` that does not."""

    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random
    tries_max: int = TRIES_MAX


@dataclass(slots=True)
class Tries:
    """Of one piece of work."""

    patience: Patience
    failed: int = field(default=0, init=False)

    def got_further(self) -> None:
        self.failed = 0

    async def after(self, failure: Failure) -> None:
        """Waits before the next try, or raises what came of it when there is none."""
        self.failed += 1
        asked_s = failure.retry_after_s or 0.0
        if not failure.may_retry or self.failed >= self.patience.tries_max or asked_s > PAUSE_MAX_S:
            raise failure.to_error()
        await self.patience.sleep(max(asked_s, compose_pause_s(self.failed, self.patience.jitter())))


def compose_pause_s(failed: int, jitter: float) -> float:
    """1, 2, 4 … seconds and a little, so that those who failed together do not come back together."""
    return min(PAUSE_MAX_S, 2.0 ** (failed - 1) + jitter)
