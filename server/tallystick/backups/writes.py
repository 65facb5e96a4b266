"""How is it written down what became of a backup?"""

from sqlalchemy import DateTime, Uuid, bindparam, insert, update

from tallystick.backups.tables import backup_run
from tallystick.store.statements import Statement

_OF_RUN = bindparam("of_run", type_=Uuid)
_NOW = bindparam("now", type_=DateTime(timezone=True))
_ALWAYS = ("id", "target", "name", "state", "started_at", "finished_at")
# What is told as it applies.
TOLD = ("reason", "stored_id", "size_bytes", "sha256", "row_counts", "shrunk")

NOTE: Statement[()] = Statement(
    insert(backup_run).values({name: bindparam(name, type_=backup_run.c[name].type) for name in (*_ALWAYS, *TOLD)})
)
NOTE_RESTORED: Statement[()] = Statement(update(backup_run).where(backup_run.c.id == _OF_RUN).values(restored_at=_NOW))
NOTE_DROPPED: Statement[()] = Statement(
    update(backup_run).where(backup_run.c.id == _OF_RUN, backup_run.c.dropped_at.is_(None)).values(dropped_at=_NOW)
)
