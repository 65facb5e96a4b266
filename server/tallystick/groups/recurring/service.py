"""What do the calls about recurring expenses mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.groups.recurring import commands
from tallystick.groups.recurring.queries import RECURRING_EXPENSES
from tallystick.ledger.nouns.queries import get_noun, list_nouns
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.group_recurring_pb2 import (
    CreateRecurringExpenseRequest,
    CreateRecurringExpenseResponse,
    DeleteRecurringExpenseRequest,
    DeleteRecurringExpenseResponse,
    GetRecurringExpenseRequest,
    GetRecurringExpenseResponse,
    ListRecurringExpensesRequest,
    ListRecurringExpensesResponse,
    RestoreRecurringExpenseRequest,
    RestoreRecurringExpenseResponse,
    UpdateRecurringExpenseRequest,
    UpdateRecurringExpenseResponse,
)

Context = ServicerContext[Any, Any]


class RecurringCalls:
    """The calls about recurring expenses."""

    _store: Store
    _apart: Apart
    _pages: Pages

    async def CreateRecurringExpense(
        self, request: CreateRecurringExpenseRequest, context: Context
    ) -> CreateRecurringExpenseResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.create_recurring_expense, CreateRecurringExpenseResponse
        )

    async def GetRecurringExpense(
        self, request: GetRecurringExpenseRequest, context: Context
    ) -> GetRecurringExpenseResponse:
        tx = self._store.reader(caller(), request.group_id, request)
        return GetRecurringExpenseResponse(recurring=await get_noun(tx, RECURRING_EXPENSES, request))

    async def ListRecurringExpenses(
        self, request: ListRecurringExpensesRequest, context: Context
    ) -> ListRecurringExpensesResponse:
        tx = self._store.reader(caller(), request.group_id, request)
        page = await list_nouns(tx, RECURRING_EXPENSES, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListRecurringExpensesResponse(recurrings=page.items, next_page_token=token)

    async def UpdateRecurringExpense(
        self, request: UpdateRecurringExpenseRequest, context: Context
    ) -> UpdateRecurringExpenseResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.update_recurring_expense, UpdateRecurringExpenseResponse
        )

    async def DeleteRecurringExpense(
        self, request: DeleteRecurringExpenseRequest, context: Context
    ) -> DeleteRecurringExpenseResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.delete_recurring_expense, DeleteRecurringExpenseResponse
        )

    async def RestoreRecurringExpense(
        self, request: RestoreRecurringExpenseRequest, context: Context
    ) -> RestoreRecurringExpenseResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.restore_recurring_expense, RestoreRecurringExpenseResponse
        )
