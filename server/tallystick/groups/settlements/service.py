"""What do the calls about settlements mean in our words, and back? One short method per RPC."""

from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.groups.settlements import commands, queries
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.group_settlements_pb2 import (
    ConfirmSettlementRequest,
    ConfirmSettlementResponse,
    DisputeSettlementRequest,
    DisputeSettlementResponse,
    GetSettlementRequest,
    GetSettlementResponse,
    ListSettlementsRequest,
    ListSettlementsResponse,
    RecordSettlementRequest,
    RecordSettlementResponse,
    ReverseSettlementRequest,
    ReverseSettlementResponse,
)

Context = ServicerContext[Any, Any]


class SettlementCalls:
    """The calls about settlements."""

    _store: Store
    _apart: Apart
    _pages: Pages

    async def RecordSettlement(self, request: RecordSettlementRequest, context: Context) -> RecordSettlementResponse:
        return await self._store.write(
            caller(),
            request.group_id,
            request,
            commands.record_settlement,
            RecordSettlementResponse,
            ahead=queries.asked_to_record(UUID(request.group_id), request),
        )

    async def GetSettlement(self, request: GetSettlementRequest, context: Context) -> GetSettlementResponse:
        tx = self._store.reader(caller(), request.group_id, request)
        return GetSettlementResponse(settlement=await queries.get_settlement(tx, request.settlement_id))

    async def ListSettlements(self, request: ListSettlementsRequest, context: Context) -> ListSettlementsResponse:
        tx = self._store.reader(caller(), request.group_id, request)
        page = await queries.list_settlements(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListSettlementsResponse(settlements=page.items, next_page_token=token)

    async def ConfirmSettlement(self, request: ConfirmSettlementRequest, context: Context) -> ConfirmSettlementResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.confirm_settlement, ConfirmSettlementResponse
        )

    async def DisputeSettlement(self, request: DisputeSettlementRequest, context: Context) -> DisputeSettlementResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.dispute_settlement, DisputeSettlementResponse
        )

    async def ReverseSettlement(self, request: ReverseSettlementRequest, context: Context) -> ReverseSettlementResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.reverse_settlement, ReverseSettlementResponse
        )
