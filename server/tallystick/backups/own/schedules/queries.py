"""Which schedule does a target have?"""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from tallystick.backups.own.schedules.kept import Kept
from tallystick.backups.own.tables import BACKUP_SCHEDULE, backup_schedule
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx

SCHEDULE = prepare(
    select(backup_schedule.c.version, backup_schedule.c.amount).where(
        backup_schedule.c.space_id == bindparam("space_id", type_=Uuid),
        backup_schedule.c.target_id == bindparam("target_id", type_=Uuid),
    )
)


async def find_schedule(tx: ReadTx, target_id: UUID) -> Kept | None:
    for version, cell in await tx.fetch(SCHEDULE(space_id=tx.space_id, target_id=target_id)):
        return Kept.of_text(tx.open_cell(BACKUP_SCHEDULE, version, cell, target_id=target_id).decode())
    return None
