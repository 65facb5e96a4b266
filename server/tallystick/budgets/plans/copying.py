"""How does a budget become another one with the same items? It is what templates are for."""

from uuid import UUID, uuid5

from tallystick.budgets.items.queries import ITEMS_OF_BUDGET
from tallystick.budgets.items.references import require_categories
from tallystick.budgets.plans.queries import BUDGETS
from tallystick.budgets.plans.rules import require_usable
from tallystick.budgets.tables import BUDGET, BUDGET_ITEM
from tallystick.ledger.books.queries import get_book
from tallystick.ledger.rules import canonical
from tallystick.ledger.templates.rules import today_in
from tallystick.masks import overlay
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.budget_items_pb2 import BudgetItem
from tallystick.v1.budget_pb2 import Budget, CopyBudgetRequest, CopyBudgetResponse
from tallystick.v1.ledger_pb2 import Book


async def copy_budget(tx: WriteTx, request: CopyBudgetRequest) -> CopyBudgetResponse:
    source_id = UUID(request.budget_id)
    budgets, items = await tx.fetch_all(
        BUDGETS.by_id(space_id=tx.space_id, id=source_id), ITEMS_OF_BUDGET(space_id=tx.space_id, budget_id=source_id)
    )
    source = tx.require(BUDGET, [(row[0], row[1], row[2]) for row in budgets])
    copied = [tx.open(BUDGET_ITEM, (row[0], row[1], row[2])) for row in items]
    await require_categories(tx, {each for item in copied for each in item.category_ids})
    budget = _copy_of(tx, request, source, await get_book(tx))
    tx.add(BUDGET, budget)
    return CopyBudgetResponse(budget=budget, items=[tx.add(BUDGET_ITEM, _item_of(tx, budget, each)) for each in copied])


def _copy_of(tx: WriteTx, request: CopyBudgetRequest, source: Budget, book: Book) -> Budget:
    budget = overlay(source, source, ())
    budget.id = canonical(request.new_budget_id) or str(tx.new_id())
    budget.name = request.name or source.name
    budget.template = request.template
    budget.starts_on = request.starts_on
    budget.created_at.CopyFrom(to_timestamp(tx.now))
    # What there was to assign was there once.
    budget.ClearField("opening")
    if request.HasField("periods"):
        budget.periods.CopyFrom(request.periods)
    require_usable(budget, book, today_in(book.time_zone, tx.now))
    return budget


def _item_of(tx: WriteTx, budget: Budget, item: BudgetItem) -> BudgetItem:
    copy = overlay(item, item, ())
    copy.id = str(uuid5(UUID(budget.id), item.id))
    copy.budget_id = budget.id
    copy.created_at.CopyFrom(to_timestamp(tx.now))
    return copy
