"""How is something sent while somebody waits for what comes of it? A ping, and a dead letter: once each, out of any order."""

from functools import partial
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.store.apart import Apart
from tallystick.store.store import Store
from tallystick.v1.webhook_deliveries_pb2 import DeliveryAttempt
from tallystick.v1.webhook_pb2 import Webhook
from tallystick.v1.webhook_service_pb2 import (
    ListWebhookDeliveriesRequest,
    ReplayWebhookRequest,
    ReplayWebhookResponse,
    TestWebhookRequest,
)
from tallystick.webhooks import queries
from tallystick.webhooks.bodies import Bodies, Delivery
from tallystick.webhooks.commands import note_resent
from tallystick.webhooks.delivering import Delivering, note
from tallystick.webhooks.queries import WEBHOOKS
from tallystick.webhooks.repeats import find_first
from tallystick.webhooks.rules import LOST
from tallystick.webhooks.tables import WEBHOOK

NO_HOME = UUID(int=0)


class Resending:
    """Sends what somebody waits for."""

    def __init__(self, store: Store, apart: Apart, delivering: Delivering) -> None:
        self._store = store
        self._apart = apart
        self._delivering = delivering

    async def ping(self, caller: Caller, request: TestWebhookRequest) -> DeliveryAttempt:
        tx = self._store.reader(caller, request.space_id, request)
        found, heads = await tx.fetch_all(
            WEBHOOKS.by_id(space_id=tx.space_id, id=UUID(request.webhook_id)),
            queries.SPACE_HEAD(space_id=tx.space_id),
        )
        webhook = tx.require(WEBHOOK, [(row[0], row[1], row[2]) for row in found])
        delivery_id, now = self._store.clock.new_id(), self._store.clock.now()
        body = Bodies(webhook, heads[0][0], tx.seal).ping(delivery_id, now)
        attempt = await self._delivering.attempt(webhook, delivery_id, body)
        await self._apart.fetch_all(*note(webhook, attempt))
        return attempt

    async def replay_letter(self, caller: Caller, request: ReplayWebhookRequest) -> ReplayWebhookResponse:
        """A repeat is answered as the first call was, and sends nothing."""
        first = await find_first(self._store, caller, request, ReplayWebhookResponse)
        if first is not None:
            return first
        webhook, delivery = await self._read(caller, request)
        attempt = DeliveryAttempt()
        if delivery is not None:
            attempt = await self._delivering.attempt(webhook, delivery.id, delivery.body, seq=delivery.at.seq)
            await self._apart.fetch_all(*note(webhook, attempt))
        command = partial(note_resent, attempt=attempt, is_there_no_more=delivery is None)
        return await self._store.write(caller, request.space_id, request, command, ReplayWebhookResponse)

    async def _read(self, caller: Caller, request: ReplayWebhookRequest) -> tuple[Webhook, Delivery | None]:
        space_id, webhook_id = UUID(request.space_id), UUID(request.webhook_id)
        tx = self._store.reader(caller, space_id, request)
        found, letters, heads = await tx.fetch_all(
            WEBHOOKS.by_id(space_id=space_id, id=webhook_id),
            queries.LETTER(space_id=space_id, webhook_id=webhook_id, delivery_id=UUID(request.dead_letter_id)),
            queries.SPACE_HEAD(space_id=space_id),
        )
        webhook = tx.require(WEBHOOK, [(row[0], row[1], row[2]) for row in found])
        if not letters:
            raise NotVisible
        _, from_seq, seq, ordinals, is_complete, *_ = letters[0]
        # Told is what its user sees; where that user may not look any more, what whoever asks sees.
        viewer = caller if webhook.problem in LOST else Caller(UUID(webhook.user_id), NO_HOME, None, "")
        asked = ListWebhookDeliveriesRequest(space_id=request.space_id, webhook_id=request.webhook_id)
        seen = self._store.reader(viewer, space_id, asked)
        rows = await seen.fetch(queries.OF_COMMIT(space_id=space_id, seq=seq, ordinals=ordinals))
        bodies = Bodies(webhook, heads[0][0], seen.seal)
        return webhook, bodies.again(rows, from_seq, is_complete=is_complete)
