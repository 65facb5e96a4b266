"""What do the calls about suggestions and plans mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.groups.members.queries import MEMBERS, open_roster
from tallystick.groups.plans import commands, queries, suggestions
from tallystick.groups.profiles.queries import GROUP_OF_SPACE
from tallystick.groups.sums.state import read_sums
from tallystick.groups.tables import GROUP
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.group_plans_pb2 import (
    CancelSettlementPlanRequest,
    CancelSettlementPlanResponse,
    CreateSettlementPlanRequest,
    CreateSettlementPlanResponse,
    GetSettlementPlanRequest,
    GetSettlementPlanResponse,
    ListSettlementPlansRequest,
    ListSettlementPlansResponse,
    SuggestSettlementsRequest,
    SuggestSettlementsResponse,
)

Context = ServicerContext[Any, Any]


class PlanCalls:
    """The calls about suggestions and plans."""

    _store: Store
    _apart: Apart
    _pages: Pages

    async def SuggestSettlements(
        self, request: SuggestSettlementsRequest, context: Context
    ) -> SuggestSettlementsResponse:
        tx = self._store.reader(caller(), request.group_id, request)
        groups, members = await tx.fetch_all(GROUP_OF_SPACE(space_id=tx.space_id), MEMBERS(space_id=tx.space_id))
        strategy = suggestions.strategy_of(request, tx.require(GROUP, groups))
        via_id = suggestions.find_via(request, open_roster(tx, members))
        sums = await read_sums(tx, request.as_of)
        suggested = await suggestions.suggest_all(sums, strategy, via_id, request.exact_members_max)
        return SuggestSettlementsResponse(currencies=suggested, version=sums.version, strategy=strategy)

    async def CreateSettlementPlan(
        self, request: CreateSettlementPlanRequest, context: Context
    ) -> CreateSettlementPlanResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.create_settlement_plan, CreateSettlementPlanResponse
        )

    async def GetSettlementPlan(self, request: GetSettlementPlanRequest, context: Context) -> GetSettlementPlanResponse:
        tx = self._store.reader(caller(), request.group_id, request)
        return GetSettlementPlanResponse(plan=await queries.get_plan(tx, request.plan_id))

    async def ListSettlementPlans(
        self, request: ListSettlementPlansRequest, context: Context
    ) -> ListSettlementPlansResponse:
        tx = self._store.reader(caller(), request.group_id, request)
        after = self._pages.position(caller(), request)
        page = await queries.list_plans(tx, request.page_size, after)
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListSettlementPlansResponse(plans=page.items, next_page_token=token)

    async def CancelSettlementPlan(
        self, request: CancelSettlementPlanRequest, context: Context
    ) -> CancelSettlementPlanResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.cancel_settlement_plan, CancelSettlementPlanResponse
        )
