"""What ListExpenseHistory promises."""

from typing import Any

from circle import Circle, money
from people import Person, new_id, refusal_of
from rpc.groups.promises import viewer_of
from rpc.groups.spending import delete, restore, update
from tallystick_client.v1.group_expenses_pb2 import Expense, ListExpenseHistoryRequest


async def history(circle: Circle, expense: Expense, **other: Any) -> Any:
    request = ListExpenseHistoryRequest(group_id=circle.id, expense_id=expense.id, **other)
    return await circle.person.groups.ListExpenseHistory(request)


async def test_history_tells_what_every_change_left_newest_first(circle: Circle) -> None:
    made = await circle.spend(3000)
    noted = await update(circle, made, note="late")
    more = await update(circle, made, amount=money(6000))
    gone = await delete(circle, made)
    assert (await history(circle, made)).revisions[0].deleted
    back = await restore(circle, made)
    found = list((await history(circle, made)).revisions)
    assert [each.expense for each in found] == [back, gone, more, noted, made]
    assert [each.deleted for each in found] == [False, True, False, False, False]
    assert [list(each.fields) for each in found] == [[], [], ["amount", "payers", "shares"], ["note"], []]
    assert {each.changed_by for each in found} == {circle.person.user.id}


async def test_b24_a_refused_change_is_in_no_history(circle: Circle) -> None:
    made = await circle.spend(3000)
    await refusal_of(update(circle, made, amount=money(0)))
    assert len((await history(circle, made)).revisions) == 1


async def test_history_goes_on_where_its_last_page_ended(circle: Circle) -> None:
    made = await circle.spend(3000)
    for minor in range(1, 5):
        await update(circle, made, amount=money(minor))
    versions: list[int] = []
    token = ""
    while True:
        page = await history(circle, made, page_size=2, page_token=token)
        versions += [each.expense.version for each in page.revisions]
        token = page.next_page_token
        if not token:
            break
    assert (len(versions), versions) == (5, sorted(versions, reverse=True))


async def test_b19_who_may_see_it(circle: Circle, bob: Person) -> None:
    made = await circle.spend(3000)
    request = ListExpenseHistoryRequest(group_id=circle.id, expense_id=made.id)
    assert len((await (await viewer_of(circle)).groups.ListExpenseHistory(request)).revisions) == 1
    assert (await refusal_of(bob.groups.ListExpenseHistory(request))).reason == "NOT_FOUND"
    assert (await refusal_of(history(circle, Expense(id=new_id())))).reason == "NOT_FOUND"
    assert (await refusal_of(history(circle, made, page_token="x"))).reason == "INVALID_PAGE_TOKEN"
