"""What do the calls about budgets themselves mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.budgets.plans import commands, copying
from tallystick.budgets.plans.queries import BUDGETS
from tallystick.caller import caller
from tallystick.ledger.nouns.queries import get_noun, list_nouns
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.budget_pb2 import (
    CopyBudgetRequest,
    CopyBudgetResponse,
    CreateBudgetRequest,
    CreateBudgetResponse,
    DeleteBudgetRequest,
    DeleteBudgetResponse,
    GetBudgetRequest,
    GetBudgetResponse,
    ListBudgetsRequest,
    ListBudgetsResponse,
    RestoreBudgetRequest,
    RestoreBudgetResponse,
    UpdateBudgetRequest,
    UpdateBudgetResponse,
)

Context = ServicerContext[Any, Any]


class PlanCalls:
    """The calls about budgets themselves."""

    _store: Store
    _pages: Pages

    async def CreateBudget(self, request: CreateBudgetRequest, context: Context) -> CreateBudgetResponse:
        return await self._store.write(caller(), request.book_id, request, commands.create_budget, CreateBudgetResponse)

    async def GetBudget(self, request: GetBudgetRequest, context: Context) -> GetBudgetResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        return GetBudgetResponse(budget=await get_noun(tx, BUDGETS, request))

    async def ListBudgets(self, request: ListBudgetsRequest, context: Context) -> ListBudgetsResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        page = await list_nouns(tx, BUDGETS, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListBudgetsResponse(budgets=page.items, next_page_token=token)

    async def UpdateBudget(self, request: UpdateBudgetRequest, context: Context) -> UpdateBudgetResponse:
        return await self._store.write(caller(), request.book_id, request, commands.update_budget, UpdateBudgetResponse)

    async def DeleteBudget(self, request: DeleteBudgetRequest, context: Context) -> DeleteBudgetResponse:
        return await self._store.write(caller(), request.book_id, request, commands.delete_budget, DeleteBudgetResponse)

    async def RestoreBudget(self, request: RestoreBudgetRequest, context: Context) -> RestoreBudgetResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.restore_budget, RestoreBudgetResponse
        )

    async def CopyBudget(self, request: CopyBudgetRequest, context: Context) -> CopyBudgetResponse:
        return await self._store.write(caller(), request.book_id, request, copying.copy_budget, CopyBudgetResponse)
