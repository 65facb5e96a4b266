"""How does a slot of a job become somebody's, and how is it closed?"""

from enum import IntEnum

from sqlalchemy import Date, DateTime, SmallInteger, Text, Uuid, and_, bindparam, null, update
from sqlalchemy.dialects.postgresql import insert as upsert

from tallystick.jobs.tables import job_run
from tallystick.store.statements import Statement


class RunState(IntEnum):
    """What became of a slot."""

    RUNNING = 1
    DONE = 2
    FAILED = 3


_OF_SPACE = bindparam("of_space", type_=Uuid)
_OF_JOB = bindparam("of_job", type_=Text)
_OF_SLOT = bindparam("of_slot", type_=Date)

# One row for whoever gets the slot, none for everybody else. Two who ask at the same time wait for each other at the row, and the second
# finds the lease of the first.
CLAIM: Statement[str] = Statement(
    upsert(job_run)
    .values(
        space_id=_OF_SPACE,
        job=_OF_JOB,
        slot=_OF_SLOT,
        state=RunState.RUNNING,
        attempts=1,
        leased_until=bindparam("until", type_=DateTime(timezone=True)),
        problem=null(),
    )
    .on_conflict_do_update(
        index_elements=["space_id", "job", "slot"],
        set_={
            "state": RunState.RUNNING,
            "attempts": job_run.c.attempts + 1,
            "leased_until": bindparam("until", type_=DateTime(timezone=True)),
            "problem": null(),
        },
        where=and_(
            job_run.c.state != RunState.DONE,
            job_run.c.leased_until <= bindparam("now", type_=DateTime(timezone=True)),
        ),
    )
    .returning(job_run.c.job)
)

# The lease stays as it is: what failed is tried again when it has run out, and what is done is not undone by somebody who came late.
FINISH: Statement[()] = Statement(
    update(job_run)
    .where(
        job_run.c.space_id == _OF_SPACE,
        job_run.c.job == _OF_JOB,
        job_run.c.slot == _OF_SLOT,
        job_run.c.state != RunState.DONE,
    )
    .values(state=bindparam("new_state", type_=SmallInteger), problem=bindparam("new_problem", type_=Text))
)
