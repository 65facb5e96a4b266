"""What became of the backups of this server?"""

import json
from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, select

from tallystick.backups.rules import Run
from tallystick.backups.tables import backup_run as _run
from tallystick.store.apart import Apart
from tallystick.store.statements import prepare

# More than any retention keeps.
RUNS_MAX = 1_000


class RunState(IntEnum):
    """How a backup ended."""

    # It was read back from where it lies, to its end.
    VERIFIED = 1
    FAILED = 2


RUNS = prepare(
    select(
        _run.c.id,
        _run.c.stored_id,
        _run.c.state,
        _run.c.started_at,
        _run.c.reason,
        _run.c.size_bytes,
        _run.c.row_counts,
        _run.c.shrunk,
        _run.c.restored_at,
        _run.c.dropped_at,
        _run.c.differing,
    )
    .where(_run.c.target == bindparam("target", type_=Text))
    .order_by(_run.c.started_at.desc())
    .limit(RUNS_MAX)
)


async def list_runs(apart: Apart, target: str) -> list[Run]:
    """The newest first."""
    (rows,) = await apart.fetch_all(RUNS(target=target))
    return [_run_of(*row) for row in rows]


def _run_of(
    run_id: UUID,
    stored_id: str | None,
    state: int,
    started_at: datetime,
    reason: str | None,
    size_bytes: int | None,
    row_counts: str | None,
    shrunk: str | None,
    restored_at: datetime | None,
    dropped_at: datetime | None,
    differing: int | None,
) -> Run:
    return Run(
        run_id,
        stored_id or "",
        started_at,
        is_verified=state == RunState.VERIFIED,
        reason=reason,
        size_bytes=size_bytes or 0,
        row_counts=_json(row_counts, {}),
        shrunk=tuple(_json(shrunk, ())),
        restored_at=restored_at,
        is_there=state == RunState.VERIFIED and dropped_at is None,
        differing=differing or 0,
    )


def _json(text: str | None, default: Any) -> Any:
    return json.loads(text) if text else default
