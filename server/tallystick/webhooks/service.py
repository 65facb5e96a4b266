"""What do the calls about webhooks mean in our words, and back? One short method per RPC."""

from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.ledger.nouns.queries import list_nouns
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.webhook_pb2 import (
    DeleteWebhookRequest,
    DeleteWebhookResponse,
    RestoreWebhookRequest,
    RestoreWebhookResponse,
    UpdateWebhookRequest,
    UpdateWebhookResponse,
)
from tallystick.v1.webhook_service_pb2 import (
    CreateWebhookRequest,
    CreateWebhookResponse,
    GetWebhookRequest,
    GetWebhookResponse,
    ListDeadLettersRequest,
    ListDeadLettersResponse,
    ListWebhookDeliveriesRequest,
    ListWebhookDeliveriesResponse,
    ListWebhooksRequest,
    ListWebhooksResponse,
    ReplayWebhookRequest,
    ReplayWebhookResponse,
    RotateWebhookSecretRequest,
    RotateWebhookSecretResponse,
    TestWebhookRequest,
    TestWebhookResponse,
)
from tallystick.v1.webhook_service_pb2_grpc import WebhookServiceServicer
from tallystick.webhooks import commands, queries
from tallystick.webhooks.delivering import Delivering
from tallystick.webhooks.queries import WEBHOOKS
from tallystick.webhooks.repeats import find_first
from tallystick.webhooks.resending import Resending

Context = ServicerContext[Any, Any]


class WebhookService(WebhookServiceServicer):
    """Webhooks of books and groups."""

    def __init__(self, store: Store, apart: Apart, pages: Pages, delivering: Delivering) -> None:
        self._store = store
        self._pages = pages
        self._secrets = delivering.secrets
        self._sender = delivering.sender
        self._resending = Resending(store, apart, delivering)

    async def CreateWebhook(self, request: CreateWebhookRequest, context: Context) -> CreateWebhookResponse:
        await self._require_target(request, CreateWebhookResponse)
        answer = await self._store.write(
            caller(), request.space_id, request, commands.create_webhook, CreateWebhookResponse
        )
        return CreateWebhookResponse(webhook=answer.webhook, secret=self._secrets.current(answer.webhook))

    async def GetWebhook(self, request: GetWebhookRequest, context: Context) -> GetWebhookResponse:
        tx = self._store.reader(caller(), request.space_id, request)
        return await queries.get_with_versions(tx, UUID(request.webhook_id))

    async def ListWebhooks(self, request: ListWebhooksRequest, context: Context) -> ListWebhooksResponse:
        tx = self._store.reader(caller(), request.space_id, request)
        page = await list_nouns(tx, WEBHOOKS, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListWebhooksResponse(webhooks=page.items, next_page_token=token)

    async def UpdateWebhook(self, request: UpdateWebhookRequest, context: Context) -> UpdateWebhookResponse:
        if request.url:
            await self._require_target(request, UpdateWebhookResponse)
        return await self._store.write(
            caller(), request.space_id, request, commands.update_webhook, UpdateWebhookResponse
        )

    async def DeleteWebhook(self, request: DeleteWebhookRequest, context: Context) -> DeleteWebhookResponse:
        return await self._store.write(
            caller(), request.space_id, request, commands.delete_webhook, DeleteWebhookResponse
        )

    async def RestoreWebhook(self, request: RestoreWebhookRequest, context: Context) -> RestoreWebhookResponse:
        return await self._store.write(
            caller(), request.space_id, request, commands.restore_webhook, RestoreWebhookResponse
        )

    async def RotateWebhookSecret(
        self, request: RotateWebhookSecretRequest, context: Context
    ) -> RotateWebhookSecretResponse:
        answer = await self._store.write(
            caller(), request.space_id, request, commands.rotate_webhook_secret, RotateWebhookSecretResponse
        )
        return RotateWebhookSecretResponse(webhook=answer.webhook, secret=self._secrets.current(answer.webhook))

    async def TestWebhook(self, request: TestWebhookRequest, context: Context) -> TestWebhookResponse:
        return TestWebhookResponse(attempt=await self._resending.ping(caller(), request))

    async def ListWebhookDeliveries(
        self, request: ListWebhookDeliveriesRequest, context: Context
    ) -> ListWebhookDeliveriesResponse:
        tx = self._store.reader(caller(), request.space_id, request)
        after = self._pages.position(caller(), request)
        page = await queries.list_attempts(tx, UUID(request.webhook_id), request.page_size, after)
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListWebhookDeliveriesResponse(attempts=page.items, next_page_token=token)

    async def ListDeadLetters(self, request: ListDeadLettersRequest, context: Context) -> ListDeadLettersResponse:
        tx = self._store.reader(caller(), request.space_id, request)
        after = self._pages.position(caller(), request)
        page = await queries.list_letters(tx, UUID(request.webhook_id), request.page_size, after)
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListDeadLettersResponse(dead_letters=page.items, next_page_token=token)

    async def ReplayWebhook(self, request: ReplayWebhookRequest, context: Context) -> ReplayWebhookResponse:
        if request.HasField("dead_letter_id"):
            return await self._resending.replay_letter(caller(), request)
        return await self._store.write(
            caller(), request.space_id, request, commands.replay_webhook, ReplayWebhookResponse
        )

    async def _require_target(self, request: Any, response: Any) -> None:
        """Looked up by members only, and before the write begins: nothing waits for a name while it holds a space. A repeat is answered
        whatever has become of the name since."""
        if await find_first(self._store, caller(), request, response) is None:
            await self._sender.require_allowed(request.url)
