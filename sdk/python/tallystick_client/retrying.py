"""When is a call made again? When nobody answered, or when the server says when: the very same message, after a random wait."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

from tallystick_client.errors import ResourceExhausted, TallystickError, Unavailable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Retries:
    """How patient a client is. All tries of a call together take no longer than its timeout."""

    tries: int = 6
    first_wait_s: float = 0.1
    longest_wait_s: float = 5.0

    def wait_s(self, tried: int) -> float:
        """How long to wait after so many tries: anything up to a limit that doubles, so that those who failed together come back apart."""
        return random.uniform(0, min(self.longest_wait_s, self.first_wait_s * 2 ** (tried - 1)))

    def run(self, attempt: Callable[[float], T], timeout_s: float) -> T:
        """Makes the attempt until it succeeds or there is no sense in another. It is told how many seconds are left."""
        ends_at = time.monotonic() + timeout_s
        for tried in count(1):
            try:
                return attempt(max(ends_at - time.monotonic(), 0))
            except (Unavailable, ResourceExhausted) as error:
                wait_s = self._wait_after(error, tried)
                if wait_s is None or time.monotonic() + wait_s >= ends_at:
                    raise
            time.sleep(wait_s)
        raise AssertionError("unreachable: the last attempt returned or raised")

    def _wait_after(self, error: TallystickError, tried: int) -> float | None:
        if tried >= self.tries:
            return None
        if error.retry_after_s is not None:
            # A little more than was asked for: all who were sent away together were told the same.
            return error.retry_after_s + self.wait_s(1)
        return self.wait_s(tried) if isinstance(error, Unavailable) else None
