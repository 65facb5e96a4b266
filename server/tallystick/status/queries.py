"""How is each part of the server? Looked at when it is asked about; nothing is remembered."""

import json
import shutil
import time
from datetime import datetime
from http.client import HTTPException
from pathlib import Path

from sqlalchemy import Column, MetaData, Table, Text, func, select

from tallystick.errors import Unavailable
from tallystick.jobs.ticker import HEARTBEAT_S, Ticker
from tallystick.runtime.readiness import http_request
from tallystick.status import rules
from tallystick.store.apart import Apart
from tallystick.store.migrate import newest
from tallystick.store.statements import prepare
from tallystick.times import to_timestamp
from tallystick.v1.status_service_pb2 import (
    DatabaseStatus,
    DiskStatus,
    HealthState,
    MigrationStatus,
    ProxyStatus,
    SchedulerStatus,
)

# Alembic's own table; not part of our MetaData, because no migration of ours makes it.
_revision = Table("alembic_version", MetaData(), Column("version_num", Text))
_VERSIONS = prepare(select(func.current_setting("server_version"), select(_revision.c.version_num).scalar_subquery()))


async def get_database(apart: Apart, connections: int) -> tuple[DatabaseStatus, MigrationStatus]:
    started_s = time.perf_counter()
    try:
        ((version, revision),) = await apart.fetch(_VERSIONS())
    except Unavailable:
        down = HealthState.HEALTH_STATE_DOWN
        return DatabaseStatus(state=down), MigrationStatus(state=down, newest=newest())
    database = DatabaseStatus(
        state=HealthState.HEALTH_STATE_SERVING, version=version.split()[0], connections=connections
    )
    database.round_trip.FromNanoseconds(int((time.perf_counter() - started_s) * 1e9))
    # Newer than this server is well: migrations work beside the server before them.
    state = HealthState.HEALTH_STATE_SERVING if revision >= newest() else HealthState.HEALTH_STATE_DOWN
    return database, MigrationStatus(state=state, current=revision, newest=newest())


def get_scheduler(ticker: Ticker, now: datetime) -> SchedulerStatus:
    if ticker.last_tick_at is None:
        return SchedulerStatus(state=HealthState.HEALTH_STATE_DOWN)
    silent_s = (now - ticker.last_tick_at).total_seconds()
    return SchedulerStatus(
        state=rules.scheduler_state(silent_s, HEARTBEAT_S), last_tick_at=to_timestamp(ticker.last_tick_at)
    )


async def get_proxy(admin: str) -> ProxyStatus:
    if not admin:
        return ProxyStatus(state=HealthState.HEALTH_STATE_ABSENT)
    try:
        _, body = await http_request(int(admin) if admin.isdigit() else Path(admin), "GET", "/server_info")
        info = json.loads(body)
    except (OSError, HTTPException, ValueError):
        return ProxyStatus(state=HealthState.HEALTH_STATE_DOWN)
    is_live = info["state"] == "LIVE"
    state = HealthState.HEALTH_STATE_SERVING if is_live else HealthState.HEALTH_STATE_DRAINING
    return ProxyStatus(state=state, version=info["version"].split("/")[1])


def get_disk(folder: Path) -> DiskStatus:
    usage = shutil.disk_usage(folder)
    return DiskStatus(state=rules.disk_state(usage.free, usage.total), free_bytes=usage.free, total_bytes=usage.total)
