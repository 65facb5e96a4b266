"""Who is told that they are invited? Whoever has proven that the address is theirs: at once, or as soon as they have."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from tallystick.errors import NotVisible
from tallystick.identity.queries import LOGIN_BY_EMAIL, Login
from tallystick.notifications.notices import Notice, Place, compose_notice, id_of_thing
from tallystick.notifications.telling.news import News
from tallystick.spaces import queries
from tallystick.spaces.rules import is_open
from tallystick.store.apart import Apart
from tallystick.store.own_work import own_snapshot
from tallystick.store.store import Store
from tallystick.v1.notification_details_pb2 import InvitationReceived
from tallystick.v1.notification_pb2 import NotificationKind
from tallystick.v1.space_pb2 import Invitation

# More open invitations than anybody has.
ROUTES_MAX = 100


class HashesAddresses(Protocol):
    """Knows by what an address is found."""

    def hash_email(self, email: str) -> bytes: ...


class Invitations:
    """Finds out who is to be told of which invitation."""

    def __init__(self, store: Store, apart: Apart, keyed: HashesAddresses) -> None:
        self._store = store
        self._apart = apart
        self._keyed = keyed

    async def made(self, news: Sequence[News]) -> list[Notice]:
        """Of those that were made in a space: to whom they are addressed."""
        notices = []
        for change in news:
            is_new = change.kind == "invitation" and change.before is None and change.now is not None
            if is_new and change.now.email:
                rows = await self._apart.fetch(LOGIN_BY_EMAIL(email_hash=self._keyed.hash_email(change.now.email)))
                login = Login(*rows[0]) if rows else None
                if login is not None and login.email_verified:
                    notices += await self._if_open(login.user_id, UUID(change.now.space_id), change.id)
        return notices

    async def waiting(self, user_id: UUID, email: str) -> list[Notice]:
        """Of those that wait for an address: to whoever has just proven that it is theirs."""
        asked = queries.ROUTES_BEFORE(lookup=self._keyed.hash_email(email), after_id=queries.ID_MAX, limit=ROUTES_MAX)
        routes = await self._apart.fetch(asked)
        found = [await self._if_open(user_id, space_id, invitation_id) for invitation_id, space_id in routes]
        return [notice for notices in found for notice in notices]

    async def _if_open(self, user_id: UUID, space_id: UUID, invitation_id: UUID) -> list[Notice]:
        try:
            async with own_snapshot(self._store, space_id) as tx:
                invitation = await queries.find_invitation(tx, invitation_id)
        except NotVisible:
            return []
        if invitation is None or not is_open(invitation, self._store.clock.now()):
            return []
        return [_compose(user_id, invitation)]


def _compose(user_id: UUID, invitation: Invitation) -> Notice:
    details = InvitationReceived(
        invitation_id=invitation.id,
        invited_by=invitation.invited_by,
        role=invitation.role,
        expires_at=invitation.expires_at,
    )
    place = Place(UUID(invitation.space_id), invitation.space_name)
    notice_id = id_of_thing(UUID(invitation.id), "invitation", user_id)
    return compose_notice(user_id, notice_id, NotificationKind.NOTIFICATION_KIND_INVITATION, place, details)
