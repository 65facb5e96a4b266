"""What time does a device think it is? Clocks of devices are years off, go backwards, or stand still; nothing may depend on them."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from types import SimpleNamespace
from typing import Any

from google.protobuf.internal import well_known_types

from tallystick_client import ids

NANOS = 1_000_000_000
YEAR_S = 365 * 24 * 3600
_thread = threading.local()


class Clock:
    """A device's clock."""

    def __init__(self, random: Random) -> None:
        self._offset_ns = random.randint(-10 * YEAR_S, 10 * YEAR_S) * NANOS
        # How fast it goes: backwards, not at all, as it should.
        self._rate = random.choice((-1, 0, 1, 1))
        self._began_ns = time.time_ns()

    def time_ns(self) -> int:
        return self._began_ns + self._offset_ns + self._rate * (time.time_ns() - self._began_ns)

    @contextmanager
    def turned(self) -> Iterator[None]:
        """Inside the block this thread has this clock."""
        _thread.clock = self
        try:
            yield
        finally:
            _thread.clock = None


def _time_ns() -> int:
    clock: Clock | None = getattr(_thread, "clock", None)
    return clock.time_ns() if clock else time.time_ns()


def _get_current_time(stamp: Any) -> None:
    stamp.FromNanoseconds(_time_ns())


@contextmanager
def installed() -> Iterator[None]:
    """Inside the block the SDK asks the thread's device for the time."""
    places: tuple[tuple[Any, str, Any], ...] = (
        (ids, "time", SimpleNamespace(time_ns=_time_ns)),
        (well_known_types.Timestamp, "GetCurrentTime", _get_current_time),
    )
    before = [getattr(holder, name) for holder, name, _ in places]
    for holder, name, turned in places:
        setattr(holder, name, turned)
    try:
        yield
    finally:
        for (holder, name, _), former in zip(places, before, strict=True):
            setattr(holder, name, former)
