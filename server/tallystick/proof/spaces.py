"""Which spaces are there to prove? Page after page, by the order of their ids."""

from collections.abc import AsyncIterator, Callable
from uuid import UUID

from sqlalchemy import Date, SmallInteger, Text, Uuid, bindparam, exists, select

from tallystick.jobs.tables import job_run
from tallystick.jobs.writes import RunState
from tallystick.store.apart import Apart
from tallystick.store.statements import Call, prepare
from tallystick.store.tables import space

SPACES_MAX = 200
_ID_MAX = UUID(int=2**128 - 1)

_spaces = (
    select(space.c.id)
    .where(
        space.c.kind == bindparam("kind", type_=SmallInteger),
        space.c.erased_at.is_(None),
        space.c.id >= bindparam("first", type_=Uuid),
    )
    .order_by(space.c.id)
    .limit(SPACES_MAX)
)
# Every space of a kind that was not erased, deleted ones too.
SPACES = prepare(_spaces)
# Those whose slot of a job is not done.
SPACES_LEFT = prepare(
    _spaces.where(
        ~exists().where(
            job_run.c.space_id == space.c.id,
            job_run.c.job == bindparam("job", type_=Text),
            job_run.c.slot == bindparam("slot", type_=Date),
            job_run.c.state == RunState.DONE,
        )
    )
)


async def list_spaces(apart: Apart, of_page: Callable[[UUID], Call[UUID]]) -> AsyncIterator[UUID]:
    """The spaces of a statement that begins with an id."""
    number = 0
    while number <= _ID_MAX.int and (rows := await apart.fetch(of_page(UUID(int=number)))):
        for (space_id,) in rows:
            yield space_id
        number = rows[-1][0].int + 1
