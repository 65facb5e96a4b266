"""How do several processes count one user's quota? Each adds what it counted, and reads what all have."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from tallystick.identity import writes
from tallystick.store.apart import Apart


class QuotaUse:
    """The hour's counts of all processes."""

    def __init__(self, apart: Apart) -> None:
        self._apart = apart

    async def exchange(self, hour: datetime, units: Mapping[UUID, int]) -> dict[UUID, int]:
        """Adds these units and returns the sums of the same users. In one order, so that two processes never wait for each other."""
        calls = [writes.ADD_QUOTA_USE(user_id=user_id, hour=hour, units=units[user_id]) for user_id in sorted(units)]
        rows = await self._apart.fetch_all(*calls)
        return {user_id: total for added in rows for user_id, total in added}
