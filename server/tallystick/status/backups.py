"""How are backups, in one word? As the target that is worst off. Pure."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from tallystick.backups.rules import Standing
from tallystick.times import to_timestamp
from tallystick.v1.status_service_pb2 import BackupStatus, HealthState


class BackupWatch(Protocol):
    """Whoever knows how the targets stand."""

    async def list_standings(self) -> Mapping[str, Standing]: ...


def compose_backup(standings: Sequence[Standing]) -> BackupStatus:
    if not standings:
        return BackupStatus(state=HealthState.HEALTH_STATE_ABSENT)
    is_well = all(each.is_well for each in standings)
    status = BackupStatus(
        state=HealthState.HEALTH_STATE_SERVING if is_well else HealthState.HEALTH_STATE_DEGRADED,
        failure=next((each.last_failure.reason or "" for each in standings if each.last_failure), ""),
    )
    status.differing_spaces = max(each.differing for each in standings)
    made = [each.last_verified.started_at if each.last_verified else None for each in standings]
    proven = [each.last_proven_at for each in standings]
    known_made, known_proven = [each for each in made if each], [each for each in proven if each]
    # Of a target that has none there is nothing to say, and nothing better of the others.
    if len(known_made) == len(standings):
        status.last_made_at.CopyFrom(to_timestamp(min(known_made)))
    if len(known_proven) == len(standings):
        status.last_verified_at.CopyFrom(to_timestamp(min(known_proven)))
    return status
