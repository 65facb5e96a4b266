"""What RestoreBudget promises."""

from people import BookOf, new_id, refusal_of
from rpc.budgets.planning import keeps_the_promises_of_a_write, make_envelopes, make_planning
from rpc.ledger.categories import merge
from tallystick_client.v1 import budget_pb2


async def test_it_comes_back_with_its_items_and_what_was_assigned(book: BookOf) -> None:
    planning = await make_envelopes(book)
    food = await planning.item("Food")
    await planning.assign(food, 100, "2026-02-03")
    await planning.call("DeleteBudget")
    back = (await planning.call("RestoreBudget")).budget
    assert (back.name, back.periods) == (planning.budget.name, planning.budget.periods)
    assert (await planning.figures(food, "2026-02-03")).planned_minor == 100


async def test_its_items_followed_a_category_that_was_merged_meanwhile(book: BookOf) -> None:
    planning = await make_planning(book)
    fun = await planning.item("Fun")
    await planning.spend("Fun", 700, "2026-02-03")
    await planning.call("DeleteBudget")
    await merge(book, planning.categories["Fun"], planning.categories["Food"])
    await planning.call("RestoreBudget")
    assert await planning.spent(fun, "2026-02-03") == 700


async def test_one_that_is_not_deleted_stays_as_it_is(book: BookOf) -> None:
    planning = await make_planning(book)
    assert (await planning.call("RestoreBudget")).budget == planning.budget
    assert (await refusal_of(planning.call("RestoreBudget", budget_id=new_id()))).reason == "NOT_FOUND"


async def test_it_keeps_the_promises_of_a_write(book: BookOf) -> None:
    planning, other = await make_planning(book), await make_planning(book)
    await planning.call("DeleteBudget")
    request = budget_pb2.RestoreBudgetRequest(**planning.named())
    await keeps_the_promises_of_a_write(book, "RestoreBudget", request, budget_id=other.budget.id)
