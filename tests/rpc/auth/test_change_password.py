"""What ChangePassword promises."""

import pytest

from letters import Mails
from people import PASSWORD, Person, new_id, refusal_of
from rpc.auth.visitors import Audit, NewVisitor, Visitor
from tallystick_client.v1 import auth_service_pb2 as pb

NEW = "a new password"


def request(current: str = PASSWORD, new: str = NEW, request_id: str | None = None) -> pb.ChangePasswordRequest:
    return pb.ChangePasswordRequest(request_id=request_id or new_id(), current_password=current, new_password=new)


async def test_change_password_ends_every_other_session(
    visitor: Visitor, ann: Person, mails: Mails, audit: Audit
) -> None:
    tablet = await visitor.sign_in(ann.email)
    await ann.auth.ChangePassword(request())
    await ann.auth.GetMe(pb.GetMeRequest())
    assert (await refusal_of(tablet.auth.GetMe(pb.GetMeRequest()))).reason == "INVALID_TOKEN"
    assert (await refusal_of(visitor.login(ann.email))).reason == "WRONG_CREDENTIALS"
    await visitor.login(ann.email, NEW)
    assert "password_changed" in await audit(ann.user.id)
    assert "changed" in (await mails(ann.email))[-1].subject


async def test_change_password_repeated_succeeds_although_the_current_password_has_changed(
    ann: Person, audit: Audit
) -> None:
    again = request()
    for _ in range(3):
        await ann.auth.ChangePassword(again)
    assert (await audit(ann.user.id)).count("password_changed") == 1


async def test_change_password_refuses_another_body_under_one_request_id(ann: Person) -> None:
    first = request()
    await ann.auth.ChangePassword(first)
    other = request(NEW, "yet another one", first.request_id)
    assert (await refusal_of(ann.auth.ChangePassword(other))).reason == "REQUEST_ID_REUSED"


async def test_change_password_refuses_the_wrong_password_and_then_whoever_guesses_it(
    visitor: Visitor, ann: Person, new_visitor: NewVisitor
) -> None:
    reasons = [(await refusal_of(ann.auth.ChangePassword(request("a guess")))).reason for _ in range(8)]
    assert reasons[0] == "WRONG_CREDENTIALS"
    assert reasons[-1] == "TOO_MANY_ATTEMPTS"
    await new_visitor().login(ann.email)


@pytest.mark.parametrize("password", ["short", "x" * 73, "ü" * 37, "nul\0inside"])
async def test_change_password_refuses_a_password_that_cannot_be_one(ann: Person, password: str) -> None:
    refusal = await refusal_of(ann.auth.ChangePassword(request(new=password)))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("new_password",))


async def test_change_password_needs_a_session(visitor: Visitor) -> None:
    assert (await refusal_of(visitor.auth.ChangePassword(request()))).reason == "NOT_SIGNED_IN"
