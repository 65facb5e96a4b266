"""What AcceptInvitation promises."""

import asyncio

from people import Client, Person, new_id, refusal_of, sign_up
from rpc.spaces.conftest import AccessRevision, Audited, Verify
from rpc.spaces.sharing import (
    ACCEPTED,
    ACTIVE,
    CANCELLED,
    EDITOR,
    OWNER,
    VIEWER,
    House,
    accept,
    back,
    cancel,
    decline,
    invite,
    leave,
    may_read,
    member_of,
    members,
    outcome_of,
    remove,
    sent,
    share,
    spaces_of,
)
from tallystick_client.v1 import space_pb2
from tallystick_client.v1 import space_service_pb2 as pb
from turned_clock import TurnedClock


async def test_accept_invitation_makes_the_invited_user_a_member(house: House, cat: Person) -> None:
    made = await invite(house.ann, house.id, EDITOR, email=cat.email)
    space = await accept(cat, made.id)
    assert (space.id, space.kind, space.name, space.role) == (
        house.id,
        space_pb2.SpaceKind.SPACE_KIND_BOOK,
        "Home",
        EDITOR,
    )
    assert space == (await cat.spaces.GetSpace(pb.GetSpaceRequest(space_id=house.id))).space
    member = await member_of(house.vic, house.id, cat)
    assert (member.display_name, member.role, member.state, member.version) == ("Cat", EDITOR, ACTIVE, space.head)
    assert house.id in {listed.id for listed in await spaces_of(cat)}
    (used,) = [listed for listed in await sent(house.ann, house.id) if listed.id == made.id]
    assert (used.state, used.uses) == (ACCEPTED, 1)


async def test_accept_invitation_gives_no_more_than_the_role_that_was_offered(house: House, cat: Person) -> None:
    await accept(cat, (await invite(house.ann, house.id, VIEWER, email=cat.email)).id)
    assert (await refusal_of(cat.ledger.CreateTransaction(house.book.expense()))).reason == "ROLE_TOO_LOW"


async def test_accept_invitation_of_somebody_else_looks_like_a_missing_one(
    house: House, cat: Person, client: Client, verify: Verify
) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    other = await verify(await sign_up(client, "Dan"))
    foreign, missing = await refusal_of(accept(other, made.id)), await refusal_of(accept(other, new_id()))
    assert foreign.reason == "NOT_FOUND"
    assert foreign.raw == missing.raw
    owner = await refusal_of(accept(await verify(house.ann), made.id))
    assert owner.raw == missing.raw


async def test_accept_invitation_takes_no_code(house: House, cat: Person) -> None:
    assert (await refusal_of(accept(cat, (await invite(house.ann, house.id)).id))).reason == "NOT_FOUND"


async def test_accept_invitation_needs_a_verified_address(house: House, verify: Verify) -> None:
    made = await invite(house.ann, house.id, email=house.bob.email)
    assert (await refusal_of(accept(house.bob, made.id))).reason == "EMAIL_NOT_VERIFIED"
    assert (await refusal_of(accept(house.bob, new_id()))).reason == "NOT_FOUND"
    assert (await accept(await verify(house.bob), made.id)).id == house.id


async def test_accept_invitation_works_once(house: House, cat: Person) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    await accept(cat, made.id)
    await leave(cat, house.id)
    assert (await refusal_of(accept(cat, made.id))).reason == "INVITATION_ENDED"
    assert not await may_read(cat, house.id)


async def test_accept_invitation_after_its_end_is_refused(house: House, cat: Person, clock: TurnedClock) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    with clock.later(days=7):
        assert (await refusal_of(accept(await back(cat), made.id))).reason == "INVITATION_ENDED"
    with clock.later(days=7, minutes=-1):
        assert (await accept(await back(cat), made.id)).id == house.id


async def test_accept_invitation_that_was_cancelled_or_declined_is_refused(house: House, cat: Person) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    await cancel(house.ann, made)
    assert (await refusal_of(accept(cat, made.id))).reason == "INVITATION_ENDED"
    made = await invite(house.ann, house.id, email=cat.email)
    await decline(cat, made.id)
    assert (await refusal_of(accept(cat, made.id))).reason == "INVITATION_ENDED"


