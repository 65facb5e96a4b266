"""What GetBudgetItem promises."""

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.budgets.planning import make_planning


async def test_an_item_is_found_in_its_own_budget_only(book: BookOf, bob: Person) -> None:
    planning, other = await make_planning(book), await make_planning(book)
    theirs = await make_planning(await make_book(bob))
    food = await planning.item("Food")
    assert (await planning.call("GetBudgetItem", item_id=food.id)).item == food
    assert (await refusal_of(other.call("GetBudgetItem", item_id=food.id))).reason == "NOT_FOUND"
    for missing in ((await theirs.item("Food")).id, new_id()):
        assert (await refusal_of(planning.call("GetBudgetItem", item_id=missing))).reason == "NOT_FOUND"


async def test_a_deleted_one_is_not_found(book: BookOf) -> None:
    planning = await make_planning(book)
    food = await planning.item("Food")
    await planning.call("DeleteBudgetItem", item_id=food.id)
    assert (await refusal_of(planning.call("GetBudgetItem", item_id=food.id))).reason == "NOT_FOUND"
