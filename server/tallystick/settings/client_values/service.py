"""What do the calls about client values mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.settings.client_values import commands, queries
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.settings_client_values_pb2 import (
    DeleteClientValueRequest,
    DeleteClientValueResponse,
    GetClientValueRequest,
    GetClientValueResponse,
    ListClientValuesRequest,
    ListClientValuesResponse,
    PutClientValueRequest,
    PutClientValueResponse,
)

Context = ServicerContext[Any, Any]


class ClientValueCalls:
    """The calls about client values."""

    _store: Store
    _pages: Pages

    async def PutClientValue(self, request: PutClientValueRequest, context: Context) -> PutClientValueResponse:
        return await self._store.write(
            caller(), caller().home_id, request, commands.put_client_value, PutClientValueResponse
        )

    async def GetClientValue(self, request: GetClientValueRequest, context: Context) -> GetClientValueResponse:
        tx = self._store.reader(caller(), caller().home_id, request)
        return GetClientValueResponse(client_value=await queries.get_client_value(tx, request.key))

    async def ListClientValues(self, request: ListClientValuesRequest, context: Context) -> ListClientValuesResponse:
        tx = self._store.reader(caller(), caller().home_id, request)
        page = await queries.list_client_values(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListClientValuesResponse(client_values=page.items, next_page_token=token)

    async def DeleteClientValue(self, request: DeleteClientValueRequest, context: Context) -> DeleteClientValueResponse:
        return await self._store.write(
            caller(), caller().home_id, request, commands.delete_client_value, DeleteClientValueResponse
        )
