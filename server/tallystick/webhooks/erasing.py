"""What do webhooks keep of a user beside their membership, and of a space outside of it?"""

from collections.abc import Sequence
from uuid import UUID

from tallystick import masks
from tallystick.identity.traces import Trace
from tallystick.store.tx import WriteTx
from tallystick.v1.webhook_pb2 import Webhook
from tallystick.webhooks import queries, writes
from tallystick.webhooks.tables import WEBHOOK

# What in a webhook may say whose it is.
_SAYS_WHO = ("url", "description")


class WebhookTraces:
    """The webhooks of somebody who is erased lead to a place of theirs: they go, and what they said goes with them."""

    async def forget(self, tx: WriteTx, user_id: UUID) -> Sequence[Trace]:
        rows = await tx.fetch(queries.OF_USER(space_id=tx.space_id, user_id=user_id))
        theirs = [tx.open(WEBHOOK, row) for row in rows]
        for each in theirs:
            tx.delete(WEBHOOK, masks.overlay(each, Webhook(), _SAYS_WHO))
            tx.beside(writes.FOLLOW_NO_MORE(of_space=tx.space_id, of_webhook=UUID(each.id)))
        return [Trace(WEBHOOK, UUID(each.id), _SAYS_WHO) for each in theirs]

    def erase_space(self, tx: WriteTx) -> None:
        for forget in writes.FORGET_SPACE:
            tx.beside(forget(of_space=tx.space_id))
