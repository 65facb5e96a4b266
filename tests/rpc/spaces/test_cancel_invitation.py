"""What CancelInvitation promises."""

import pytest

from people import BookOf, Person, new_id, refusal_of
from rpc.spaces.conftest import Audited
from rpc.spaces.sharing import (
    CANCELLED,
    House,
    accept,
    back,
    cancel,
    decline,
    invite,
    join,
    received,
    sent,
)
from tallystick_client.v1 import space_service_pb2 as pb
from turned_clock import TurnedClock


async def test_cancel_invitation_stops_a_code_at_once(house: House) -> None:
    made = await invite(house.ann, house.id, uses_max=5)
    cancelled = await cancel(house.ann, made)
    assert (cancelled.id, cancelled.state, cancelled.code) == (made.id, CANCELLED, made.code)
    assert cancelled.version > made.version
    assert cancelled in await sent(house.ann, house.id)
    assert (await refusal_of(join(house.bob, made.code))).reason == "INVITATION_ENDED"


async def test_cancel_invitation_by_mail_withdraws_it(house: House, cat: Person) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    assert (await cancel(house.ann, made)).state == CANCELLED
    assert await received(cat) == []


@pytest.mark.parametrize("who", ["eve", "vic"])
async def test_cancel_invitation_is_for_owners(house: House, who: str) -> None:
    made = await invite(house.ann, house.id)
    assert (await refusal_of(cancel(getattr(house, who), made))).reason == "ROLE_TOO_LOW"
    assert made in await sent(house.ann, house.id)


async def test_cancel_invitation_that_ended_is_refused(house: House, cat: Person, clock: TurnedClock) -> None:
    used = await invite(house.ann, house.id)
    await join(house.bob, used.code)
    declined = await invite(house.ann, house.id, email=cat.email)
    await decline(cat, declined.id)
    accepted = await invite(house.ann, house.id, email=cat.email)
    await accept(cat, accepted.id)
    cancelled = await invite(house.ann, house.id)
    await cancel(house.ann, cancelled)
    for ended in (used, declined, accepted, cancelled):
        assert (await refusal_of(cancel(house.ann, ended))).reason == "INVITATION_ENDED"
    expired = await invite(house.ann, house.id)
    with clock.later(days=8):
        assert (await refusal_of(cancel(await back(house.ann), expired))).reason == "INVITATION_ENDED"


async def test_cancel_invitation_does_not_know_missing_or_other_spaces_invitations(
    house: House, second: BookOf
) -> None:
    made = await invite(house.ann, house.id)
    made.space_id = second.id
    elsewhere = await refusal_of(cancel(house.ann, made))
    made.id = new_id()
    missing = await refusal_of(cancel(house.ann, made))
    assert elsewhere.reason == "NOT_FOUND"
    assert elsewhere.raw == missing.raw


async def test_cancel_invitation_shows_a_stranger_what_it_shows_of_a_missing_space(house: House) -> None:
    made = await invite(house.ann, house.id)
    foreign = await refusal_of(cancel(house.bob, made))
    made.space_id = new_id()
    missing = await refusal_of(cancel(house.bob, made))
    assert foreign.reason == "NOT_FOUND"
    assert foreign.raw == missing.raw


async def test_cancel_invitation_answers_a_repeat_with_the_first_answer(house: House) -> None:
    made = await invite(house.ann, house.id)
    request = pb.CancelInvitationRequest(request_id=new_id(), space_id=house.id, invitation_id=made.id)
    first = await house.ann.spaces.CancelInvitation(request)
    assert await house.ann.spaces.CancelInvitation(request) == first


async def test_cancel_invitation_refuses_a_request_id_that_was_used_for_something_else(house: House) -> None:
    request_id = new_id()
    made = await invite(house.ann, house.id, request_id=request_id)
    request = pb.CancelInvitationRequest(request_id=request_id, space_id=house.id, invitation_id=made.id)
    assert (await refusal_of(house.ann.spaces.CancelInvitation(request))).reason == "REQUEST_ID_REUSED"


async def test_cancel_invitation_is_audited(house: House, audited: Audited) -> None:
    made = await invite(house.ann, house.id)
    before = audited(house.id)
    await cancel(house.ann, made)
    assert audited(house.id) == [*before, ("invitation_cancelled", made.id)]
