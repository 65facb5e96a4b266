"""What shall happen to categories? One function per writing call, run inside the write door. Merging has a file of its own."""

from uuid import UUID

from tallystick.errors import InvalidInput
from tallystick.ledger import rules
from tallystick.ledger.categories.queries import CATEGORIES, get_tree, get_with_tree
from tallystick.ledger.categories.queries_uses import is_used
from tallystick.ledger.categories.rules import (
    has_place,
    in_use,
    require_not_archived,
    require_place,
    require_same_kind,
)
from tallystick.ledger.nouns.commands import (
    begin_restore,
    begin_update,
    end_restore,
    end_update,
    reorder_nouns,
)
from tallystick.ledger.nouns.queries import get_noun
from tallystick.ledger.tables import CATEGORY
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.ledger_categories_pb2 import (
    DeleteCategoryRequest,
    DeleteCategoryResponse,
    ReorderCategoriesRequest,
    ReorderCategoriesResponse,
    RestoreCategoryRequest,
    RestoreCategoryResponse,
    UpdateCategoryRequest,
    UpdateCategoryResponse,
)
from tallystick.v1.ledger_pb2 import Category
from tallystick.v1.ledger_service_pb2 import CreateCategoryRequest, CreateCategoryResponse


async def create_category(tx: WriteTx, request: CreateCategoryRequest) -> CreateCategoryResponse:
    # Totals without a category stand under the nil UUID.
    if request.category_id and UUID(request.category_id) == rules.NO_CATEGORY:
        raise InvalidInput.of_field("category_id", "cannot be the nil UUID")
    category = Category(
        id=rules.canonical(request.category_id) or str(tx.new_id()),
        book_id=str(tx.space_id),
        name=rules.require_name("name", request.name),
        kind=request.kind,
        parent_id=rules.canonical(request.parent_id),
        created_at=to_timestamp(tx.now),
        position=request.position,
        icon=request.icon,
        color=request.color,
    )
    await _require_parent(tx, category, None)
    return CreateCategoryResponse(category=tx.add(CATEGORY, category))


async def update_category(tx: WriteTx, request: UpdateCategoryRequest) -> UpdateCategoryResponse:
    update = await begin_update(tx, CATEGORIES, request)
    update.after.parent_id = rules.canonical(update.after.parent_id)
    if update.after.parent_id != update.before.parent_id:
        await _require_parent(tx, update.after, UUID(update.after.id))
    return UpdateCategoryResponse(category=end_update(tx, CATEGORIES, update))


async def reorder_categories(tx: WriteTx, request: ReorderCategoriesRequest) -> ReorderCategoriesResponse:
    ordered = await reorder_nouns(tx, CATEGORIES, "category_ids", request.category_ids)
    return ReorderCategoriesResponse(categories=ordered)


async def delete_category(tx: WriteTx, request: DeleteCategoryRequest) -> DeleteCategoryResponse:
    category = await get_noun(tx, CATEGORIES, request)
    if await is_used(tx, UUID(category.id)):
        raise in_use()
    return DeleteCategoryResponse(category=tx.delete(CATEGORY, category))


async def restore_category(tx: WriteTx, request: RestoreCategoryRequest) -> RestoreCategoryResponse:
    """Where it stood, if that is there still; else at the top."""
    restore = await begin_restore(tx, CATEGORIES, request)
    parent_id = restore.after.parent_id
    if restore.is_deleted and parent_id and not has_place(await get_tree(tx), UUID(parent_id)):
        restore.after.parent_id = ""
    return RestoreCategoryResponse(category=end_restore(tx, CATEGORIES, restore))


async def _require_parent(tx: WriteTx, category: Category, category_id: UUID | None) -> None:
    """Whether the category may stand where it says. No `category_id`: it is new."""
    if not category.parent_id:
        return
    parent_id = UUID(category.parent_id)
    (parent,), tree = await get_with_tree(tx, parent_id)
    require_same_kind("parent_id", parent, category.kind)
    require_place(tree, parent_id, category_id)
    require_not_archived(parent)
