"""What does each status call mean in our words, and back?"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grpc.aio import ServicerContext

from tallystick import __version__
from tallystick.clock import Clock
from tallystick.gate.calls import Calls
from tallystick.jobs.ticker import Ticker
from tallystick.status import queries, rules
from tallystick.status.backups import BackupWatch, compose_backup
from tallystick.store.apart import Apart
from tallystick.times import to_timestamp
from tallystick.v1.status_service_pb2 import (
    BackupStatus,
    DatabaseStatus,
    GetHealthRequest,
    GetHealthResponse,
    GetStatusRequest,
    GetStatusResponse,
    HealthState,
)
from tallystick.v1.status_service_pb2_grpc import StatusServiceServicer

Context = ServicerContext[Any, Any]


@dataclass(frozen=True)
class Watched:
    """The parts that the status looks at."""

    apart: Apart
    ticker: Ticker
    calls: Calls
    backups: BackupWatch
    data_dir: Path
    envoy_admin: str
    pool_size: int


class StatusService(StatusServiceServicer):
    """Whether the server is well."""

    def __init__(self, watched: Watched, clock: Clock) -> None:
        self._watched = watched
        self._clock = clock
        self._started_at = clock.now()

    async def GetHealth(self, request: GetHealthRequest, context: Context) -> GetHealthResponse:
        database, migrations = await queries.get_database(self._watched.apart, self._watched.pool_size)
        return GetHealthResponse(state=rules.worst((self._own_state(), database.state, migrations.state)))

    async def GetStatus(self, request: GetStatusRequest, context: Context) -> GetStatusResponse:
        now = self._clock.now()
        database, migrations = await queries.get_database(self._watched.apart, self._watched.pool_size)
        status = GetStatusResponse(
            version=__version__,
            started_at=to_timestamp(self._started_at),
            database=database,
            migrations=migrations,
            scheduler=queries.get_scheduler(self._watched.ticker, now),
            envoy=await queries.get_proxy(self._watched.envoy_admin),
            disk=queries.get_disk(self._watched.data_dir),
            backup=await self._backup(database),
        )
        status.uptime.FromTimedelta(now - self._started_at)
        parts = (database, migrations, status.scheduler, status.envoy, status.disk, status.backup)
        status.state = rules.worst((self._own_state(), *(part.state for part in parts)))
        return status

    async def _backup(self, database: DatabaseStatus) -> BackupStatus:
        """What is known of them is in the database."""
        if database.state != HealthState.HEALTH_STATE_SERVING:
            return BackupStatus(state=HealthState.HEALTH_STATE_DOWN)
        return compose_backup([*(await self._watched.backups.list_standings()).values()])

    def _own_state(self) -> HealthState.ValueType:
        is_open = self._watched.calls.is_open
        return HealthState.HEALTH_STATE_SERVING if is_open else HealthState.HEALTH_STATE_DRAINING
