"""Has the caller any quota left? Counted here, in units an hour; all server processes add up in PostgreSQL.

Each process counts for itself and exchanges what it counted every few seconds, so that no call waits for the database. Over
several processes a user can therefore exceed the quota by what they send within one exchange.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tallystick.clock import Clock
from tallystick.errors import LimitReached
from tallystick.v1.error_reason_pb2 import ErrorReason

# Adds what this process counted since the last time, and returns what all processes have counted in that hour.
Exchange = Callable[[datetime, dict[UUID, int]], Awaitable[dict[UUID, int]]]
EXCHANGE_EVERY_S = 2.0


class Quota:
    """Counts units of each user in the current hour."""

    def __init__(self, units_an_hour: int, clock: Clock, exchange: Exchange) -> None:
        self._units_an_hour = units_an_hour
        self._clock = clock
        self._exchange = exchange
        self._hour = _hour_of(clock.now())
        self._used: dict[UUID, int] = {}
        self._unsent: dict[UUID, int] = {}

    def take(self, user_id: UUID, units: int) -> None:
        """Counts a call, or refuses it and says when the hour ends."""
        now = self._clock.now()
        if now - self._hour >= timedelta(hours=1):
            self._start_hour(now)
        used = self._used.get(user_id, 0) + units
        if used > self._units_an_hour:
            left = self._hour + timedelta(hours=1) - now
            raise LimitReached(
                ErrorReason.ERROR_REASON_QUOTA_EXCEEDED,
                "The hour's quota is used up.",
                metadata={"units_an_hour": str(self._units_an_hour)},
                retry_after_s=max(1.0, left.total_seconds()),
            )
        self._used[user_id] = used
        self._unsent[user_id] = self._unsent.get(user_id, 0) + units

    async def exchange(self) -> None:
        """Tells the other processes what was counted here, and learns what they counted."""
        unsent, self._unsent, hour = self._unsent, {}, self._hour
        if not unsent:
            return
        try:
            everywhere = await self._exchange(hour, unsent)
        except Exception:
            for user_id, units in unsent.items():
                self._unsent[user_id] = self._unsent.get(user_id, 0) + units
            raise
        if hour == self._hour:
            for user_id, units in everywhere.items():
                self._used[user_id] = units + self._unsent.get(user_id, 0)

    def _start_hour(self, now: datetime) -> None:
        self._hour = _hour_of(now)
        self._used.clear()
        self._unsent.clear()


def _hour_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
