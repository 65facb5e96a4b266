"""What do a user's own backups leave behind when the user is erased? Nothing here. What lies in their Drive is theirs, and stays."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tallystick.backups.own import writes
from tallystick.store.tx import WriteTx


class OwnBackupTraces:
    """Targets with their permissions, and what is known of backups."""

    async def forget(self, tx: WriteTx, user_id: UUID) -> Sequence[Any]:  # noqa: ARG002 - others' spaces have nothing of it
        return ()

    def erase_space(self, tx: WriteTx) -> None:
        for forget in writes.FORGET_SPACE:
            tx.beside(forget(of_space=tx.space_id))
