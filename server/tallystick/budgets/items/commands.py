"""What shall happen to the items of a budget? One function per writing call, run inside the write door."""

from uuid import UUID

from tallystick.budgets.items.queries import COUNT, ITEMS, get_item, require_of
from tallystick.budgets.items.references import find_categories, require_named
from tallystick.budgets.items.rules import keep_categories, require_room, require_usable
from tallystick.budgets.plans.queries import BUDGETS
from tallystick.budgets.tables import BUDGET, BUDGET_ITEM
from tallystick.ledger.nouns.commands import begin_restore, begin_update, end_restore, end_update
from tallystick.ledger.nouns.queries import get_noun
from tallystick.ledger.rules import canonical
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.budget_items_pb2 import (
    BudgetItem,
    CreateBudgetItemRequest,
    CreateBudgetItemResponse,
    DeleteBudgetItemRequest,
    DeleteBudgetItemResponse,
    RestoreBudgetItemRequest,
    RestoreBudgetItemResponse,
    UpdateBudgetItemRequest,
    UpdateBudgetItemResponse,
)


async def create_budget_item(tx: WriteTx, request: CreateBudgetItemRequest) -> CreateBudgetItemResponse:
    budget_id = UUID(request.budget_id)
    budgets, counted = await tx.fetch_all(
        BUDGETS.by_id(space_id=tx.space_id, id=budget_id), COUNT(space_id=tx.space_id, budget_id=budget_id)
    )
    budget = tx.require(BUDGET, [(row[0], row[1], row[2]) for row in budgets])
    require_room(counted[0][0])
    item = BudgetItem(
        id=canonical(request.item_id) or str(tx.new_id()),
        book_id=str(tx.space_id),
        budget_id=budget.id,
        name=request.name,
        position=request.position,
        category_ids=request.category_ids,
        without_children=request.without_children,
        payee_ids=request.payee_ids,
        tag_ids=request.tag_ids,
        account_ids=request.account_ids,
        limits=request.limits,
        rollover=request.rollover if request.HasField("rollover") else None,
        thresholds_bp=request.thresholds_bp,
        created_at=to_timestamp(tx.now),
    )
    require_usable(item, budget)
    await require_named(tx, item, None)
    return CreateBudgetItemResponse(item=tx.add(BUDGET_ITEM, item))


async def update_budget_item(tx: WriteTx, request: UpdateBudgetItemRequest) -> UpdateBudgetItemResponse:
    budget = await get_noun(tx, BUDGETS, request)
    update = await begin_update(tx, ITEMS, request)
    require_of(update.before, UUID(budget.id))
    require_usable(update.after, budget)
    await require_named(tx, update.after, update.before)
    return UpdateBudgetItemResponse(item=end_update(tx, ITEMS, update))


async def delete_budget_item(tx: WriteTx, request: DeleteBudgetItemRequest) -> DeleteBudgetItemResponse:
    return DeleteBudgetItemResponse(item=tx.delete(BUDGET_ITEM, await get_item(tx, request)))


async def restore_budget_item(tx: WriteTx, request: RestoreBudgetItemRequest) -> RestoreBudgetItemResponse:
    budget = await get_noun(tx, BUDGETS, request)
    restore = await begin_restore(tx, ITEMS, request)
    require_of(restore.before, UUID(budget.id))
    if restore.is_deleted:
        require_room((await tx.fetch(COUNT(space_id=tx.space_id, budget_id=UUID(budget.id))))[0][0])
        keep_categories(restore.after, await find_categories(tx, restore.after.category_ids))
    return RestoreBudgetItemResponse(item=end_restore(tx, ITEMS, restore))
