"""What do the calls about categories mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.ledger.categories import commands, queries
from tallystick.ledger.categories.merging import merge_categories
from tallystick.ledger.nouns.queries import get_noun
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.ledger_categories_pb2 import (
    DeleteCategoryRequest,
    DeleteCategoryResponse,
    GetCategoryRequest,
    GetCategoryResponse,
    ListCategoriesRequest,
    ListCategoriesResponse,
    MergeCategoriesRequest,
    MergeCategoriesResponse,
    ReorderCategoriesRequest,
    ReorderCategoriesResponse,
    RestoreCategoryRequest,
    RestoreCategoryResponse,
    UpdateCategoryRequest,
    UpdateCategoryResponse,
)
from tallystick.v1.ledger_service_pb2 import CreateCategoryRequest, CreateCategoryResponse

Context = ServicerContext[Any, Any]


class CategoryCalls:
    """The calls about categories."""

    _store: Store
    _pages: Pages

    async def CreateCategory(self, request: CreateCategoryRequest, context: Context) -> CreateCategoryResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.create_category, CreateCategoryResponse
        )

    async def GetCategory(self, request: GetCategoryRequest, context: Context) -> GetCategoryResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        return GetCategoryResponse(category=await get_noun(tx, queries.CATEGORIES, request))

    async def ListCategories(self, request: ListCategoriesRequest, context: Context) -> ListCategoriesResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        page = await queries.list_categories(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListCategoriesResponse(categories=page.items, next_page_token=token)

    async def UpdateCategory(self, request: UpdateCategoryRequest, context: Context) -> UpdateCategoryResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.update_category, UpdateCategoryResponse
        )

    async def MergeCategories(self, request: MergeCategoriesRequest, context: Context) -> MergeCategoriesResponse:
        return await merge_categories(self._store, caller(), request)

    async def ReorderCategories(self, request: ReorderCategoriesRequest, context: Context) -> ReorderCategoriesResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.reorder_categories, ReorderCategoriesResponse
        )

    async def DeleteCategory(self, request: DeleteCategoryRequest, context: Context) -> DeleteCategoryResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.delete_category, DeleteCategoryResponse
        )

    async def RestoreCategory(self, request: RestoreCategoryRequest, context: Context) -> RestoreCategoryResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.restore_category, RestoreCategoryResponse
        )
