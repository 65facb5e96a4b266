"""What does each ledger call mean in our words, and back? One short method per RPC."""

from typing import Any
from uuid import UUID, uuid5

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.identity.queries import get_me
from tallystick.ledger import commands, queries
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.ledger_service_pb2 import (
    CreateAccountRequest,
    CreateAccountResponse,
    CreateBookRequest,
    CreateBookResponse,
    CreateCategoryRequest,
    CreateCategoryResponse,
    CreateTransactionRequest,
    CreateTransactionResponse,
    GetAccountBalanceRequest,
    GetAccountBalanceResponse,
    GetTransactionRequest,
    GetTransactionResponse,
    ListTransactionsRequest,
    ListTransactionsResponse,
)
from tallystick.v1.ledger_service_pb2_grpc import LedgerServiceServicer
from tallystick.v1.space_pb2 import SpaceKind

Context = ServicerContext[Any, Any]


class LedgerService(LedgerServiceServicer):
    """Books, accounts, categories and transactions."""

    def __init__(self, store: Store, pages: Pages) -> None:
        self._store = store
        self._pages = pages

    async def CreateBook(self, request: CreateBookRequest, context: Context) -> CreateBookResponse:
        # Without an id from the client the book gets one that follows from the request, so that a repeat finds the same book.
        book_id = UUID(request.book_id) if request.book_id else uuid5(caller().user_id, request.request_id)
        me = await get_me(self._store, caller(), request)
        return await self._store.found(
            caller(),
            SpaceKind.SPACE_KIND_BOOK,
            book_id,
            me.display_name,
            request,
            commands.create_book,
            CreateBookResponse,
        )

    async def CreateAccount(self, request: CreateAccountRequest, context: Context) -> CreateAccountResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.create_account, CreateAccountResponse
        )

    async def GetAccountBalance(self, request: GetAccountBalanceRequest, context: Context) -> GetAccountBalanceResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        return GetAccountBalanceResponse(balance=await queries.get_account_balance(tx, UUID(request.account_id)))

    async def CreateCategory(self, request: CreateCategoryRequest, context: Context) -> CreateCategoryResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.create_category, CreateCategoryResponse
        )

    async def CreateTransaction(self, request: CreateTransactionRequest, context: Context) -> CreateTransactionResponse:
        return await self._store.write(
            caller(),
            request.book_id,
            request,
            commands.create_transaction,
            CreateTransactionResponse,
            ahead=queries.touched_by(request),
        )

    async def GetTransaction(self, request: GetTransactionRequest, context: Context) -> GetTransactionResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        return GetTransactionResponse(transaction=await queries.get_transaction(tx, UUID(request.transaction_id)))

    async def ListTransactions(self, request: ListTransactionsRequest, context: Context) -> ListTransactionsResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        after = self._pages.position(caller(), request)
        page = await queries.list_transactions(tx, request.page_size, after)
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListTransactionsResponse(transactions=page.items, next_page_token=token)
