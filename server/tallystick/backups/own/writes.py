"""What of a user's own backups is taken away? Rows of targets and backups that are forgotten."""

from sqlalchemy import Text, Uuid, bindparam, delete

from tallystick.backups.own.tables import (
    backup,
    backup_due,
    backup_restore,
    backup_schedule,
    backup_target,
    backup_target_memory,
)
from tallystick.jobs.due.writes import dues_in
from tallystick.store.statements import Statement

_OF_SPACE, _OF_TARGET = bindparam("of_space", type_=Uuid), bindparam("of_target", type_=Uuid)
_OF_SCHEDULES = (backup_schedule, backup_due)
_TABLES = (backup_target, backup_target_memory, backup, *_OF_SCHEDULES)
BACKUP_DUES = dues_in(backup_due, "target_id")

FORGET_MEMORY: Statement[()] = Statement(
    delete(backup_target_memory).where(
        backup_target_memory.c.space_id == _OF_SPACE, backup_target_memory.c.target_id == _OF_TARGET
    )
)
FORGET_KEY: Statement[()] = Statement(
    delete(backup_target_memory).where(
        backup_target_memory.c.space_id == _OF_SPACE,
        backup_target_memory.c.target_id == _OF_TARGET,
        backup_target_memory.c.key == bindparam("of_key", type_=Text),
    )
)
FORGET_BACKUP: Statement[()] = Statement(
    delete(backup).where(backup.c.space_id == _OF_SPACE, backup.c.backup_id == bindparam("of_backup", type_=Uuid))
)
FORGET_SCHEDULE: tuple[Statement[()], ...] = tuple(
    Statement(delete(table).where(table.c.space_id == _OF_SPACE, table.c.target_id == _OF_TARGET))
    for table in _OF_SCHEDULES
)
# A target with all that is known of it and in it.
FORGET_TARGET: tuple[Statement[()], ...] = tuple(
    Statement(delete(table).where(table.c.space_id == _OF_SPACE, table.c.target_id == _OF_TARGET)) for table in _TABLES
)
# Of a home that is erased.
FORGET_SPACE: tuple[Statement[()], ...] = tuple(
    Statement(delete(table).where(table.c.space_id == _OF_SPACE)) for table in (*_TABLES, backup_restore)
)
