"""How is it written down what became of a backup?"""

from sqlalchemy import Date, DateTime, Integer, Text, Uuid, bindparam, delete, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from tallystick.backups.tables import backup_run, backup_trouble
from tallystick.store.statements import Statement

_OF_RUN = bindparam("of_run", type_=Uuid)
_NOW = bindparam("now", type_=DateTime(timezone=True))
_ALWAYS = ("id", "target", "name", "state", "started_at", "finished_at")
# What is told as it applies.
TOLD = ("reason", "stored_id", "size_bytes", "sha256", "row_counts", "shrunk")

NOTE: Statement[()] = Statement(
    insert(backup_run).values({name: bindparam(name, type_=backup_run.c[name].type) for name in (*_ALWAYS, *TOLD)})
)
NOTE_RESTORED: Statement[()] = Statement(
    update(backup_run)
    .where(backup_run.c.id == _OF_RUN)
    .values(restored_at=_NOW, differing=bindparam("differing", type_=Integer))
)
NOTE_DROPPED: Statement[()] = Statement(
    update(backup_run).where(backup_run.c.id == _OF_RUN, backup_run.c.dropped_at.is_(None)).values(dropped_at=_NOW)
)

_TODAY = bindparam("today", type_=Date)
# One row for whoever notes today's first, none for everybody else.
NOTE_TROUBLE: Statement[str] = Statement(
    upsert(backup_trouble)
    .values(target=bindparam("target", type_=Text), cause=bindparam("cause", type_=Text), told_on=_TODAY)
    .on_conflict_do_update(
        index_elements=["target", "cause"], set_={"told_on": _TODAY}, where=backup_trouble.c.told_on < _TODAY
    )
    .returning(backup_trouble.c.cause)
)
# A row for each that there was, to whoever takes them away.
FORGET_TROUBLES: Statement[str] = Statement(
    delete(backup_trouble)
    .where(backup_trouble.c.target == bindparam("of_target", type_=Text))
    .returning(backup_trouble.c.cause)
)
