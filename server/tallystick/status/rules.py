"""When is a part of the server well? Pure."""

from collections.abc import Iterable

from tallystick.v1.status_service_pb2 import HealthState

# From well to bad. A part that is not there does not count.
_ORDER = (
    HealthState.HEALTH_STATE_SERVING,
    HealthState.HEALTH_STATE_DEGRADED,
    HealthState.HEALTH_STATE_DRAINING,
    HealthState.HEALTH_STATE_DOWN,
)

FREE_SHARE_WELL = 0.1
FREE_SHARE_LEAST = 0.01


def worst(states: Iterable[HealthState.ValueType]) -> HealthState.ValueType:
    present = [state for state in states if state in _ORDER]
    return max(present, key=_ORDER.index, default=HealthState.HEALTH_STATE_SERVING)


def disk_state(free_bytes: int, total_bytes: int) -> HealthState.ValueType:
    share = free_bytes / total_bytes if total_bytes else 0.0
    if share < FREE_SHARE_LEAST:
        return HealthState.HEALTH_STATE_DOWN
    return HealthState.HEALTH_STATE_SERVING if share >= FREE_SHARE_WELL else HealthState.HEALTH_STATE_DEGRADED


def scheduler_state(silent_s: float, heartbeat_s: float) -> HealthState.ValueType:
    """Late by more than three beats is degraded: something holds up the event loop, or the clockwork stopped."""
    is_late = silent_s > 3 * heartbeat_s
    return HealthState.HEALTH_STATE_DEGRADED if is_late else HealthState.HEALTH_STATE_SERVING
