"""Which books are there? Every SELECT about books; each names the space, or the user whose spaces are listed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, DateTime, Integer, Uuid, any_, bindparam, or_, select, tuple_

from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.ledger.tables import BOOK, book
from tallystick.store.apart import Apart
from tallystick.store.pages import Page, page_size
from tallystick.store.statements import prepare
from tallystick.store.store import Store
from tallystick.store.tables import space, user_space
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_books_pb2 import ListBooksRequest
from tallystick.v1.ledger_pb2 import Book
from tallystick.v1.space_pb2 import SpaceKind

_SPACE_ID = bindparam("space_id", type_=Uuid)
_ONLY = bindparam("only", type_=ARRAY(Uuid))

# A book has the id of its space.
_book = select(book.c.id, book.c.version, book.c.body).where(book.c.space_id == _SPACE_ID, book.c.id == _SPACE_ID)
BOOK_OF_SPACE = prepare(_book.where(book.c.deleted_at.is_(None)))
DELETED_BOOK_OF_SPACE = prepare(_book.where(book.c.deleted_at.is_not(None)))

# `only` are the books that an access key is limited to. Null: no limit.
BOOKS_OF_USER = prepare(
    select(space.c.id, space.c.created_at)
    .select_from(user_space.join(space, space.c.id == user_space.c.space_id))
    .where(
        user_space.c.user_id == bindparam("user_id", type_=Uuid),
        user_space.c.left_at.is_(None),
        space.c.kind == SpaceKind.SPACE_KIND_BOOK,
        space.c.erased_at.is_(None),
        space.c.deleted_at.is_not(None) == bindparam("deleted", type_=Boolean),
        or_(_ONLY.is_(None), space.c.id == any_(_ONLY)),
        tuple_(space.c.created_at, space.c.id)
        > tuple_(bindparam("after", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid)),
    )
    .order_by(space.c.created_at, space.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_BEGINNING = (datetime.min.replace(tzinfo=UTC).isoformat(), str(UUID(int=0)))


async def get_book(tx: ReadTx) -> Book:
    """The book that the space is."""
    return tx.require(BOOK, await tx.fetch(BOOK_OF_SPACE(space_id=tx.space_id)))


async def get_book_name(tx: ReadTx) -> str:
    """What the space is called."""
    return (await get_book(tx)).name


async def list_books(
    store: Store, apart: Apart, caller: Caller, request: ListBooksRequest, after: Sequence[str] | None
) -> Page[Book]:
    """A page, oldest first, each book as it is when it is looked at."""
    size = page_size(request.page_size)
    moment, last_id = after or _BEGINNING
    rows = await apart.fetch(
        BOOKS_OF_USER(
            user_id=caller.user_id,
            deleted=request.deleted,
            only=sorted(caller.key_limits.book_ids) if caller.key_limits else None,
            after=datetime.fromisoformat(moment),
            after_id=UUID(last_id),
            limit=size + 1,
        )
    )
    found = [await _find_book(store, caller, request, space_id) for space_id, _ in rows[:size]]
    last = (rows[size - 1][1].isoformat(), str(rows[size - 1][0])) if len(rows) > size else ()
    return Page([one for one in found if one], last)


async def _find_book(store: Store, caller: Caller, request: ListBooksRequest, space_id: UUID) -> Book | None:
    tx = store.reader(caller, space_id, request, even_deleted=request.deleted)
    query = DELETED_BOOK_OF_SPACE if request.deleted else BOOK_OF_SPACE
    try:
        return tx.require(BOOK, await tx.fetch(query(space_id=space_id)))
    except NotVisible:
        # Left, deleted, restored or erased since the list was read.
        return None
