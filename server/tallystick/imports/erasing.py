"""What do imports keep of a user beside their membership, and of a space outside of it?"""

from collections.abc import Sequence
from uuid import UUID

from tallystick.identity.traces import Trace
from tallystick.imports.writes import FORGET_SPACE
from tallystick.store.tx import WriteTx


class ImportTraces:
    """An import says by an id who made it, as the journal does of everything; what a file says belongs to the book. The rows of a space
    that is erased are taken away."""

    async def forget(self, tx: WriteTx, user_id: UUID) -> Sequence[Trace]:  # noqa: ARG002 - every feature is asked alike
        return ()

    def erase_space(self, tx: WriteTx) -> None:
        tx.beside(FORGET_SPACE(of_space=tx.space_id))
