"""What AddComment promises."""

import grpc

from circle import Circle, make_circle
from people import Person, new_id, refusal_of
from rpc.groups.commenting import comment_on, comments, say
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.groups.spending import archive, delete, get
from tallystick_client.v1.group_expenses_pb2 import Expense


async def test_a_member_says_something(circle: Circle) -> None:
    made = await circle.spend()
    request = comment_on(circle, made, " Thanks ", comment_id=new_id())
    said = (await keeps_the_promises_of_a_write(circle, "AddComment", request, text="No")).comment
    assert (said.id, said.text, said.member_id) == (request.comment_id, "Thanks", circle.owner_id)
    assert (said.group_id, said.expense_id) == (circle.id, made.id)
    assert list((await comments(circle, made)).comments) == [said]
    # Talking about an expense is no change of it.
    assert await get(circle, made) == made


async def test_an_id_that_is_taken(circle: Circle) -> None:
    made = await circle.spend()
    said = await say(circle, circle.person, made)
    refusal = await refusal_of(say(circle, circle.person, made, comment_id=said.id))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ID_TAKEN")


async def test_nothing_is_no_comment(circle: Circle) -> None:
    made = await circle.spend()
    for text in ("", "  ", "x" * 2001):
        refusal = await refusal_of(say(circle, circle.person, made, text))
        assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("text",))


async def test_an_archived_group_can_be_talked_about(circle: Circle) -> None:
    made = await circle.spend()
    await archive(circle)
    await say(circle, circle.person, made)


async def test_b19_what_is_not_there(circle: Circle, ann: Person, bob: Person) -> None:
    made, gone = await circle.spend(), await circle.spend()
    await delete(circle, gone)
    other = await make_circle(ann)
    for group, expense in ((circle, Expense(id=new_id())), (circle, gone), (other, made)):
        assert (await refusal_of(say(group, ann, expense))).reason == "NOT_FOUND"
    assert (await refusal_of(say(circle, bob, made))).reason == "NOT_FOUND"
