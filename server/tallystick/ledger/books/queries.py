"""Which books are there? Every SELECT about books; each names the space, or the user whose spaces are listed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.ledger.tables import BOOK, book
from tallystick.store.apart import Apart
from tallystick.store.own_spaces import list_own
from tallystick.store.pages import Page
from tallystick.store.statements import prepare
from tallystick.store.store import Store
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_books_pb2 import ListBooksRequest
from tallystick.v1.ledger_pb2 import Book
from tallystick.v1.space_pb2 import SpaceKind

_SPACE_ID = bindparam("space_id", type_=Uuid)

# A book has the id of its space.
_book = select(book.c.id, book.c.version, book.c.body).where(book.c.space_id == _SPACE_ID, book.c.id == _SPACE_ID)
BOOK_OF_SPACE = prepare(_book.where(book.c.deleted_at.is_(None)))
DELETED_BOOK_OF_SPACE = prepare(_book.where(book.c.deleted_at.is_not(None)))


async def get_book(tx: ReadTx) -> Book:
    """The book that the space is."""
    return open_book(tx, await tx.fetch(BOOK_OF_SPACE(space_id=tx.space_id)))


def open_book(tx: ReadTx, rows: Sequence[Sequence[Any]]) -> Book:
    return tx.require(BOOK, [(row[0], row[1], row[2]) for row in rows])


async def get_book_name(tx: ReadTx) -> str:
    """What the space is called."""
    return (await get_book(tx)).name


async def list_books(
    store: Store, apart: Apart, caller: Caller, request: ListBooksRequest, after: Sequence[str] | None
) -> Page[Book]:
    """A page, oldest first, each book as it is when it is looked at."""

    async def find(space_id: UUID) -> Book | None:
        return await _find_book(store, caller, request, space_id)

    return await list_own(apart, caller, SpaceKind.SPACE_KIND_BOOK, request, after, find)


async def _find_book(store: Store, caller: Caller, request: ListBooksRequest, space_id: UUID) -> Book | None:
    tx = store.reader(caller, space_id, request, even_deleted=request.deleted)
    query = DELETED_BOOK_OF_SPACE if request.deleted else BOOK_OF_SPACE
    try:
        return tx.require(BOOK, await tx.fetch(query(space_id=space_id)))
    except NotVisible:
        # Left, deleted, restored or erased since the list was read.
        return None
