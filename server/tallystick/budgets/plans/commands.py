"""What shall happen to budgets? One function per writing call, run inside the write door. Copying has a file of its own."""

from tallystick.budgets.plans.queries import BUDGETS
from tallystick.budgets.plans.rules import require_usable
from tallystick.budgets.tables import BUDGET
from tallystick.ledger.books.queries import get_book
from tallystick.ledger.nouns.commands import begin_update, delete_noun, end_update, restore_noun
from tallystick.ledger.rules import canonical, require_currency
from tallystick.ledger.templates.rules import today_in
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.budget_pb2 import (
    Budget,
    CreateBudgetRequest,
    CreateBudgetResponse,
    DeleteBudgetRequest,
    DeleteBudgetResponse,
    RestoreBudgetRequest,
    RestoreBudgetResponse,
    UpdateBudgetRequest,
    UpdateBudgetResponse,
)


async def create_budget(tx: WriteTx, request: CreateBudgetRequest) -> CreateBudgetResponse:
    book = await get_book(tx)
    budget = Budget(
        id=canonical(request.budget_id) or str(tx.new_id()),
        book_id=str(tx.space_id),
        name=request.name,
        currency=require_currency("currency", request.currency or book.base_currency),
        mode=request.mode,
        periods=request.periods,
        starts_on=request.starts_on,
        rollover=request.rollover if request.HasField("rollover") else None,
        thresholds_bp=request.thresholds_bp,
        template=request.template,
        opening=request.opening if request.HasField("opening") else None,
        created_at=to_timestamp(tx.now),
    )
    require_usable(budget, book, today_in(book.time_zone, tx.now))
    return CreateBudgetResponse(budget=tx.add(BUDGET, budget))


async def update_budget(tx: WriteTx, request: UpdateBudgetRequest) -> UpdateBudgetResponse:
    update = await begin_update(tx, BUDGETS, request)
    book = await get_book(tx)
    require_usable(update.after, book, today_in(book.time_zone, tx.now))
    return UpdateBudgetResponse(budget=end_update(tx, BUDGETS, update))


async def delete_budget(tx: WriteTx, request: DeleteBudgetRequest) -> DeleteBudgetResponse:
    """Its items stay as they are: nobody finds them without it."""
    return DeleteBudgetResponse(budget=await delete_noun(tx, BUDGETS, request))


async def restore_budget(tx: WriteTx, request: RestoreBudgetRequest) -> RestoreBudgetResponse:
    return RestoreBudgetResponse(budget=await restore_noun(tx, BUDGETS, request))
