"""What are the categories of a book, and how do they stand to each other?"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from tallystick.errors import NotVisible
from tallystick.ledger.categories.rules import Tree, require_not_archived
from tallystick.ledger.nouns.queries import ID_MIN, POSITION_MIN, listed_by_position, noun
from tallystick.ledger.tables import CATEGORY, category
from tallystick.store.pages import PAGE_SIZE_MAX, Page, page_size
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_categories_pb2 import ListCategoriesRequest
from tallystick.v1.ledger_pb2 import Category

CATEGORIES = noun(CATEGORY, "category_id", ("name", "parent_id", "position", "icon", "color", "archived"))
LISTED = listed_by_position(CATEGORY)
TREE = prepare(
    select(category.c.id, category.c.parent_id).where(
        category.c.space_id == bindparam("space_id", type_=Uuid), category.c.deleted_at.is_(None)
    )
)


async def get_usable(tx: ReadTx, category_id: str) -> Category:
    """A category that something new may have."""
    found = await find_category(tx, category_id)
    if found is None:
        raise NotVisible
    require_not_archived(found)
    return found


async def find_category(tx: ReadTx, category_id: str) -> Category | None:
    rows = await tx.fetch(CATEGORIES.by_id(space_id=tx.space_id, id=UUID(category_id)))
    return tx.open(CATEGORY, rows[0]) if rows else None


async def get_with_tree(tx: ReadTx, *category_ids: UUID) -> tuple[list[Category], Tree]:
    """Those categories, which must be there, and how all categories stand to each other, from one moment."""
    rows, pairs = await tx.fetch_all(
        CATEGORIES.by_ids(space_id=tx.space_id, ids=list(category_ids)), TREE(space_id=tx.space_id)
    )
    found = {row[0]: row for row in rows}
    if not found.keys() >= set(category_ids):
        raise NotVisible
    return [tx.open(CATEGORY, (one, found[one][1], found[one][2])) for one in category_ids], dict(pairs)


async def get_tree(tx: ReadTx) -> Tree:
    return dict(await tx.fetch(TREE(space_id=tx.space_id)))


async def list_categories(tx: ReadTx, request: ListCategoriesRequest, after: Sequence[str] | None) -> Page[Category]:
    """A page in their order. `after` is the position and id of the last one of the page before.

    What is archived only the sealed body says, so rows are read until the page is full.
    """
    size, found = page_size(request.page_size), list[Category]()
    position, last_id = (int(after[0]), UUID(after[1])) if after else (POSITION_MIN, ID_MIN)
    while len(found) <= size:
        rows = await tx.fetch(
            LISTED(
                space_id=tx.space_id,
                deleted=request.deleted,
                after_position=position,
                after_id=last_id,
                limit=PAGE_SIZE_MAX + 1,
            )
        )
        opened = [tx.open(CATEGORY, row) for row in rows]
        found += [one for one in opened if _is_wanted(one, request)]
        if len(rows) <= PAGE_SIZE_MAX:
            break
        position, last_id = opened[-1].position, UUID(opened[-1].id)
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], (str(last.position), last.id) if last else ())


def _is_wanted(one: Category, request: ListCategoriesRequest) -> bool:
    return request.kind in {0, one.kind} and (request.archived or not one.archived)
