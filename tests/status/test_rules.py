"""When is a part of the server well?"""

import pytest

from tallystick.status import rules
from tallystick.v1.status_service_pb2 import HealthState

SERVING, DEGRADED = HealthState.HEALTH_STATE_SERVING, HealthState.HEALTH_STATE_DEGRADED
DRAINING, DOWN, ABSENT = (
    HealthState.HEALTH_STATE_DRAINING,
    HealthState.HEALTH_STATE_DOWN,
    HealthState.HEALTH_STATE_ABSENT,
)


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ((), SERVING),
        ((SERVING, ABSENT), SERVING),
        ((SERVING, DEGRADED), DEGRADED),
        ((DEGRADED, DRAINING), DRAINING),
        ((DRAINING, DOWN, SERVING), DOWN),
        ((ABSENT,), SERVING),
    ],
)
def test_worst_is_the_worst_of_what_is_there(
    parts: tuple[HealthState.ValueType, ...], whole: HealthState.ValueType
) -> None:
    assert rules.worst(parts) == whole


@pytest.mark.parametrize(
    ("free", "state"), [(1000, SERVING), (100, SERVING), (99, DEGRADED), (10, DEGRADED), (9, DOWN), (0, DOWN)]
)
def test_disk_state_warns_before_it_is_full(free: int, state: HealthState.ValueType) -> None:
    assert rules.disk_state(free, 1000) == state


def test_disk_state_of_no_disk_is_down() -> None:
    assert rules.disk_state(0, 0) == DOWN


def test_scheduler_state_allows_three_beats() -> None:
    assert rules.scheduler_state(30.0, 10.0) == SERVING
    assert rules.scheduler_state(30.1, 10.0) == DEGRADED
