"""What DeleteBudget promises."""

from people import BookOf, refusal_of
from rpc.budgets.planning import keeps_the_promises_of_a_write, make_planning
from rpc.ledger.categories import delete
from tallystick_client.v1 import budget_pb2


async def test_it_keeps_the_promises_of_a_write(book: BookOf) -> None:
    planning, other = await make_planning(book), await make_planning(book)
    request = budget_pb2.DeleteBudgetRequest(**planning.named())
    gone = await keeps_the_promises_of_a_write(book, "DeleteBudget", request, budget_id=other.budget.id)
    assert gone.budget.id == planning.budget.id


async def test_nobody_finds_its_items_any_more(book: BookOf) -> None:
    planning = await make_planning(book)
    food = await planning.item("Food")
    await planning.call("DeleteBudget")
    for rpc, fields in {
        "GetBudgetItem": {"item_id": food.id},
        "ListBudgetItems": {},
        "UpdateBudgetItem": {"item_id": food.id, "name": "x"},
        "DeleteBudgetItem": {"item_id": food.id},
        "RestoreBudgetItem": {"item_id": food.id},
        "GetBudgetAnalysis": {},
        "ListBudgetPeriods": {},
        "CopyBudget": {},
        "DeleteBudget": {},
    }.items():
        assert (await refusal_of(planning.call(rpc, **fields))).reason == "NOT_FOUND", rpc


async def test_it_holds_no_category_any_more(book: BookOf) -> None:
    planning = await make_planning(book)
    await planning.item("Fun")
    assert (await refusal_of(delete(book, planning.categories["Fun"]))).reason == "IN_USE"
    await planning.call("DeleteBudget")
    await delete(book, planning.categories["Fun"])
