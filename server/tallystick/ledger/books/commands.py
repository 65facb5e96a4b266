"""What shall happen to a book? One function per writing call, run inside the write door."""

from uuid import uuid5

from tallystick.errors import Stale
from tallystick.identity.queries import FIELDS_CHANGED_SINCE
from tallystick.identity.rules import require_time_zone
from tallystick.ledger import rules, writes
from tallystick.ledger.books import queries
from tallystick.ledger.books.starters import starter_categories
from tallystick.ledger.tables import BOOK, CATEGORY
from tallystick.masks import base_version, is_stale, overlay, touched
from tallystick.store import door
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.ledger_books_pb2 import (
    DeleteBookRequest,
    DeleteBookResponse,
    RestoreBookRequest,
    RestoreBookResponse,
    UpdateBookRequest,
    UpdateBookResponse,
)
from tallystick.v1.ledger_pb2 import Book, Category, CategoryKind
from tallystick.v1.ledger_service_pb2 import CreateBookRequest, CreateBookResponse

CHANGEABLE = ("name", "base_currency", "first_day_of_week", "first_day_of_month", "time_zone")


async def create_book(tx: WriteTx, request: CreateBookRequest) -> CreateBookResponse:
    book = Book(
        id=str(tx.space_id),
        name=rules.require_name("name", request.name),
        base_currency=rules.require_currency("base_currency", request.base_currency),
        created_at=to_timestamp(tx.now),
        first_day_of_week=request.first_day_of_week,
        first_day_of_month=request.first_day_of_month,
        time_zone=require_time_zone(request.time_zone),
    )
    tx.add(BOOK, book)
    _add_starters(tx, request.locale)
    return CreateBookResponse(book=book)


async def update_book(tx: WriteTx, request: UpdateBookRequest) -> UpdateBookResponse:
    names = touched(request.update_mask.paths, request, CHANGEABLE)
    books, since = await tx.fetch_all(
        queries.BOOK_OF_SPACE(space_id=tx.space_id),
        FIELDS_CHANGED_SINCE(space_id=tx.space_id, entity_id=tx.space_id, version=base_version(request)),
    )
    before = tx.require(BOOK, books)
    after = overlay(before, request, names)
    # Only what the request touches is held against the rules of today: a zone that was renamed since does no harm.
    if "name" in names:
        after.name = rules.require_name("name", after.name)
    if "base_currency" in names:
        rules.require_currency("base_currency", after.base_currency)
    if "time_zone" in names:
        after.time_zone = require_time_zone(after.time_zone)
    changing = [name for name in names if getattr(before, name) != getattr(after, name)]
    if is_stale(changing, (fields for (fields,) in since)):
        raise Stale(current_version=before.version)
    if "time_zone" in changing:
        # Templates are due by the days of another zone now.
        tx.beside(writes.TEMPLATE_DUES.look_again(of_space=tx.space_id, now=tx.now))
    return UpdateBookResponse(book=tx.put(BOOK, before, after) if changing else before)


async def delete_book(tx: WriteTx, request: DeleteBookRequest) -> DeleteBookResponse:
    book = await queries.get_book(tx)
    tx.beside(door.HIDE_SPACE(space_id=tx.space_id, now=tx.now))
    tx.raise_access()
    tx.audit("book_deleted")
    return DeleteBookResponse(book=tx.delete(BOOK, book))


async def restore_book(tx: WriteTx, request: RestoreBookRequest) -> RestoreBookResponse:
    shown, deleted = await tx.fetch_all(
        queries.BOOK_OF_SPACE(space_id=tx.space_id), queries.DELETED_BOOK_OF_SPACE(space_id=tx.space_id)
    )
    if shown:
        return RestoreBookResponse(book=tx.require(BOOK, shown))
    book = tx.require(BOOK, deleted)
    tx.beside(door.SHOW_SPACE(space_id=tx.space_id))
    tx.raise_access()
    tx.audit("book_restored")
    return RestoreBookResponse(book=tx.put(BOOK, book, book))


def _add_starters(tx: WriteTx, locale: str) -> None:
    """The categories that a book starts with. Their ids follow from the book and from what they are, whatever their language."""
    kinds = CategoryKind.CATEGORY_KIND_EXPENSE, CategoryKind.CATEGORY_KIND_INCOME
    for position, starter in enumerate(starter_categories(locale)):
        category = Category(
            id=str(uuid5(tx.space_id, starter.key)),
            book_id=str(tx.space_id),
            name=starter.name,
            kind=kinds[starter.is_income],
            parent_id=str(uuid5(tx.space_id, starter.parent)) if starter.parent else "",
            created_at=to_timestamp(tx.now),
            position=position,
            icon=starter.icon,
            color=starter.color,
        )
        tx.add(CATEGORY, category)
