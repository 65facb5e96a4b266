"""What JoinGroup promises."""

import asyncio
from uuid import UUID

import proof
from circle import Circle
from people import Person, new_id, refusal_of
from rpc.groups import hall
from rpc.spaces.sharing import EDITOR, LEFT, OWNER, VIEWER, leave, may_read, member_of, members, outcome_of, share
from tallystick_client.v1 import group_members_pb2 as pb


async def open_up(circle: Circle, policy: int = hall.OPEN) -> None:
    await hall.update(circle.person, circle.id, discoverable=True, join_policy=policy)


async def test_join_group_that_is_open_makes_an_editor(circle: Circle, bob: Person, database: proof.Connection) -> None:
    await open_up(circle)
    joined = await hall.join_group(bob, circle.id)
    assert not joined.HasField("join_request")
    assert (joined.member.user_id, joined.member.role, joined.member.display_name) == (bob.user.id, EDITOR, "Bob")
    assert joined.member == await member_of(circle.person, circle.id, bob)
    assert [each.id for each in await hall.groups_of(bob)] == [circle.id]
    assert hall.audited(database, circle.id)[-1] == "member_joined"
    await circle.spend(among=[joined.member.id])


async def test_join_group_makes_a_former_member_the_same_one_again(circle: Circle, bob: Person) -> None:
    await share(circle.person, circle.id, bob, OWNER)
    before = await member_of(circle.person, circle.id, bob)
    await leave(bob, circle.id)
    await open_up(circle)
    member = (await hall.join_group(bob, circle.id)).member
    assert (member.id, member.role, member.joined_at) == (before.id, EDITOR, before.joined_at)
    assert len(await members(circle.person, circle.id)) == 4


async def test_join_group_that_needs_approval_asks(circle: Circle, bob: Person) -> None:
    await open_up(circle, hall.APPROVAL)
    joined = await hall.join_group(bob, circle.id, " Let me in ")
    assert not joined.HasField("member")
    asked = joined.join_request
    assert (asked.user_id, asked.display_name, asked.message) == (bob.user.id, "Bob", "Let me in")
    assert (asked.state, asked.group_id) == (hall.WAITING, circle.id)
    assert not await may_read(bob, circle.id)
    assert await hall.groups_of(bob) == []
    assert await hall.waiting(circle.person, circle.id) == [asked]


async def test_join_group_again_stays_with_the_request_that_nobody_has_answered(circle: Circle, bob: Person) -> None:
    await open_up(circle, hall.APPROVAL)
    first = (await hall.join_group(bob, circle.id, "Please")).join_request
    request = pb.JoinGroupRequest(request_id=new_id(), group_id=circle.id, message="Now")
    again = await bob.groups.JoinGroup(request)
    assert (again.join_request.id, again.join_request.message) == (first.id, "Please")
    assert await bob.groups.JoinGroup(request) == again
    assert len(await hall.waiting(circle.person, circle.id)) == 1
    await hall.answer(circle.person, first, approve=False)
    assert (await hall.join_group(bob, circle.id)).join_request.id != first.id


async def test_join_group_at_once_asks_once(circle: Circle, bob: Person) -> None:
    await open_up(circle, hall.APPROVAL)
    asked = await asyncio.gather(*(hall.join_group(bob, circle.id) for _ in range(5)))
    assert len({each.join_request.id for each in asked}) == 1
    await open_up(circle)
    outcomes = await asyncio.gather(*(outcome_of(hall.join_group(bob, circle.id)) for _ in range(5)))
    assert sorted(outcomes) == ["ALREADY_MEMBER"] * 4 + ["OK"]


async def test_join_group_to_which_one_must_be_invited_is_closed(circle: Circle, bob: Person) -> None:
    await open_up(circle, hall.INVITED)
    assert (await refusal_of(hall.join_group(bob, circle.id))).reason == "JOIN_CLOSED"
    await hall.update(circle.person, circle.id, "join_policy")
    assert (await refusal_of(hall.join_group(bob, circle.id))).reason == "JOIN_CLOSED"


async def test_join_group_that_is_not_discoverable_looks_as_if_it_did_not_exist(circle: Circle, bob: Person) -> None:
    ann = circle.person
    missing = await refusal_of(hall.join_group(bob, new_id()))
    await hall.update(ann, circle.id, join_policy=hall.OPEN)
    hidden = [await refusal_of(hall.join_group(bob, each)) for each in (circle.id, ann.user.home_id)]
    await open_up(circle)
    await hall.archive(ann, circle.id)
    hidden.append(await refusal_of(hall.join_group(bob, circle.id)))
    await hall.delete(ann, circle.id)
    hidden.append(await refusal_of(hall.join_group(bob, circle.id)))
    assert {(each.reason, each.raw) for each in hidden} == {("NOT_FOUND", missing.raw)}


async def test_join_group_by_a_stranger_holds_up_nobody_whose_group_cannot_be_found(
    circle: Circle, bob: Person, database: proof.Connection
) -> None:
    with database.transaction():
        database.execute("SELECT 1 FROM space WHERE id = %s FOR UPDATE", (UUID(circle.id),))
        async with asyncio.timeout(2):
            assert (await refusal_of(hall.join_group(bob, circle.id))).reason == "NOT_FOUND"


async def test_join_group_by_a_member_is_refused(circle: Circle, bob: Person) -> None:
    await share(circle.person, circle.id, bob, VIEWER)
    for policy in (hall.OPEN, hall.APPROVAL, hall.INVITED):
        await open_up(circle, policy)
        assert (await refusal_of(hall.join_group(bob, circle.id))).reason == "ALREADY_MEMBER"
    assert (await member_of(circle.person, circle.id, bob)).role == VIEWER


async def test_join_group_answers_a_repeat_with_the_first_answer_whatever_the_group_is_now(
    circle: Circle, bob: Person
) -> None:
    await open_up(circle)
    request = pb.JoinGroupRequest(request_id=new_id(), group_id=circle.id)
    first = await bob.groups.JoinGroup(request)
    assert await bob.groups.JoinGroup(request) == first
    await leave(bob, circle.id)
    assert await bob.groups.JoinGroup(request) == first
    await hall.update(circle.person, circle.id, "discoverable")
    assert await bob.groups.JoinGroup(request) == first
    assert (await member_of(circle.person, circle.id, bob)).state == LEFT
    other = pb.JoinGroupRequest(request_id=request.request_id, group_id=circle.id, message="x")
    assert (await refusal_of(bob.groups.JoinGroup(other))).reason == "REQUEST_ID_REUSED"


async def test_join_group_gives_nobody_elses_answer(circle: Circle, bob: Person) -> None:
    await open_up(circle)
    request = pb.JoinGroupRequest(request_id=new_id(), group_id=circle.id)
    await bob.groups.JoinGroup(request)
    await hall.update(circle.person, circle.id, "discoverable")
    assert (await refusal_of(circle.person.groups.JoinGroup(request))).reason == "NOT_FOUND"
