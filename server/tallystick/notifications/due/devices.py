"""How does a user learn of a sign-in on a new device? It is noted in the sign-in's own transaction, and told after that."""

from datetime import datetime
from uuid import UUID

from tallystick.identity.keyed import Keyed
from tallystick.identity.queries import SESSION_OF_USER
from tallystick.jobs.due.job import Leased
from tallystick.notifications import writes
from tallystick.notifications.due.looking import Looking
from tallystick.notifications.notices import NOWHERE, compose_notice, id_of_thing
from tallystick.notifications.raising import Raising
from tallystick.store.apart import Apart, ApartTx
from tallystick.store.store import Store
from tallystick.times import to_timestamp
from tallystick.v1.notification_details_pb2 import NewDevice
from tallystick.v1.notification_pb2 import NotificationKind


class NotedDevices:
    """What identity hands new devices to (identity/devices.py)."""

    def note(self, tx: ApartTx, home_id: UUID, user_id: UUID, session_id: UUID) -> None:
        tx.write(writes.tell_of_device(home_id, session_id, user_id, tx.now))


class NewDevices(Looking):
    """Tells users of sign-ins that were noted."""

    noun = "new_device"
    dues = writes.DEVICE_DUES

    def __init__(self, store: Store, apart: Apart, raising: Raising, keyed: Keyed) -> None:
        super().__init__(store, apart)
        self._raising = raising
        self._keyed = keyed

    async def _look(self, leased: Leased) -> datetime | None:
        user_id, session_id = leased.user_id, leased.entity_id
        for name_sealed, created_at in await self._apart.fetch(SESSION_OF_USER(session_id=session_id, user_id=user_id)):
            details = NewDevice(
                session_id=str(session_id),
                device_name=self._keyed.open_name(session_id, name_sealed),
                signed_in_at=to_timestamp(created_at),
            )
            notice_id = id_of_thing(session_id, "new device", user_id)
            kind = NotificationKind.NOTIFICATION_KIND_NEW_DEVICE
            await self._raising.raise_notice(compose_notice(user_id, notice_id, kind, NOWHERE, details))
        return None
