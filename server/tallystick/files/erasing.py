"""What do files keep of a user beside their membership, and of a space outside of it?

What they brought to a space that others share stays there, as what they booked does; it counts for nobody any more. What is on its way, and
what nobody else could see, goes. Of an erased space the keys are destroyed: what lies of its contents cannot be read, and is swept away.
"""

from collections.abc import Sequence
from uuid import UUID

from tallystick import masks
from tallystick.files import queries, writes
from tallystick.files.tables import FILE
from tallystick.identity.traces import Trace
from tallystick.store.tx import WriteTx
from tallystick.v1.file_pb2 import File

# What in a private file may say whose it is.
_SAYS_WHO = ("name", "sha256")


class FileTraces:
    """The private files of somebody who is erased, and what they had begun to bring."""

    async def forget(self, tx: WriteTx, user_id: UUID) -> Sequence[Trace]:
        named = {"space_id": tx.space_id, "user_id": user_id}
        uploads, private = await tx.fetch_all(queries.UPLOADS_OF(**named), queries.PRIVATE_TO(**named))
        theirs = [tx.open(FILE, (row[0], row[1], row[2])) for row in private]
        for each in theirs:
            tx.delete(FILE, masks.overlay(each, File(), _SAYS_WHO))
        for file_id in [*(row[0] for row in uploads), *(UUID(each.id) for each in theirs)]:
            for drop in (writes.DROP_CONTENT, writes.DROP_KEY):
                tx.beside(drop(of_space=tx.space_id, of_file=file_id))
        tx.beside(writes.OF_NOBODY(of_space=tx.space_id, of_user=user_id))
        return [Trace(FILE, UUID(each.id), _SAYS_WHO) for each in theirs]

    def erase_space(self, tx: WriteTx) -> None:
        for forget in writes.FORGET_SPACE:
            tx.beside(forget(of_space=tx.space_id))
