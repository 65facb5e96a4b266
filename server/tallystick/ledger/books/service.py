"""What do the calls about books mean in our words, and back? One short method per RPC."""

from typing import Any
from uuid import UUID, uuid5

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.identity.queries import get_me
from tallystick.ledger.books import commands, queries
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.ledger_books_pb2 import (
    DeleteBookRequest,
    DeleteBookResponse,
    GetBookRequest,
    GetBookResponse,
    ListBooksRequest,
    ListBooksResponse,
    RestoreBookRequest,
    RestoreBookResponse,
    UpdateBookRequest,
    UpdateBookResponse,
)
from tallystick.v1.ledger_service_pb2 import CreateBookRequest, CreateBookResponse
from tallystick.v1.space_pb2 import SpaceKind

Context = ServicerContext[Any, Any]


class BookCalls:
    """The calls about books."""

    _store: Store
    _apart: Apart
    _pages: Pages

    async def CreateBook(self, request: CreateBookRequest, context: Context) -> CreateBookResponse:
        # Without an id from the client the book gets one that follows from the request, so that a repeat finds the same book.
        made_id = uuid5(caller().user_id, str(UUID(request.request_id)))
        me = await get_me(self._store, caller(), request)
        return await self._store.found(
            caller(),
            SpaceKind.SPACE_KIND_BOOK,
            UUID(request.book_id) if request.book_id else made_id,
            me.display_name,
            request,
            commands.create_book,
            CreateBookResponse,
        )

    async def GetBook(self, request: GetBookRequest, context: Context) -> GetBookResponse:
        return GetBookResponse(book=await queries.get_book(self._store.reader(caller(), request.book_id, request)))

    async def ListBooks(self, request: ListBooksRequest, context: Context) -> ListBooksResponse:
        after = self._pages.position(caller(), request)
        page = await queries.list_books(self._store, self._apart, caller(), request, after)
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListBooksResponse(books=page.items, next_page_token=token)

    async def UpdateBook(self, request: UpdateBookRequest, context: Context) -> UpdateBookResponse:
        return await self._store.write(caller(), request.book_id, request, commands.update_book, UpdateBookResponse)

    async def DeleteBook(self, request: DeleteBookRequest, context: Context) -> DeleteBookResponse:
        return await self._store.write_last(
            caller(), request.book_id, request, commands.delete_book, DeleteBookResponse
        )

    async def RestoreBook(self, request: RestoreBookRequest, context: Context) -> RestoreBookResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.restore_book, RestoreBookResponse, even_deleted=True
        )
