"""What do notifications keep of a space outside of it? How far it was read, and what is to be looked at. What was told is in homes, and
is erased with them; whoever leaves a space keeps what they were told of it."""

from collections.abc import Sequence
from uuid import UUID

from tallystick.identity.traces import Trace
from tallystick.notifications.writes import FORGET_SPACE
from tallystick.store.tx import WriteTx


class NotificationTraces:
    """Nothing in a space says whom it was told to."""

    async def forget(self, tx: WriteTx, user_id: UUID) -> Sequence[Trace]:  # noqa: ARG002 - every feature is asked alike
        return ()

    def erase_space(self, tx: WriteTx) -> None:
        for statement in FORGET_SPACE:
            tx.beside(statement(of_space=tx.space_id))
