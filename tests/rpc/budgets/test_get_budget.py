"""What GetBudget promises."""

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.budgets.planning import make_planning


async def test_what_is_deleted_foreign_or_missing_is_not_found(book: BookOf, bob: Person) -> None:
    planning, theirs = await make_planning(book), await make_planning(await make_book(bob))
    assert (await planning.call("GetBudget")).budget == planning.budget
    for missing in (theirs.budget.id, new_id()):
        assert (await refusal_of(planning.call("GetBudget", budget_id=missing))).reason == "NOT_FOUND"
    await planning.call("DeleteBudget")
    assert (await refusal_of(planning.call("GetBudget"))).reason == "NOT_FOUND"
