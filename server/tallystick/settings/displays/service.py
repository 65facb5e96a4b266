"""What do the calls about displays mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.settings.displays import commands, queries
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.settings_displays_pb2 import (
    ListDisplaysRequest,
    ListDisplaysResponse,
    ResetDisplayRequest,
    ResetDisplayResponse,
    UpdateDisplayRequest,
    UpdateDisplayResponse,
)

Context = ServicerContext[Any, Any]


class DisplayCalls:
    """The calls about displays."""

    _store: Store
    _pages: Pages

    async def UpdateDisplay(self, request: UpdateDisplayRequest, context: Context) -> UpdateDisplayResponse:
        return await self._store.write(
            caller(), caller().home_id, request, commands.update_display, UpdateDisplayResponse
        )

    async def ListDisplays(self, request: ListDisplaysRequest, context: Context) -> ListDisplaysResponse:
        tx = self._store.reader(caller(), caller().home_id, request)
        page = await queries.list_displays(tx, caller(), request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListDisplaysResponse(displays=page.items, next_page_token=token)

    async def ResetDisplay(self, request: ResetDisplayRequest, context: Context) -> ResetDisplayResponse:
        return await self._store.write(
            caller(), caller().home_id, request, commands.reset_display, ResetDisplayResponse
        )
