"""What RestoreGroup promises."""

import proof
from circle import Circle
from people import Person, new_id, refusal_of
from rpc.groups import hall
from rpc.spaces.sharing import EDITOR
from tallystick.app import App
from tallystick_client.v1 import group_pb2 as pb


async def test_restore_group_brings_it_back_with_all_that_is_in_it(
    circle: Circle, server: App, database: proof.Connection
) -> None:
    ann = circle.person
    await circle.spend(3000)
    await hall.update(ann, circle.id, discoverable=True, join_policy=hall.APPROVAL)
    before = hall.nets_of(server, database, circle.id)
    deleted = await hall.delete(ann, circle.id)
    back = await hall.restore(ann, circle.id)
    assert back.version == deleted.version + 1
    assert await hall.groups_of(ann) == [back]
    assert await hall.groups_of(ann, deleted=True) == []
    assert hall.nets_of(server, database, circle.id) == before
    assert hall.listed(database, circle.id) == [("Trip", "", "EUR", hall.APPROVAL)]
    assert hall.audited(database, circle.id)[-1] == "group_restored"
    await circle.spend(300)


async def test_restore_group_of_one_that_is_not_deleted_leaves_it_as_it_is(circle: Circle) -> None:
    before = await hall.get(circle.person, circle.id)
    assert await hall.restore(circle.person, circle.id) == before


async def test_restore_group_answers_a_repeat_with_the_first_answer_also_when_deleted_again(circle: Circle) -> None:
    ann = circle.person
    deleting = pb.DeleteGroupRequest(request_id=new_id(), group_id=circle.id)
    await ann.groups.DeleteGroup(deleting)
    reused = pb.RestoreGroupRequest(request_id=deleting.request_id, group_id=circle.id)
    assert (await refusal_of(ann.groups.RestoreGroup(reused))).reason == "REQUEST_ID_REUSED"
    request = pb.RestoreGroupRequest(request_id=new_id(), group_id=circle.id)
    first = await ann.groups.RestoreGroup(request)
    await hall.delete(ann, circle.id)
    assert await ann.groups.RestoreGroup(request) == first
    assert await hall.groups_of(ann) == []


async def test_restore_group_is_for_owners(circle: Circle, bob: Person) -> None:
    eve = await hall.with_member(circle, "Eve", EDITOR)
    await hall.delete(circle.person, circle.id)
    assert (await refusal_of(hall.restore(eve, circle.id))).reason == "ROLE_TOO_LOW"
    foreign, missing = [await refusal_of(hall.restore(bob, each)) for each in (circle.id, new_id())]
    assert (foreign.reason, foreign.raw) == ("NOT_FOUND", missing.raw)
