"""What do the calls about preferences mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.settings.preferences import commands, queries
from tallystick.store.store import Store
from tallystick.v1.settings_pb2 import (
    GetSettingsRequest,
    GetSettingsResponse,
    UpdateSettingsRequest,
    UpdateSettingsResponse,
)

Context = ServicerContext[Any, Any]


class PreferenceCalls:
    """The calls about preferences."""

    _store: Store

    async def GetSettings(self, request: GetSettingsRequest, context: Context) -> GetSettingsResponse:
        tx = self._store.reader(caller(), caller().home_id, request)
        return GetSettingsResponse(settings=await queries.get_settings(tx))

    async def UpdateSettings(self, request: UpdateSettingsRequest, context: Context) -> UpdateSettingsResponse:
        return await self._store.write(
            caller(), caller().home_id, request, commands.update_settings, UpdateSettingsResponse
        )
