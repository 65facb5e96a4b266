"""What do the calls about the items of a budget mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.budgets.items import commands, queries
from tallystick.caller import caller
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.budget_items_pb2 import (
    CreateBudgetItemRequest,
    CreateBudgetItemResponse,
    DeleteBudgetItemRequest,
    DeleteBudgetItemResponse,
    GetBudgetItemRequest,
    GetBudgetItemResponse,
    ListBudgetItemsRequest,
    ListBudgetItemsResponse,
    RestoreBudgetItemRequest,
    RestoreBudgetItemResponse,
    UpdateBudgetItemRequest,
    UpdateBudgetItemResponse,
)

Context = ServicerContext[Any, Any]


class ItemCalls:
    """The calls about the items of a budget."""

    _store: Store
    _pages: Pages

    async def CreateBudgetItem(self, request: CreateBudgetItemRequest, context: Context) -> CreateBudgetItemResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.create_budget_item, CreateBudgetItemResponse
        )

    async def GetBudgetItem(self, request: GetBudgetItemRequest, context: Context) -> GetBudgetItemResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        return GetBudgetItemResponse(item=await queries.get_item(tx, request))

    async def ListBudgetItems(self, request: ListBudgetItemsRequest, context: Context) -> ListBudgetItemsResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        page = await queries.list_items(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListBudgetItemsResponse(items=page.items, next_page_token=token)

    async def UpdateBudgetItem(self, request: UpdateBudgetItemRequest, context: Context) -> UpdateBudgetItemResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.update_budget_item, UpdateBudgetItemResponse
        )

    async def DeleteBudgetItem(self, request: DeleteBudgetItemRequest, context: Context) -> DeleteBudgetItemResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.delete_budget_item, DeleteBudgetItemResponse
        )

    async def RestoreBudgetItem(self, request: RestoreBudgetItemRequest, context: Context) -> RestoreBudgetItemResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.restore_budget_item, RestoreBudgetItemResponse
        )
