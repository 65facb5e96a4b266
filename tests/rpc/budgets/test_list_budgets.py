"""What ListBudgets promises."""

from typing import Any

from people import BookOf, Person, make_book, refusal_of
from rpc.budgets.planning import make_planning
from tallystick_client.v1 import budget_pb2


async def page(book: BookOf, person: Person | None = None, **fields: Any) -> tuple[list[str], str]:
    request = budget_pb2.ListBudgetsRequest(book_id=book.id, **fields)
    answer = await (person or book.person).budgets.ListBudgets(request)
    return [budget.id for budget in answer.budgets], answer.next_page_token


async def test_pages_follow_each_other_with_templates_among_them(book: BookOf) -> None:
    made = sorted([(await make_planning(book, template=number == 1)).budget.id for number in range(3)])
    first, token = await page(book, page_size=2)
    rest, end = await page(book, page_size=2, page_token=token)
    assert ([*first, *rest], end) == (made, "")
    assert (await refusal_of(page(book, page_size=2, page_token=token, deleted=True))).reason == "INVALID_PAGE_TOKEN"


async def test_deleted_ones_are_listed_instead_when_asked_for(book: BookOf) -> None:
    gone, here = await make_planning(book), await make_planning(book)
    await gone.call("DeleteBudget")
    assert await page(book) == ([here.budget.id], "")
    assert await page(book, deleted=True) == ([gone.budget.id], "")


async def test_a_foreign_book_is_not_found(book: BookOf, bob: Person) -> None:
    assert (await refusal_of(page(await make_book(bob), book.person))).reason == "NOT_FOUND"
