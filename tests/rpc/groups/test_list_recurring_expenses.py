"""What ListRecurringExpenses promises."""

from typing import Any

from circle import Circle, make_circle
from people import Person, refusal_of
from recurring_expenses import call, make_recurring
from rpc.groups.promises import viewer_of
from tallystick_client.v1 import group_recurring_pb2 as pb


async def pages_of(person: Person, circle: Circle, **fields: Any) -> list[list[str]]:
    """The ids on each page."""
    pages, token = [], ""
    while True:
        request = pb.ListRecurringExpensesRequest(group_id=circle.id, page_token=token, **fields)
        page = await person.groups.ListRecurringExpenses(request)
        pages.append([each.id for each in page.recurrings])
        token = page.next_page_token
        if not token:
            return pages


async def test_list_recurring_expenses_is_in_the_order_of_ids_page_by_page(circle: Circle) -> None:
    one, two, three = sorted([(await make_recurring(circle)).id for _ in range(3)])
    assert await pages_of(circle.person, circle, page_size=2) == [[one, two], [three]]
    assert await pages_of(await viewer_of(circle), circle) == [[one, two, three]]


async def test_list_recurring_expenses_lists_deleted_ones_when_asked(circle: Circle) -> None:
    kept, deleted = await make_recurring(circle), await make_recurring(circle)
    await call("Delete", deleted, circle)
    assert await pages_of(circle.person, circle) == [[kept.id]]
    assert await pages_of(circle.person, circle, deleted=True) == [[deleted.id]]


async def test_list_recurring_expenses_shows_those_of_its_group_only(circle: Circle) -> None:
    await make_recurring(await make_circle(circle.person))
    assert await pages_of(circle.person, circle) == [[]]


async def test_list_recurring_expenses_refuses_a_token_of_another_query(circle: Circle) -> None:
    for _ in range(2):
        await make_recurring(circle)
    groups = circle.person.groups
    page = await groups.ListRecurringExpenses(pb.ListRecurringExpensesRequest(group_id=circle.id, page_size=1))
    other = pb.ListRecurringExpensesRequest(group_id=circle.id, deleted=True, page_token=page.next_page_token)
    refusal = await refusal_of(groups.ListRecurringExpenses(other))
    assert (refusal.reason, refusal.fields) == ("INVALID_PAGE_TOKEN", ("page_token",))


async def test_list_recurring_expenses_is_for_members_only(circle: Circle, bob: Person) -> None:
    refusal = await refusal_of(bob.groups.ListRecurringExpenses(pb.ListRecurringExpensesRequest(group_id=circle.id)))
    assert refusal.reason == "NOT_FOUND"
