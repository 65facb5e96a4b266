"""What RemoveMember promises."""

import asyncio

import pytest

from people import BookOf, Person, new_id, refusal_of
from rpc.spaces.conftest import AccessRevision, Audited
from rpc.spaces.sharing import (
    LEFT,
    OWNER,
    REMOVED,
    VIEWER,
    House,
    may_read,
    member_of,
    members,
    outcome_of,
    remove,
    share,
    update,
)
from tallystick_client.v1 import space_service_pb2 as pb


async def test_remove_member_shuts_the_space_at_once_and_keeps_the_member(house: House) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    removed = await remove(house.ann, vic)
    assert (removed.id, removed.state, removed.role, removed.display_name) == (vic.id, REMOVED, VIEWER, "Vic")
    assert await member_of(house.ann, house.id, house.vic) == removed
    assert not await may_read(house.vic, house.id)


async def test_remove_member_keeps_what_the_member_wrote(house: House) -> None:
    written = await house.eve.ledger.CreateTransaction(house.book.expense(250))
    await remove(house.ann, await member_of(house.ann, house.id, house.eve))
    assert written.balance.balance.minor == -250
    assert await house.book.balance() == -250


async def test_remove_member_can_remove_another_owner(house: House) -> None:
    eve = await update(house.ann, await member_of(house.ann, house.id, house.eve), role=OWNER)
    assert (await remove(house.ann, eve)).state == REMOVED


@pytest.mark.parametrize("who", ["eve", "vic"])
@pytest.mark.parametrize("whose", ["ann", "eve", "vic"])
async def test_remove_member_is_for_owners(house: House, who: str, whose: str) -> None:
    member = await member_of(house.ann, house.id, getattr(house, whose))
    assert (await refusal_of(remove(getattr(house, who), member))).reason == "ROLE_TOO_LOW"
    assert await member_of(house.ann, house.id, getattr(house, whose)) == member


async def test_remove_member_keeps_the_last_owner(house: House) -> None:
    ann = await member_of(house.ann, house.id, house.ann)
    assert (await refusal_of(remove(house.ann, ann))).reason == "LAST_OWNER"
    assert await may_read(house.ann, house.id)


async def test_remove_member_of_oneself_is_leaving_and_its_repeat_has_the_first_answer(house: House) -> None:
    await update(house.ann, await member_of(house.ann, house.id, house.eve), role=OWNER)
    ann = await member_of(house.ann, house.id, house.ann)
    request = pb.RemoveMemberRequest(request_id=new_id(), space_id=house.id, member_id=ann.id)
    first = await house.ann.spaces.RemoveMember(request)
    assert first.member.state == LEFT
    assert not await may_read(house.ann, house.id)
    assert await house.ann.spaces.RemoveMember(request) == first


async def test_remove_member_of_two_owners_at_once_leaves_one(house: House) -> None:
    await update(house.ann, await member_of(house.ann, house.id, house.eve), role=OWNER)
    ann, eve = [await member_of(house.ann, house.id, person) for person in (house.ann, house.eve)]
    outcomes = await asyncio.gather(outcome_of(remove(house.ann, eve)), outcome_of(remove(house.eve, ann)))
    assert sorted(outcomes) == ["NOT_FOUND", "OK"]
    states = [member.state for member in await members(house.vic, house.id)]
    assert states.count(REMOVED) == 1


async def test_remove_member_does_not_know_former_members(house: House) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    await remove(house.ann, vic)
    again = await refusal_of(remove(house.ann, vic))
    vic.id = new_id()
    missing = await refusal_of(remove(house.ann, vic))
    assert again.reason == "NOT_FOUND"
    assert again.raw == missing.raw


async def test_remove_member_does_not_know_members_of_other_spaces(house: House, second: BookOf) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    vic.space_id = second.id
    assert (await refusal_of(remove(house.ann, vic))).reason == "NOT_FOUND"


async def test_remove_member_shows_a_stranger_what_it_shows_of_a_missing_space(house: House) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    foreign = await refusal_of(remove(house.bob, vic))
    vic.space_id = new_id()
    missing = await refusal_of(remove(house.bob, vic))
    assert foreign.reason == "NOT_FOUND"
    assert foreign.raw == missing.raw


async def test_remove_member_gives_nobody_elses_answer_to_a_stranger(house: House) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    request = pb.RemoveMemberRequest(request_id=new_id(), space_id=house.id, member_id=vic.id)
    await house.ann.spaces.RemoveMember(request)
    assert (await refusal_of(house.bob.spaces.RemoveMember(request))).reason == "NOT_FOUND"


async def test_remove_member_has_no_business_in_a_home(ann: Person) -> None:
    own = await member_of(ann, ann.user.home_id, ann)
    assert (await refusal_of(remove(ann, own))).reason == "HOME_IS_PRIVATE"


async def test_remove_member_answers_a_repeat_with_the_first_answer(house: House) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    request = pb.RemoveMemberRequest(request_id=new_id(), space_id=house.id, member_id=vic.id)
    first = await house.ann.spaces.RemoveMember(request)
    await share(house.ann, house.id, house.vic)
    assert await house.ann.spaces.RemoveMember(request) == first
    assert await may_read(house.vic, house.id)


async def test_remove_member_refuses_a_request_id_that_was_used_for_something_else(house: House) -> None:
    eve, vic = [await member_of(house.ann, house.id, person) for person in (house.eve, house.vic)]
    request_id = new_id()
    await update(house.ann, vic, request_id=request_id, display_name="Victor")
    request = pb.RemoveMemberRequest(request_id=request_id, space_id=house.id, member_id=eve.id)
    assert (await refusal_of(house.ann.spaces.RemoveMember(request))).reason == "REQUEST_ID_REUSED"


async def test_remove_member_is_audited_and_raises_the_access_revision(
    house: House, audited: Audited, access_revision: AccessRevision
) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    before, revision = audited(house.id), access_revision(house.id)
    await remove(house.ann, vic)
    assert audited(house.id) == [*before, ("member_removed", vic.id)]
    assert access_revision(house.id) == revision + 1
