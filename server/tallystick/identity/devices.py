"""Who is told that somebody signed in on a device that their account did not know? Identity only notes it; a feature may tell."""

from typing import Protocol
from uuid import UUID

from tallystick.store.apart import ApartTx


class NewDevices(Protocol):
    """Hears of sign-ins on new devices, but for the first one of all."""

    def note(self, tx: ApartTx, home_id: UUID, user_id: UUID, session_id: UUID) -> None:
        """In the transaction of the sign-in: both are there, or neither."""
