"""How is one delivery attempted? Signed, sent, and noted: what came of it, and nothing of what was said."""

import asyncio
from uuid import UUID

from tallystick import __version__
from tallystick.clock import Clock
from tallystick.store.statements import Call
from tallystick.times import to_datetime, to_timestamp
from tallystick.v1.webhook_deliveries_pb2 import DeliveryAttempt
from tallystick.v1.webhook_pb2 import Webhook
from tallystick.webhooks import writes
from tallystick.webhooks.sending import Sender
from tallystick.webhooks.signing import HEADER, Secrets, sign

MS_IN_S = 1000


class Delivering:
    """Attempts deliveries."""

    def __init__(self, secrets: Secrets, sender: Sender, clock: Clock) -> None:
        self.secrets = secrets
        self.sender = sender
        self._clock = clock

    async def attempt(
        self, webhook: Webhook, delivery_id: UUID, body: bytes, *, seq: int = 0, number: int = 0
    ) -> DeliveryAttempt:
        now = self._clock.now()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"tallystick/{__version__}",
            "Tallystick-Webhook": webhook.id,
            "Tallystick-Delivery": str(delivery_id),
            HEADER: sign(self.secrets.signing(webhook, now), int(now.timestamp()), body),
        }
        loop = asyncio.get_running_loop()
        began = loop.time()
        outcome = await self.sender.post(webhook.url, headers, body)
        return DeliveryAttempt(
            id=str(self._clock.new_id()),
            delivery_id=str(delivery_id),
            to_version=seq,
            attempted_at=to_timestamp(now),
            duration_ms=int((loop.time() - began) * MS_IN_S),
            status_code=outcome.status_code,
            problem=outcome.problem,
            number=number,
        )


def note(webhook: Webhook, attempt: DeliveryAttempt) -> list[Call[()]]:
    """The attempt, for whoever looks at the last ones."""
    space_id, webhook_id = UUID(webhook.space_id), UUID(webhook.id)
    return [
        writes.NOTE_ATTEMPT(
            space_id=space_id,
            webhook_id=webhook_id,
            id=UUID(attempt.id),
            delivery_id=UUID(attempt.delivery_id),
            seq=attempt.to_version,
            at=to_datetime(attempt.attempted_at),
            duration_ms=attempt.duration_ms,
            status_code=attempt.status_code,
            problem=attempt.problem,
            number=attempt.number,
        ),
        writes.FORGET_OLD_ATTEMPTS(of_space=space_id, of_webhook=webhook_id),
    ]
