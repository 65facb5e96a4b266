"""What DeleteComment promises."""

import grpc

from circle import Circle
from people import Person, new_id, refusal_of, sign_up
from rpc.groups.commenting import comments, say
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import EDITOR, share
from tallystick_client.v1.group_activity_pb2 import DeleteCommentRequest, ExpenseComment


def removal(circle: Circle, comment: ExpenseComment) -> DeleteCommentRequest:
    return DeleteCommentRequest(request_id=new_id(), group_id=circle.id, comment_id=comment.id)


async def editor_of(circle: Circle) -> Person:
    eve = await sign_up(circle.person.client, "Eve")
    await share(circle.person, circle.id, eve, EDITOR)
    return eve


async def test_whoever_said_it_takes_it_back(circle: Circle) -> None:
    made = await circle.spend()
    eve = await editor_of(circle)
    said, stays = await say(circle, eve, made), await say(circle, eve, made, "Really")
    answer = await eve.groups.DeleteComment(removal(circle, said))
    assert answer.comment.text == said.text
    assert list((await comments(circle, made)).comments) == [stays]
    assert (await refusal_of(eve.groups.DeleteComment(removal(circle, said)))).reason == "NOT_FOUND"


async def test_an_owner_takes_back_anybodys(circle: Circle) -> None:
    made = await circle.spend()
    eve = await editor_of(circle)
    said, own = await say(circle, eve, made), await say(circle, circle.person, made)
    low = await refusal_of(eve.groups.DeleteComment(removal(circle, own)))
    assert (low.code, low.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_TOO_LOW")
    await keeps_the_promises_of_a_write(circle, "DeleteComment", removal(circle, said), comment_id=own.id)


async def test_b19_what_is_not_there(circle: Circle, bob: Person) -> None:
    said = await say(circle, circle.person, await circle.spend())
    nowhere = removal(circle, ExpenseComment(id=new_id()))
    assert (await refusal_of(circle.person.groups.DeleteComment(nowhere))).reason == "NOT_FOUND"
    assert (await refusal_of(bob.groups.DeleteComment(removal(circle, said)))).reason == "NOT_FOUND"
