"""What RestoreBudgetItem promises."""

from people import BookOf, new_id, refusal_of
from rpc.budgets.planning import keeps_the_promises_of_a_write, make_planning
from rpc.ledger.categories import archive, delete, merge
from tallystick_client.v1 import budget_items_pb2


async def test_it_comes_back_as_it_was(book: BookOf) -> None:
    planning = await make_planning(book)
    food = await planning.item("Food")
    await archive(book, book.spending_id)
    await planning.call("DeleteBudgetItem", item_id=food.id)
    back = (await planning.call("RestoreBudgetItem", item_id=food.id)).item
    assert (back.name, back.category_ids, back.limits) == (food.name, food.category_ids, food.limits)


async def test_one_that_is_not_deleted_stays_as_it_is(book: BookOf) -> None:
    planning = await make_planning(book)
    food = await planning.item("Food")
    assert (await planning.call("RestoreBudgetItem", item_id=food.id)).item == food
    assert (await refusal_of(planning.call("RestoreBudgetItem", item_id=new_id()))).reason == "NOT_FOUND"
    other = await make_planning(book)
    assert (await refusal_of(other.call("RestoreBudgetItem", item_id=food.id))).reason == "NOT_FOUND"


async def test_categories_that_are_gone_are_not_named_any_more(book: BookOf) -> None:
    planning = await make_planning(book)
    await planning.category("Gone")
    both = await planning.item("both", category_ids=[planning.categories["Gone"], planning.categories["Fun"]])
    await planning.call("DeleteBudgetItem", item_id=both.id)
    await delete(book, planning.categories["Gone"])
    back = (await planning.call("RestoreBudgetItem", item_id=both.id)).item
    assert list(back.category_ids) == [planning.categories["Fun"]]


async def test_one_that_would_count_everything_does_not_come_back(book: BookOf) -> None:
    planning = await make_planning(book)
    fun = await planning.item("Fun", category_ids=[planning.categories["Fun"]], account_ids=[book.account_id])
    await planning.call("DeleteBudgetItem", item_id=fun.id)
    await merge(book, planning.categories["Fun"], book.spending_id)
    assert (await refusal_of(planning.call("RestoreBudgetItem", item_id=fun.id))).reason == "CATEGORY_GONE"


async def test_it_keeps_the_promises_of_a_write(book: BookOf) -> None:
    planning = await make_planning(book)
    food, other = await planning.item("Food"), await planning.item("Fun")
    await planning.call("DeleteBudgetItem", item_id=food.id)
    request = budget_items_pb2.RestoreBudgetItemRequest(**planning.named(item_id=food.id))
    await keeps_the_promises_of_a_write(book, "RestoreBudgetItem", request, item_id=other.id)