async def test_accept_invitation_by_a_member_is_refused(house: House, cat: Person) -> None:
    made = await invite(house.ann, house.id, OWNER, email=cat.email)
    await share(house.ann, house.id, cat, VIEWER)
    assert (await refusal_of(accept(cat, made.id))).reason == "ALREADY_MEMBER"
    assert (await member_of(cat, house.id, cat)).role == VIEWER


async def test_accept_invitation_by_a_former_member_is_the_same_member_again(house: House, cat: Person) -> None:
    await accept(cat, (await invite(house.ann, house.id, OWNER, email=cat.email)).id)
    before = await member_of(house.ann, house.id, cat)
    await remove(house.ann, before)
    await accept(cat, (await invite(house.ann, house.id, VIEWER, email=cat.email)).id)
    after = await member_of(cat, house.id, cat)
    assert (after.id, after.role, after.state, after.joined_at) == (before.id, VIEWER, ACTIVE, before.joined_at)
    assert len(await members(cat, house.id)) == 4


async def test_accept_invitation_answers_a_repeat_with_the_first_answer(house: House, cat: Person) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    request = pb.AcceptInvitationRequest(request_id=new_id(), invitation_id=made.id)
    first = await cat.spaces.AcceptInvitation(request)
    await house.book.spend()
    assert await cat.spaces.AcceptInvitation(request) == first
    await leave(cat, house.id)
    assert await cat.spaces.AcceptInvitation(request) == first
    assert not await may_read(cat, house.id)


async def test_accept_invitation_repeated_at_the_same_time_happens_once(house: House, cat: Person) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    request = pb.AcceptInvitationRequest(request_id=new_id(), invitation_id=made.id)
    answers = await asyncio.gather(*(cat.spaces.AcceptInvitation(request) for _ in range(8)))
    assert len({answer.SerializeToString(deterministic=True) for answer in answers}) == 1
    assert len(await members(cat, house.id)) == 4


async def test_accept_invitation_refuses_a_request_id_that_was_used_for_something_else(
    house: House, cat: Person
) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    request_id = new_id()
    await cat.spaces.AcceptInvitation(pb.AcceptInvitationRequest(request_id=request_id, invitation_id=made.id))
    await leave(cat, house.id)
    again = await invite(house.ann, house.id, email=cat.email)
    request = pb.AcceptInvitationRequest(request_id=request_id, invitation_id=again.id)
    assert (await refusal_of(cat.spaces.AcceptInvitation(request))).reason == "REQUEST_ID_REUSED"


async def test_accept_invitation_gives_nobody_elses_answer(house: House, cat: Person) -> None:
    request_id = new_id()
    made = await invite(house.ann, house.id, email=cat.email, request_id=request_id)
    request = pb.AcceptInvitationRequest(request_id=request_id, invitation_id=made.id)
    assert (await refusal_of(cat.spaces.AcceptInvitation(request))).reason == "REQUEST_ID_REUSED"
    assert not await may_read(cat, house.id)


async def test_accept_invitation_by_two_requests_at_once_joins_once(house: House, cat: Person) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    outcomes = await asyncio.gather(*(outcome_of(accept(cat, made.id)) for _ in range(6)))
    assert sorted(outcomes) == ["INVITATION_ENDED"] * 5 + ["OK"]
    assert len(await members(cat, house.id)) == 4


async def test_accept_invitation_while_it_is_cancelled_is_one_or_the_other(house: House, cat: Person) -> None:
    for _ in range(4):
        made = await invite(house.ann, house.id, email=cat.email)
        accepted, cancelled = await asyncio.gather(
            outcome_of(accept(cat, made.id)), outcome_of(cancel(house.ann, made))
        )
        assert sorted([accepted, cancelled]) == ["INVITATION_ENDED", "OK"]
        (state,) = [listed.state for listed in await sent(house.ann, house.id) if listed.id == made.id]
        assert state == (ACCEPTED if accepted == "OK" else CANCELLED)
        assert await may_read(cat, house.id) == (accepted == "OK")
        if accepted == "OK":
            await leave(cat, house.id)


async def test_accept_invitation_is_audited_and_raises_the_access_revision(
    house: House, cat: Person, audited: Audited, access_revision: AccessRevision
) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    before, revision = audited(house.id), access_revision(house.id)
    await accept(cat, made.id)
    assert audited(house.id) == [*before, ("member_joined", (await member_of(cat, house.id, cat)).id)]
    assert access_revision(house.id) == revision + 1
