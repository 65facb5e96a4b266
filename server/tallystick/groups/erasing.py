"""What do groups keep of a user beside their membership, and of a group outside of it?"""

from collections.abc import Sequence
from uuid import UUID

from tallystick.groups.members.queries import JOIN_REQUESTS_OF_USER
from tallystick.groups.members.rules_joining import nameless
from tallystick.groups.profiles.writes import UNLIST_GROUP
from tallystick.groups.tables import JOIN_REQUEST
from tallystick.identity.traces import Trace
from tallystick.store.tx import WriteTx

# What in a request to join says who asks.
_SAYS_WHO = ("user_id", "display_name", "message")


class GroupTraces:
    """Who asked to be let in, and the entry among the groups that everybody may find. What somebody owes or is owed stays."""

    async def forget(self, tx: WriteTx, user_id: UUID) -> Sequence[Trace]:
        rows = await tx.fetch(JOIN_REQUESTS_OF_USER(space_id=tx.space_id, user_id=user_id))
        asked = [tx.open(JOIN_REQUEST, row) for row in rows]
        for each in asked:
            tx.put(JOIN_REQUEST, each, nameless(each))
        return [Trace(JOIN_REQUEST, UUID(each.id), _SAYS_WHO) for each in asked]

    def erase_space(self, tx: WriteTx) -> None:
        tx.beside(UNLIST_GROUP(of_space=tx.space_id))
