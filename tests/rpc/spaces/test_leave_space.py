"""What LeaveSpace promises."""

import asyncio

import pytest

from people import Person, new_id, refusal_of
from rpc.spaces.conftest import AccessRevision, Audited
from rpc.spaces.sharing import (
    ACTIVE,
    EDITOR,
    LEFT,
    OWNER,
    VIEWER,
    House,
    leave,
    may_read,
    member_of,
    members,
    outcome_of,
    share,
    spaces_of,
    update,
)
from tallystick_client.v1 import space_service_pb2 as pb


@pytest.mark.parametrize("who", ["eve", "vic"])
async def test_leave_space_ends_the_membership_and_keeps_the_member(house: House, who: str) -> None:
    person: Person = getattr(house, who)
    before = await member_of(house.ann, house.id, person)
    await leave(person, house.id)
    after = await member_of(house.ann, house.id, person)
    assert (after.id, after.state, after.role) == (before.id, LEFT, before.role)
    assert not await may_read(person, house.id)
    assert house.id not in {space.id for space in await spaces_of(person)}


async def test_leave_space_keeps_the_last_owner(house: House) -> None:
    assert (await refusal_of(leave(house.ann, house.id))).reason == "LAST_OWNER"
    assert await may_read(house.ann, house.id)


async def test_leave_space_lets_an_owner_go_when_another_remains(house: House) -> None:
    await update(house.ann, await member_of(house.ann, house.id, house.eve), role=OWNER)
    await leave(house.ann, house.id)
    assert not await may_read(house.ann, house.id)
    assert (await refusal_of(leave(house.eve, house.id))).reason == "LAST_OWNER"


async def test_leave_space_by_all_owners_at_once_leaves_one(house: House) -> None:
    await update(house.ann, await member_of(house.ann, house.id, house.eve), role=OWNER)
    outcomes = await asyncio.gather(*(outcome_of(leave(person, house.id)) for person in (house.ann, house.eve)))
    assert sorted(outcomes) == ["LAST_OWNER", "OK"]
    owners = [member for member in await members(house.vic, house.id) if member.role == OWNER]
    assert sorted(member.state for member in owners) == sorted([ACTIVE, LEFT])


async def test_leave_space_never_leaves_a_home(ann: Person) -> None:
    assert (await refusal_of(leave(ann, ann.user.home_id))).reason == "HOME_IS_PRIVATE"


async def test_leave_space_answers_a_repeat_though_the_door_is_shut(house: House) -> None:
    request = pb.LeaveSpaceRequest(request_id=new_id(), space_id=house.id)
    first = await house.vic.spaces.LeaveSpace(request)
    assert await house.vic.spaces.LeaveSpace(request) == first
    assert (await refusal_of(leave(house.vic, house.id))).reason == "NOT_FOUND"


async def test_leave_space_repeated_does_not_end_a_later_membership(house: House) -> None:
    request = pb.LeaveSpaceRequest(request_id=new_id(), space_id=house.id)
    await house.vic.spaces.LeaveSpace(request)
    await share(house.ann, house.id, house.vic)
    await house.vic.spaces.LeaveSpace(request)
    assert await may_read(house.vic, house.id)


async def test_leave_space_refuses_a_request_id_that_was_used_for_something_else(house: House) -> None:
    request_id = new_id()
    await update(house.vic, await member_of(house.vic, house.id, house.vic), request_id=request_id, display_name="V")
    request = pb.LeaveSpaceRequest(request_id=request_id, space_id=house.id)
    assert (await refusal_of(house.vic.spaces.LeaveSpace(request))).reason == "REQUEST_ID_REUSED"


async def test_leave_space_shows_a_stranger_what_it_shows_of_a_missing_one(house: House) -> None:
    request = pb.LeaveSpaceRequest(request_id=new_id(), space_id=house.id)
    await house.vic.spaces.LeaveSpace(request)
    foreign = await refusal_of(house.bob.spaces.LeaveSpace(request))
    missing = await refusal_of(leave(house.bob, new_id()))
    assert foreign.reason == "NOT_FOUND"
    assert foreign.raw == missing.raw


async def test_leave_space_and_joining_again_is_the_same_member_with_the_new_role(house: House) -> None:
    before = await member_of(house.ann, house.id, house.vic)
    await leave(house.vic, house.id)
    await share(house.ann, house.id, house.vic, EDITOR)
    after = await member_of(house.vic, house.id, house.vic)
    assert (before.role, after.id, after.role, after.state) == (VIEWER, before.id, EDITOR, ACTIVE)
    assert [member.user_id for member in await members(house.ann, house.id)].count(house.vic.user.id) == 1
    assert house.id in {space.id for space in await spaces_of(house.vic)}


async def test_leave_space_is_audited_and_raises_the_access_revision(
    house: House, audited: Audited, access_revision: AccessRevision
) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    before, revision = audited(house.id), access_revision(house.id)
    await leave(house.vic, house.id)
    assert audited(house.id) == [*before, ("member_left", vic.id)]
    assert access_revision(house.id) == revision + 1
