"""What ListComments promises."""

from circle import Circle
from people import Person, new_id, refusal_of
from rpc.groups.commenting import comments, say
from rpc.groups.promises import viewer_of
from rpc.groups.spending import delete
from tallystick_client.v1.group_activity_pb2 import ListCommentsRequest
from tallystick_client.v1.group_expenses_pb2 import Expense


async def test_the_oldest_come_first_page_after_page(circle: Circle) -> None:
    made, other = await circle.spend(), await circle.spend()
    said = [await say(circle, circle.person, made, f"{number}", comment_id=new_id()) for number in range(5)]
    await say(circle, circle.person, other)
    first = await comments(circle, made, page_size=3)
    last = await comments(circle, made, page_size=3, page_token=first.next_page_token)
    assert ([*first.comments, *last.comments], last.next_page_token) == (said, "")
    await delete(circle, made)
    assert list((await comments(circle, made)).comments) == said


async def test_b19_who_may_see_them(circle: Circle, bob: Person) -> None:
    made = await circle.spend()
    await say(circle, circle.person, made)
    request = ListCommentsRequest(group_id=circle.id, expense_id=made.id)
    assert len((await (await viewer_of(circle)).groups.ListComments(request)).comments) == 1
    assert (await refusal_of(bob.groups.ListComments(request))).reason == "NOT_FOUND"
    assert (await refusal_of(comments(circle, Expense(id=new_id())))).reason == "NOT_FOUND"
    assert (await refusal_of(comments(circle, made, page_token="x"))).reason == "INVALID_PAGE_TOKEN"
