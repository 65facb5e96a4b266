"""What do the calls about expenses mean in our words, and back? One short method per RPC."""

from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.groups.expenses import commands, lists, previewing, queries
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.group_expenses_pb2 import (
    BatchCreateExpensesRequest,
    BatchCreateExpensesResponse,
    CreateExpenseRequest,
    CreateExpenseResponse,
    DeleteExpenseRequest,
    DeleteExpenseResponse,
    GetExpenseRequest,
    GetExpenseResponse,
    ListExpenseHistoryRequest,
    ListExpenseHistoryResponse,
    ListExpensesRequest,
    ListExpensesResponse,
    PreviewSplitRequest,
    PreviewSplitResponse,
    RestoreExpenseRequest,
    RestoreExpenseResponse,
    RevertExpenseRequest,
    RevertExpenseResponse,
    UpdateExpenseRequest,
    UpdateExpenseResponse,
)

Context = ServicerContext[Any, Any]


class ExpenseCalls:
    """The calls about expenses."""

    _store: Store
    _apart: Apart
    _pages: Pages

    async def CreateExpense(self, request: CreateExpenseRequest, context: Context) -> CreateExpenseResponse:
        return await self._store.write(
            caller(),
            request.group_id,
            request,
            commands.create_expense,
            CreateExpenseResponse,
            ahead=commands.reads_of_create(request),
        )

    async def BatchCreateExpenses(
        self, request: BatchCreateExpensesRequest, context: Context
    ) -> BatchCreateExpensesResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.batch_create_expenses, BatchCreateExpensesResponse
        )

    async def GetExpense(self, request: GetExpenseRequest, context: Context) -> GetExpenseResponse:
        tx = self._store.reader(caller(), request.group_id, request)
        return GetExpenseResponse(expense=await queries.get_expense(tx, UUID(request.expense_id)))

    async def ListExpenses(self, request: ListExpensesRequest, context: Context) -> ListExpensesResponse:
        tx = self._store.reader(caller(), request.group_id, request)
        page = await lists.list_expenses(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListExpensesResponse(expenses=page.items, next_page_token=token)

    async def UpdateExpense(self, request: UpdateExpenseRequest, context: Context) -> UpdateExpenseResponse:
        return await self._store.write(
            caller(),
            request.group_id,
            request,
            commands.update_expense,
            UpdateExpenseResponse,
            ahead=commands.reads_of_change(request),
        )

    async def DeleteExpense(self, request: DeleteExpenseRequest, context: Context) -> DeleteExpenseResponse:
        return await self._store.write(
            caller(),
            request.group_id,
            request,
            commands.delete_expense,
            DeleteExpenseResponse,
            ahead=commands.reads_of_change(request),
        )

    async def RestoreExpense(self, request: RestoreExpenseRequest, context: Context) -> RestoreExpenseResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.restore_expense, RestoreExpenseResponse
        )

    async def RevertExpense(self, request: RevertExpenseRequest, context: Context) -> RevertExpenseResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.revert_expense, RevertExpenseResponse
        )

    async def PreviewSplit(self, request: PreviewSplitRequest, context: Context) -> PreviewSplitResponse:
        tx = self._store.reader(caller(), request.group_id, request)
        made_id = self._store.clock.new_id()
        return PreviewSplitResponse(expense=await previewing.preview(tx, request.expense, caller().user_id, made_id))

    async def ListExpenseHistory(
        self, request: ListExpenseHistoryRequest, context: Context
    ) -> ListExpenseHistoryResponse:
        tx = self._store.reader(caller(), request.group_id, request)
        after = self._pages.position(caller(), request)
        page = await queries.list_history(tx, UUID(request.expense_id), request.page_size, after)
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListExpenseHistoryResponse(revisions=page.items, next_page_token=token)
