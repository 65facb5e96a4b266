"""Is a user's quota counted, shared between processes, and given back with the hour?"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from tallystick.errors import LimitReached
from tallystick.gate.limits import Quota
from turned_clock import TurnedClock

ANN = uuid4()


class Shared:
    """What all processes have used, as the database would add it up."""

    def __init__(self) -> None:
        self.used: dict[tuple[datetime, UUID], int] = {}
        self.is_away = False

    async def exchange(self, hour: datetime, units: dict[UUID, int]) -> dict[UUID, int]:
        if self.is_away:
            raise ConnectionError
        for user_id, count in units.items():
            self.used[hour, user_id] = self.used.get((hour, user_id), 0) + count
        return {user_id: self.used[hour, user_id] for user_id in units}


def take(quota: Quota, times: int, units: int = 1) -> None:
    for _ in range(times):
        quota.take(ANN, units)


async def test_take_refuses_what_exceeds_the_quota_and_says_when_it_refills() -> None:
    clock = TurnedClock()
    quota = Quota(10, clock, Shared().exchange)
    take(quota, 10)
    with pytest.raises(LimitReached) as refused:
        quota.take(ANN, 1)
    assert refused.value.reason_name == "QUOTA_EXCEEDED"
    assert refused.value.retry_after_s is not None
    assert 0 < refused.value.retry_after_s <= 3600
    quota.take(uuid4(), 10)


async def test_take_counts_heavy_calls_by_their_weight() -> None:
    quota = Quota(10, TurnedClock(), Shared().exchange)
    take(quota, 2, units=5)
    with pytest.raises(LimitReached):
        quota.take(ANN, 1)


async def test_a_new_hour_starts_at_nothing() -> None:
    clock = TurnedClock()
    quota = Quota(10, clock, Shared().exchange)
    take(quota, 10)
    clock.turned += timedelta(hours=1)
    take(quota, 10)


async def test_exchange_adds_up_what_several_processes_counted() -> None:
    clock, shared = TurnedClock(), Shared()
    here, there = Quota(10, clock, shared.exchange), Quota(10, clock, shared.exchange)
    take(here, 6)
    take(there, 4)
    await here.exchange()
    await there.exchange()
    with pytest.raises(LimitReached):
        there.take(ANN, 1)


async def test_exchange_that_fails_loses_no_count() -> None:
    clock, shared = TurnedClock(), Shared()
    quota = Quota(10, clock, shared.exchange)
    take(quota, 6)
    shared.is_away = True
    with pytest.raises(ConnectionError):
        await quota.exchange()
    take(quota, 1)
    shared.is_away = False
    await quota.exchange()
    assert list(shared.used.values()) == [7]
