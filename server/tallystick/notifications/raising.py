"""How does a user come to have a notification, exactly once? By a commit in their home, under a request_id that follows from it.

Whoever comes second, in another server, after a crash, or after the user has deleted it, is answered by the write door with what the
first one did. No other space is locked meanwhile.
"""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.identity.queries import HOMES_OF
from tallystick.notifications import queries, rules
from tallystick.notifications.notices import Notice
from tallystick.notifications.tables import NOTIFICATION
from tallystick.store import door
from tallystick.store.apart import Apart
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx
from tallystick.v1.notification_pb2 import MarkReadRequest, MarkReadResponse, Notification

# Each of these holds a connection.
AT_ONCE = 4


class Raising:
    """Tells users what they should know of."""

    def __init__(self, store: Store, apart: Apart) -> None:
        self._store = store
        self._apart = apart
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def raise_notice(self, notice: Notice) -> None:
        """Tells one thing to one user. For every feature that has something to tell: a repeat tells it no more, so tell it before
        you forget that it is to be told."""
        await self.raise_notices([notice])

    async def raise_notices(self, notices: Sequence[Notice]) -> None:
        """Tells all of it. When one of them cannot be told, the others are all the same, and it fails after that."""
        if not notices:
            return
        homes: dict[UUID, UUID] = dict(
            await self._apart.fetch(HOMES_OF(ids=sorted({each.user_id for each in notices})))
        )
        at_home = [(homes[each.user_id], each) for each in notices if each.user_id in homes]
        told = await self._find_told(at_home)
        new = [(home_id, each) for home_id, each in at_home if (home_id, each.id) not in told]
        outcomes = await asyncio.gather(*(self._tell(*one) for one in new), return_exceptions=True)
        for failed in outcomes:
            if isinstance(failed, BaseException):
                raise failed

    async def _find_told(self, at_home: Iterable[tuple[UUID, Notice]]) -> set[tuple[UUID, UUID]]:
        """Spares the locks of homes for what was told before: thresholds stay reached, and are found again and again."""
        asked: dict[tuple[UUID, UUID], list[UUID]] = {}
        for home_id, notice in at_home:
            asked.setdefault((notice.user_id, home_id), []).append(notice.id)
        if not asked:
            return set()
        calls = [
            call
            for (user_id, home_id), ids in asked.items()
            for call in (
                door.CONTEXT(user_id=user_id, space_id=home_id),
                queries.TOLD_BEFORE(space_id=home_id, ids=ids),
            )
        ]
        async with self._store.connection() as connection:
            rows = await connection.batch(calls)
        return {(home_id, told_id) for found in rows[1::2] for home_id, told_id in found}

    async def _tell(self, home_id: UUID, notice: Notice) -> None:
        caller = Caller(notice.user_id, home_id, None, "")
        # Only ids: the same notice may find other names when it is told again, and is the same request all the same.
        request = MarkReadRequest(request_id=str(notice.id), notification_ids=[str(notice.id)])
        command = partial(_tell, notification=notice.notification)
        ahead = [queries.PREFERENCES(space_id=home_id)]
        async with self._turns:
            try:
                await self._store.write(caller, home_id, request, command, MarkReadResponse, ahead=ahead)
            except NotVisible:
                # The user was erased meanwhile, and their home with them.
                return


async def _tell(tx: WriteTx, request: MarkReadRequest, *, notification: Notification) -> MarkReadResponse:
    """What the user does not want is noted as told, and is nowhere else."""
    in_app, email = rules.channels_of(await queries.get_preferences(tx), notification.kind)
    if in_app or email:
        tx.add(NOTIFICATION, rules.as_told(notification, tx.now, mail_only=not in_app))
    return MarkReadResponse()
