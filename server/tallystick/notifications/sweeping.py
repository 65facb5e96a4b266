"""What is forgotten because nobody needs it any more? Notifications that were read long ago, so that homes do not grow for ever.

Once a day, in one server: homes are walked through in the order of their ids, many to a question, and each that has some deletes them
in commits of its own. They are hidden as if the user had deleted them: devices drop them, and they are not told again.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Integer, Uuid, bindparam, select

from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.identity.tables import login
from tallystick.jobs import runs
from tallystick.log import log
from tallystick.notifications import queries
from tallystick.notifications.tables import NOTIFICATION
from tallystick.store import door
from tallystick.store.apart import Apart
from tallystick.store.statements import Call, prepare
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx
from tallystick.v1.notification_pb2 import DeleteNotificationRequest, DeleteNotificationResponse

KEPT = timedelta(days=90)
HOMES_MAX, DELETED_MAX = 200, 400
JOB = "forget_notifications"
LEASE = timedelta(hours=2)
ID_MIN = UUID(int=0)

HOMES = prepare(
    select(login.c.user_id, login.c.home_id)
    .where(login.c.user_id > bindparam("after_id", type_=Uuid), login.c.erased_at.is_(None))
    .order_by(login.c.user_id)
    .limit(bindparam("limit", type_=Integer))
)


class Sweeping:
    """Deletes what was read long ago."""

    def __init__(self, store: Store, apart: Apart) -> None:
        self._store = store
        self._apart = apart

    async def run(self) -> int:
        """Returns how many it deleted: none when somebody has been through today."""
        now = self._store.clock.now()
        if not await runs.claim(self._apart, runs.NO_SPACE, JOB, now.date(), now, LEASE):
            return 0
        deleted, problem = 0, None
        try:
            deleted = await self._sweep()
        except Exception as failed:
            problem = type(failed).__name__
            raise
        finally:
            await runs.finish(self._apart, runs.NO_SPACE, JOB, now.date(), problem)
        return deleted

    async def _sweep(self) -> int:
        after_id, deleted = ID_MIN, 0
        while homes := await self._apart.fetch(HOMES(after_id=after_id, limit=HOMES_MAX)):
            for user_id, home_id in await self._find_full(homes):
                deleted += await self._empty(user_id, home_id)
            after_id = homes[-1][0]
        if deleted:
            log("notifications_forgotten", count=deleted)
        return deleted

    async def _find_full(self, homes: Sequence[tuple[UUID, UUID]]) -> list[tuple[UUID, UUID]]:
        """Those of the homes that have something to forget, in one round trip."""
        until = self._store.clock.now() - KEPT
        calls: list[Call[*tuple[Any, ...]]] = []
        for user_id, home_id in homes:
            asked = queries.READ_BEFORE(space_id=home_id, until=until, limit=1)
            calls += (door.CONTEXT(user_id=user_id, space_id=home_id), asked)
        async with self._store.connection() as connection:
            found = (await connection.batch(calls))[1::2]
        return [home for home, rows in zip(homes, found, strict=True) if rows]

    async def _empty(self, user_id: UUID, home_id: UUID) -> int:
        caller, now, deleted = Caller(user_id, home_id, None, ""), self._store.clock.now(), dict[str, int]()
        for number in count():
            request_id = str(uuid5(home_id, f"{JOB} {now.isoformat()} {number}"))
            request = DeleteNotificationRequest(request_id=request_id)
            command = partial(_forget, deleted=deleted)
            try:
                await self._store.write(caller, home_id, request, command, DeleteNotificationResponse)
            except NotVisible:
                # The user was erased meanwhile, and their home with them.
                break
            if deleted.get(request_id, 0) < DELETED_MAX:
                break
        return sum(deleted.values())


async def _forget(
    tx: WriteTx, request: DeleteNotificationRequest, *, deleted: dict[str, int]
) -> DeleteNotificationResponse:
    rows = await tx.fetch(queries.READ_BEFORE(space_id=tx.space_id, until=tx.now - KEPT, limit=DELETED_MAX))
    for row in rows:
        tx.delete(NOTIFICATION, tx.open(NOTIFICATION, row))
    deleted[request.request_id] = len(rows)
    return DeleteNotificationResponse()
