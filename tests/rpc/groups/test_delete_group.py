"""What DeleteGroup promises."""

import asyncio

import proof
from circle import Circle
from people import Client, Person, new_id, refusal_of
from rpc.groups import hall
from rpc.groups.spending import listed
from rpc.spaces.sharing import EDITOR, VIEWER, invite, join, may_read, outcome_of, spaces_of
from rpc.test_foreign_ids import GROUPS, PAIRS, _call, _case, _set, make_world
from tallystick_client.v1 import group_pb2 as pb


async def test_delete_group_returns_it_as_it_was_and_hides_it_from_all(
    circle: Circle, database: proof.Connection
) -> None:
    ann = circle.person
    vic = await hall.with_member(circle, "Vic", VIEWER)
    code = (await invite(ann, circle.id)).code
    before = await hall.update(ann, circle.id, discoverable=True)
    deleted = await hall.delete(ann, circle.id)
    assert (deleted.name, deleted.version) == (before.name, before.version + 1)
    assert hall.listed(database, circle.id) == []
    for person in (ann, vic):
        assert not await may_read(person, circle.id)
        assert await hall.groups_of(person) == []
        assert circle.id not in [space.id for space in await spaces_of(person)]
    assert (await refusal_of(circle.spend())).reason == "NOT_FOUND"
    assert (await refusal_of(hall.join_group(vic, circle.id))).reason == "NOT_FOUND"
    assert (await refusal_of(join(ann, code))).reason == "NOT_FOUND"
    assert hall.audited(database, circle.id)[-1] == "group_deleted"


async def test_delete_group_hides_it_from_every_call_as_if_it_had_never_been(client: Client) -> None:
    world = await make_world(client, "Ann")
    names = [name for name, field in PAIRS if field == "group_id" and name in GROUPS and name != "RestoreGroup"]
    requests = [(name, _case(name, "group_id", world)) for name in names]
    await hall.delete(world.person, world.circle.id)
    for name, request in requests:
        hidden = await refusal_of(_call(world.person, name)(request))
        _set(request, "group_id", new_id())
        missing = await refusal_of(_call(world.person, name)(request))
        assert (name, hidden.reason) == (name, "NOT_FOUND")
        assert hidden.raw == missing.raw


async def test_delete_group_answers_a_repeat_with_the_first_answer(circle: Circle, bob: Person) -> None:
    ann = circle.person
    request = pb.DeleteGroupRequest(request_id=new_id(), group_id=circle.id)
    answers = await asyncio.gather(*(ann.groups.DeleteGroup(request) for _ in range(4)))
    assert len({answer.SerializeToString(deterministic=True) for answer in answers}) == 1
    assert (await refusal_of(bob.groups.DeleteGroup(request))).reason == "NOT_FOUND"
    assert (await refusal_of(hall.delete(ann, circle.id))).reason == "NOT_FOUND"


async def test_delete_group_refuses_a_request_id_that_was_used_for_something_else(circle: Circle) -> None:
    renaming = hall.update_request(circle.id, name="Nest")
    await circle.person.groups.UpdateGroup(renaming)
    request = pb.DeleteGroupRequest(request_id=renaming.request_id, group_id=circle.id)
    assert (await refusal_of(circle.person.groups.DeleteGroup(request))).reason == "REQUEST_ID_REUSED"


async def test_delete_group_is_for_owners(circle: Circle, bob: Person) -> None:
    eve = await hall.with_member(circle, "Eve", EDITOR)
    assert (await refusal_of(hall.delete(eve, circle.id))).reason == "ROLE_TOO_LOW"
    foreign, missing = [await refusal_of(hall.delete(bob, each)) for each in (circle.id, new_id())]
    assert (foreign.reason, foreign.raw) == ("NOT_FOUND", missing.raw)


async def test_delete_group_and_expenses_at_once_leave_nothing_half_done(circle: Circle) -> None:
    spending = [outcome_of(circle.spend(100)) for _ in range(6)]
    outcomes = await asyncio.gather(*spending[:3], outcome_of(hall.delete(circle.person, circle.id)), *spending[3:])
    assert outcomes[3] == "OK"
    spent = [*outcomes[:3], *outcomes[4:]]
    assert set(spent) <= {"OK", "NOT_FOUND"}
    await hall.restore(circle.person, circle.id)
    assert len(await listed(circle)) == spent.count("OK")
