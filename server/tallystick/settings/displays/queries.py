"""How do things of books look to a user? Every SELECT about displays."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, select

from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.identity.queries import BOOKS_AMONG
from tallystick.settings import keeping
from tallystick.settings.tables import DISPLAY, display
from tallystick.store.connection import Row
from tallystick.store.pages import Page, page_of, page_size
from tallystick.store.statements import Call, prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.settings_displays_pb2 import Display, ListDisplaysRequest

DISPLAY_EVER = keeping.ever(DISPLAY)
DISPLAYS_OF_BOOK = prepare(
    select(display.c.id, display.c.version, display.c.body)
    .where(
        display.c.space_id == bindparam("space_id", type_=Uuid),
        display.c.book_id == bindparam("book_id", type_=Uuid),
        display.c.deleted_at.is_(None),
        display.c.id > bindparam("after_id", type_=Uuid),
    )
    .order_by(display.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_ID_MIN = UUID(int=0)


def ask_book(caller: Caller, book_id: str) -> Call[UUID]:
    """Whether the caller is in a book, from the list of their own spaces. The book itself is another space: it is not looked into."""
    return BOOKS_AMONG(user_id=caller.user_id, ids=[UUID(book_id)])


def require_in_book(found: Sequence[Row]) -> None:
    if not found:
        raise NotVisible


async def list_displays(
    tx: ReadTx, caller: Caller, request: ListDisplaysRequest, after: Sequence[str] | None
) -> Page[Display]:
    """A page in the order of ids. `after` is the last id of the page before."""
    size = page_size(request.page_size)
    books, rows = await tx.fetch_all(
        ask_book(caller, request.book_id),
        DISPLAYS_OF_BOOK(
            space_id=tx.space_id,
            book_id=UUID(request.book_id),
            after_id=UUID(after[0]) if after else _ID_MIN,
            limit=size + 1,
        ),
    )
    require_in_book(books)
    return page_of(tx, DISPLAY, [(row[0], row[1], row[2]) for row in rows], size, lambda last: (last.id,))
