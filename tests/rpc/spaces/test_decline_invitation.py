"""What DeclineInvitation promises."""

from people import Client, Person, new_id, refusal_of, sign_up
from rpc.spaces.conftest import AccessRevision, Audited, Verify
from rpc.spaces.sharing import (
    DECLINED,
    House,
    accept,
    back,
    cancel,
    decline,
    invite,
    may_read,
    received,
    sent,
)
from tallystick_client.v1 import space_service_pb2 as pb
from turned_clock import TurnedClock


async def test_decline_invitation_ends_it(house: House, cat: Person) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    await decline(cat, made.id)
    assert await received(cat) == []
    (declined,) = [listed for listed in await sent(house.ann, house.id) if listed.id == made.id]
    assert (declined.state, declined.uses) == (DECLINED, 0)
    assert (await refusal_of(decline(cat, made.id))).reason == "INVITATION_ENDED"
    assert not await may_read(cat, house.id)


async def test_decline_invitation_of_somebody_else_looks_like_a_missing_one(
    house: House, cat: Person, client: Client, verify: Verify
) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    other = await verify(await sign_up(client, "Dan"))
    foreign, missing = await refusal_of(decline(other, made.id)), await refusal_of(decline(other, new_id()))
    assert foreign.reason == "NOT_FOUND"
    assert foreign.raw == missing.raw
    assert await received(cat) == [made]


async def test_decline_invitation_takes_no_code(house: House, cat: Person) -> None:
    assert (await refusal_of(decline(cat, (await invite(house.ann, house.id)).id))).reason == "NOT_FOUND"


async def test_decline_invitation_needs_a_verified_address(house: House) -> None:
    made = await invite(house.ann, house.id, email=house.bob.email)
    assert (await refusal_of(decline(house.bob, made.id))).reason == "EMAIL_NOT_VERIFIED"


async def test_decline_invitation_that_ended_is_refused(house: House, cat: Person, clock: TurnedClock) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    with clock.later(days=7):
        assert (await refusal_of(decline(await back(cat), made.id))).reason == "INVITATION_ENDED"
    await cancel(house.ann, made)
    assert (await refusal_of(decline(cat, made.id))).reason == "INVITATION_ENDED"
    made = await invite(house.ann, house.id, email=cat.email)
    await accept(cat, made.id)
    assert (await refusal_of(decline(cat, made.id))).reason == "INVITATION_ENDED"
    assert await may_read(cat, house.id)


async def test_decline_invitation_answers_a_repeat_with_the_first_answer(house: House, cat: Person) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    request = pb.DeclineInvitationRequest(request_id=new_id(), invitation_id=made.id)
    assert await cat.spaces.DeclineInvitation(request) == await cat.spaces.DeclineInvitation(request)


async def test_decline_invitation_refuses_a_request_id_that_was_used_for_something_else(
    house: House, cat: Person
) -> None:
    made, request_id = await invite(house.ann, house.id, email=cat.email), new_id()
    await cat.spaces.DeclineInvitation(pb.DeclineInvitationRequest(request_id=request_id, invitation_id=made.id))
    again = await invite(house.ann, house.id, email=cat.email)
    request = pb.DeclineInvitationRequest(request_id=request_id, invitation_id=again.id)
    assert (await refusal_of(cat.spaces.DeclineInvitation(request))).reason == "REQUEST_ID_REUSED"


async def test_decline_invitation_changes_no_access(
    house: House, cat: Person, audited: Audited, access_revision: AccessRevision
) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    before, revision = audited(house.id), access_revision(house.id)
    await decline(cat, made.id)
    assert audited(house.id) == [*before, ("invitation_declined", made.id)]
    assert access_revision(house.id) == revision
