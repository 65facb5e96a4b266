"""Who works off a slot of a job, when several servers want to? Exactly one, until it is done or its lease has run out."""

from datetime import date, datetime, timedelta
from uuid import UUID

from tallystick.jobs.writes import CLAIM, FINISH, RunState
from tallystick.store.apart import Apart

# Stands for the space of jobs that belong to none.
NO_SPACE = UUID(int=0)


async def claim(apart: Apart, space_id: UUID, job: str, slot: date, now: datetime, lease: timedelta) -> bool:
    """Whether the slot is the caller's, for as long as the lease lasts. One that was done is nobody's any more."""
    call = CLAIM(of_space=space_id, of_job=job, of_slot=slot, now=now, until=now + lease)
    return bool(await apart.fetch(call))


async def finish(apart: Apart, space_id: UUID, job: str, slot: date, problem: str | None) -> None:
    """The slot is done; with a problem it is not, and whoever asks after the lease tries again."""
    state = RunState.FAILED if problem else RunState.DONE
    await apart.fetch_all(FINISH(of_space=space_id, of_job=job, of_slot=slot, new_state=state, new_problem=problem))
