"""What do the calls about accounts mean in our words, and back? One short method per RPC."""

from datetime import date
from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.ledger.accounts import commands, queries
from tallystick.ledger.accounts import commands_reconciling as reconciling
from tallystick.ledger.accounts import queries_movements as movements
from tallystick.ledger.rules import require_date
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.ledger_accounts_pb2 import (
    CloseAccountRequest,
    CloseAccountResponse,
    DeleteAccountRequest,
    DeleteAccountResponse,
    GetAccountRequest,
    GetAccountResponse,
    ListAccountsRequest,
    ListAccountsResponse,
    ListAccountTransactionsRequest,
    ListAccountTransactionsResponse,
    ListBalanceHistoryRequest,
    ListBalanceHistoryResponse,
    ListReconciliationsRequest,
    ListReconciliationsResponse,
    ReconcileAccountRequest,
    ReconcileAccountResponse,
    ReopenAccountRequest,
    ReopenAccountResponse,
    RestoreAccountRequest,
    RestoreAccountResponse,
    UpdateAccountRequest,
    UpdateAccountResponse,
)
from tallystick.v1.ledger_service_pb2 import (
    CreateAccountRequest,
    CreateAccountResponse,
    GetAccountBalanceRequest,
    GetAccountBalanceResponse,
)

Context = ServicerContext[Any, Any]


class AccountCalls:
    """The calls about accounts."""

    _store: Store
    _pages: Pages

    async def CreateAccount(self, request: CreateAccountRequest, context: Context) -> CreateAccountResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.create_account, CreateAccountResponse
        )

    async def GetAccount(self, request: GetAccountRequest, context: Context) -> GetAccountResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        return GetAccountResponse(account=await queries.get_account(tx, UUID(request.account_id)))

    async def ListAccounts(self, request: ListAccountsRequest, context: Context) -> ListAccountsResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        page, balances = await queries.list_accounts(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListAccountsResponse(accounts=page.items, balances=balances, next_page_token=token)

    async def UpdateAccount(self, request: UpdateAccountRequest, context: Context) -> UpdateAccountResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.update_account, UpdateAccountResponse
        )

    async def CloseAccount(self, request: CloseAccountRequest, context: Context) -> CloseAccountResponse:
        return await self._store.write(caller(), request.book_id, request, commands.close_account, CloseAccountResponse)

    async def ReopenAccount(self, request: ReopenAccountRequest, context: Context) -> ReopenAccountResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.reopen_account, ReopenAccountResponse
        )

    async def DeleteAccount(self, request: DeleteAccountRequest, context: Context) -> DeleteAccountResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.delete_account, DeleteAccountResponse
        )

    async def RestoreAccount(self, request: RestoreAccountRequest, context: Context) -> RestoreAccountResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.restore_account, RestoreAccountResponse
        )

    async def GetAccountBalance(self, request: GetAccountBalanceRequest, context: Context) -> GetAccountBalanceResponse:
        day: date | None = require_date("as_of", request.as_of) if request.as_of else None
        tx = self._store.reader(caller(), request.book_id, request)
        return await queries.get_balance(tx, UUID(request.account_id), day)

    async def ListBalanceHistory(
        self, request: ListBalanceHistoryRequest, context: Context
    ) -> ListBalanceHistoryResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        page = await movements.list_balance_history(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListBalanceHistoryResponse(points=page.items, next_page_token=token)

    async def ListAccountTransactions(
        self, request: ListAccountTransactionsRequest, context: Context
    ) -> ListAccountTransactionsResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        page = await movements.list_lines(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListAccountTransactionsResponse(lines=page.items, next_page_token=token)

    async def ReconcileAccount(self, request: ReconcileAccountRequest, context: Context) -> ReconcileAccountResponse:
        return await reconciling.reconcile(self._store, caller(), request)

    async def ListReconciliations(
        self, request: ListReconciliationsRequest, context: Context
    ) -> ListReconciliationsResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        after = self._pages.position(caller(), request)
        page = await movements.list_reconciliations(tx, UUID(request.account_id), request.page_size, after)
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListReconciliationsResponse(reconciliations=page.items, next_page_token=token)
