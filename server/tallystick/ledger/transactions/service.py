"""What do the calls about transactions mean in our words, and back? One short method per RPC."""

from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.ledger.transactions import commands, queries
from tallystick.ledger.transactions.lists import list_transactions
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.ledger_service_pb2 import (
    CreateTransactionRequest,
    CreateTransactionResponse,
    GetTransactionRequest,
    GetTransactionResponse,
    ListTransactionsRequest,
    ListTransactionsResponse,
)
from tallystick.v1.ledger_transactions_pb2 import (
    BatchCreateTransactionsRequest,
    BatchCreateTransactionsResponse,
    BatchDeleteTransactionsRequest,
    BatchDeleteTransactionsResponse,
    BatchUpdateTransactionsRequest,
    BatchUpdateTransactionsResponse,
    DeleteTransactionRequest,
    DeleteTransactionResponse,
    ListTransactionHistoryRequest,
    ListTransactionHistoryResponse,
    RestoreTransactionRequest,
    RestoreTransactionResponse,
    RevertTransactionRequest,
    RevertTransactionResponse,
    UpdateTransactionRequest,
    UpdateTransactionResponse,
)

Context = ServicerContext[Any, Any]


class TransactionCalls:
    """The calls about transactions."""

    _store: Store
    _pages: Pages

    async def CreateTransaction(self, request: CreateTransactionRequest, context: Context) -> CreateTransactionResponse:
        return await self._store.write(
            caller(),
            request.book_id,
            request,
            commands.create_transaction,
            CreateTransactionResponse,
            ahead=commands.reads_of_create(request),
        )

    async def GetTransaction(self, request: GetTransactionRequest, context: Context) -> GetTransactionResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        return GetTransactionResponse(transaction=await queries.get_transaction(tx, UUID(request.transaction_id)))

    async def ListTransactions(self, request: ListTransactionsRequest, context: Context) -> ListTransactionsResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        found = await list_transactions(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *found.last) if found.last else ""
        return ListTransactionsResponse(transactions=found.items, next_page_token=token, totals=found.totals)

    async def UpdateTransaction(self, request: UpdateTransactionRequest, context: Context) -> UpdateTransactionResponse:
        return await self._store.write(
            caller(),
            request.book_id,
            request,
            commands.update_transaction,
            UpdateTransactionResponse,
            ahead=commands.reads_of_change(request),
        )

    async def DeleteTransaction(self, request: DeleteTransactionRequest, context: Context) -> DeleteTransactionResponse:
        return await self._store.write(
            caller(),
            request.book_id,
            request,
            commands.delete_transaction,
            DeleteTransactionResponse,
            ahead=commands.reads_of_change(request),
        )

    async def RestoreTransaction(
        self, request: RestoreTransactionRequest, context: Context
    ) -> RestoreTransactionResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.restore_transaction, RestoreTransactionResponse
        )

    async def BatchCreateTransactions(
        self, request: BatchCreateTransactionsRequest, context: Context
    ) -> BatchCreateTransactionsResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.batch_create_transactions, BatchCreateTransactionsResponse
        )

    async def BatchUpdateTransactions(
        self, request: BatchUpdateTransactionsRequest, context: Context
    ) -> BatchUpdateTransactionsResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.batch_update_transactions, BatchUpdateTransactionsResponse
        )

    async def BatchDeleteTransactions(
        self, request: BatchDeleteTransactionsRequest, context: Context
    ) -> BatchDeleteTransactionsResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.batch_delete_transactions, BatchDeleteTransactionsResponse
        )

    async def RevertTransaction(self, request: RevertTransactionRequest, context: Context) -> RevertTransactionResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.revert_transaction, RevertTransactionResponse
        )

    async def ListTransactionHistory(
        self, request: ListTransactionHistoryRequest, context: Context
    ) -> ListTransactionHistoryResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        after = self._pages.position(caller(), request)
        page = await queries.list_history(tx, UUID(request.transaction_id), request.page_size, after)
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListTransactionHistoryResponse(revisions=page.items, next_page_token=token)
