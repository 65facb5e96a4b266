"""What ListBudgetItems promises."""

from typing import Any

from people import BookOf, new_id, refusal_of
from rpc.budgets.planning import Planning, make_planning


async def page(planning: Planning, **fields: Any) -> tuple[list[str], str]:
    answer = await planning.call("ListBudgetItems", **fields)
    return [item.id for item in answer.items], answer.next_page_token


async def test_pages_follow_each_other_by_position_and_id(book: BookOf) -> None:
    planning = await make_planning(book)
    made = [await planning.item("Food", position=position) for position in (2, 1, 1, 3, 0)]
    await (await make_planning(book)).item("Fun")
    expected = [item.id for item in sorted(made, key=lambda item: (item.position, item.id))]
    seen, token = await page(planning, page_size=2)
    for _ in range(2):
        more, token = await page(planning, page_size=2, page_token=token)
        seen += more
    assert (seen, token) == (expected, "")


async def test_a_token_of_another_query_is_refused(book: BookOf) -> None:
    planning = await make_planning(book)
    for _ in range(2):
        await planning.item("Food")
    _, token = await page(planning, page_size=1)
    refusal = await refusal_of(page(planning, page_size=1, page_token=token, deleted=True))
    assert refusal.reason == "INVALID_PAGE_TOKEN"


async def test_deleted_ones_are_listed_instead_when_asked_for(book: BookOf) -> None:
    planning = await make_planning(book)
    gone, here = await planning.item("Food"), await planning.item("Fun")
    await planning.call("DeleteBudgetItem", item_id=gone.id)
    assert await page(planning) == ([here.id], "")
    assert await page(planning, deleted=True) == ([gone.id], "")


async def test_a_budget_that_is_not_there_is_not_found(book: BookOf) -> None:
    planning = await make_planning(book)
    assert (await refusal_of(page(planning, budget_id=new_id()))).reason == "NOT_FOUND"
