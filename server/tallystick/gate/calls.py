"""Which calls are running? So that a stopping server takes no new ones and waits for the others.

`grpc.aio.Server.stop()` returns before the handlers that it cancelled have ended; whoever closes the pool then, closes it under
them.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from tallystick.errors import Unavailable
from tallystick.v1.error_reason_pb2 import ErrorReason


class Calls:
    """Counts the running calls."""

    def __init__(self) -> None:
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._is_open = True

    @property
    def is_open(self) -> bool:
        return self._is_open

    def close(self) -> None:
        """From now on new calls are refused; clients repeat them elsewhere."""
        self._is_open = False

    def require_open(self) -> None:
        if not self._is_open:
            raise Unavailable(ErrorReason.ERROR_REASON_SHUTTING_DOWN, "The server is shutting down.", retry_after_s=1.0)

    @contextmanager
    def running(self) -> Iterator[None]:
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if self._running == 0:
                self._idle.set()

    async def wait_idle(self, timeout_s: float) -> bool:
        """Waits until no call runs. False: some still do."""
        try:
            await asyncio.wait_for(self._idle.wait(), timeout_s)
        except TimeoutError:
            return False
        return True
