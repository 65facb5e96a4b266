"""How are passwords kept and compared? bcrypt, in a few threads of its own, at one cost for known and unknown users."""

import asyncio
import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import bcrypt

from tallystick.errors import InvalidInput, LimitReached
from tallystick.v1.error_reason_pb2 import ErrorReason

T = TypeVar("T")

BYTES_MAX = 72
COST_DEFAULT = 12
THREADS_MAX = 4
# More callers than this are sent away: at the default cost the last of them would wait for half a minute.
WAITING_MAX = 256
RETRY_AFTER_S = 5.0


class Passwords:
    """Hashes and compares passwords. `comparisons` counts the comparisons ever made."""

    def __init__(self, cost: int = COST_DEFAULT, threads: int | None = None) -> None:
        self.cost = cost
        self.comparisons = 0
        self._waiting = 0
        self._pool = ThreadPoolExecutor(threads or min(THREADS_MAX, os.cpu_count() or 1), thread_name_prefix="bcrypt")
        # A hash that no password has, so that looking for a user who is not there costs what looking for one does.
        self._nobody = f"$2b${cost:02d}$" + "." * 53

    async def hash(self, field: str, password: str) -> str:
        """The hash of a new password. A password that bcrypt would cut short is refused, and named by its field."""
        plain = require_hashable(field, password)
        return (await self._run(lambda: bcrypt.hashpw(plain, bcrypt.gensalt(self.cost)))).decode()

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether the password has this hash. Takes as long without one."""
        plain = normalise(password)
        is_possible = stored is not None and is_hashable(plain)
        hashed = (stored if is_possible and stored else self._nobody).encode()
        # What cannot be hashed is not anybody's password; something else is compared in its stead, for the time it takes.
        tried = plain if is_hashable(plain) else b"-"
        self.comparisons += 1
        return await self._run(lambda: bcrypt.checkpw(tried, hashed)) and is_possible

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made at another cost than today's."""
        return not stored.startswith(f"$2b${self.cost:02d}$")

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING_MAX:
            raise LimitReached(
                ErrorReason.ERROR_REASON_TOO_MANY_ATTEMPTS,
                "Too many are signing in just now.",
                retry_after_s=RETRY_AFTER_S,
            )
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def normalise(password: str) -> bytes:
    """The same bytes from every keyboard: some compose an accented letter from two characters."""
    return unicodedata.normalize("NFC", password).encode()


def is_hashable(plain: bytes) -> bool:
    return len(plain) <= BYTES_MAX and b"\0" not in plain


def require_hashable(field: str, password: str) -> bytes:
    plain = normalise(password)
    if len(plain) > BYTES_MAX:
        raise InvalidInput.of_field(field, f"must have at most {BYTES_MAX} bytes in UTF-8")
    if b"\0" in plain:
        raise InvalidInput.of_field(field, "must not hold a zero character")
    return plain
