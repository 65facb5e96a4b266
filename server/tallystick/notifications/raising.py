"""How does a user come to have a notification, exactly once? By a commit in their home, under a request_id that follows from it.

Whoever comes second, in another server, after a crash, or after the user has deleted it, is answered by the write door with what the
first one did. No other space is locked meanwhile.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.identity.queries import HOMES_OF
from tallystick.notifications import queries, rules
from tallystick.notifications.notices import Notice
from tallystick.notifications.tables import NOTIFICATION
from tallystick.store import door
from tallystick.store.apart import Apart
from tallystick.store.statements import Call
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
        at_home: dict[UUID, list[Notice]] = {}
        for each in notices:
            if each.user_id in homes:
                at_home.setdefault(homes[each.user_id], []).append(each)
        told = await self._find_told(at_home)
        telling = (self._tell_all(home_id, of_home, told) for home_id, of_home in at_home.items())
        for failed in await asyncio.gather(*telling, return_exceptions=True):
            if failed is not None:
                raise failed

    async def _find_told(self, at_home: Mapping[UUID, Sequence[Notice]]) -> set[UUID]:
        """Spares the locks of homes for what was told before: thresholds stay reached, and are found again and again."""
        calls: list[Call[*tuple[Any, ...]]] = []
        for home_id, of_home in at_home.items():
            asked = queries.TOLD_BEFORE(space_id=home_id, ids=[each.id for each in of_home])
            calls += (door.CONTEXT(user_id=of_home[0].user_id, space_id=home_id), asked)
        async with self._store.connection() as connection:
            found = (await connection.batch(calls))[1::2] if calls else []
        return {told_id for rows in found for (told_id,) in rows}

    async def _tell_all(self, home_id: UUID, notices: Sequence[Notice], told: Collection[UUID]) -> None:
        """One after the other, so that they stand in the order in which things happened."""
        async with self._turns:
            for each in notices:
                if each.id not in told:
                    await self._tell(home_id, each)

    async def _tell(self, home_id: UUID, notice: Notice) -> None:
        caller = Caller(notice.user_id, home_id, None, "")
        # Only ids: the same notice may find other names when it is told again, and is the same request all the same.
        request = MarkReadRequest(request_id=str(notice.id), notification_ids=[str(notice.id)])
        command = partial(_tell, notification=notice.notification)
        ahead = [queries.PREFERENCES(space_id=home_id)]
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
