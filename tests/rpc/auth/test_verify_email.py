"""What VerifyEmail promises."""

import asyncio

from letters import Mails
from people import Person, new_id, refusal_of
from rpc.auth.visitors import Audit, Visitor
from tallystick_client.v1 import auth_service_pb2 as pb
from turned_clock import TurnedClock


def request(token: str, request_id: str | None = None) -> pb.VerifyEmailRequest:
    return pb.VerifyEmailRequest(request_id=request_id or new_id(), token=token)


async def test_verify_email_proves_the_address(visitor: Visitor, ann: Person, mails: Mails, audit: Audit) -> None:
    await visitor.auth.VerifyEmail(request((await mails(ann.email))[0].token))
    me = (await ann.auth.GetMe(pb.GetMeRequest())).user
    assert me.email_verified
    assert me.version > ann.user.version
    assert (await audit(ann.user.id))[-1] == "email_verified"


async def test_verify_email_repeated_succeeds(visitor: Visitor, ann: Person, mails: Mails, audit: Audit) -> None:
    again = request((await mails(ann.email))[0].token)
    for _ in range(3):
        await visitor.auth.VerifyEmail(again)
    assert (await audit(ann.user.id)).count("email_verified") == 1


async def test_verify_email_takes_a_token_once(visitor: Visitor, ann: Person, mails: Mails) -> None:
    token = (await mails(ann.email))[0].token
    outcomes = await asyncio.gather(
        *(visitor.auth.VerifyEmail(request(token)) for _ in range(5)), return_exceptions=True
    )
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert (await refusal_of(visitor.auth.VerifyEmail(request(token)))).reason == "INVALID_MAIL_TOKEN"


async def test_verify_email_refuses_another_body_under_one_request_id(
    visitor: Visitor, ann: Person, mails: Mails
) -> None:
    await ann.auth.SendVerification(pb.SendVerificationRequest(request_id=new_id()))
    first, second = await mails(ann.email)
    done = request(first.token)
    await visitor.auth.VerifyEmail(done)
    other = request(second.token, done.request_id)
    assert (await refusal_of(visitor.auth.VerifyEmail(other))).reason == "REQUEST_ID_REUSED"


async def test_verify_email_refuses_an_expired_token(
    visitor: Visitor, ann: Person, mails: Mails, clock: TurnedClock
) -> None:
    token = (await mails(ann.email))[0].token
    with clock.later(days=3, seconds=1):
        assert (await refusal_of(visitor.auth.VerifyEmail(request(token)))).reason == "INVALID_MAIL_TOKEN"


async def test_verify_email_refuses_the_token_of_another_purpose(visitor: Visitor, ann: Person, mails: Mails) -> None:
    await visitor.auth.ForgotPassword(pb.ForgotPasswordRequest(request_id=new_id(), email=ann.email))
    token = (await mails(ann.email))[-1].token
    assert (await refusal_of(visitor.auth.VerifyEmail(request(token)))).reason == "INVALID_MAIL_TOKEN"


async def test_verify_email_refuses_unknown_tokens_and_then_whoever_guesses_them(visitor: Visitor) -> None:
    reasons = [(await refusal_of(visitor.auth.VerifyEmail(request(f"tsm_{n}")))).reason for n in range(21)]
    assert reasons[0] == "INVALID_MAIL_TOKEN"
    assert reasons[-1] == "TOO_MANY_ATTEMPTS"


async def test_verify_email_refuses_a_token_from_before_a_change_of_password(
    visitor: Visitor, ann: Person, mails: Mails
) -> None:
    token = (await mails(ann.email))[0].token
    await ann.auth.ChangePassword(
        pb.ChangePasswordRequest(request_id=new_id(), current_password=ann.password, new_password="another one")
    )
    assert (await refusal_of(visitor.auth.VerifyEmail(request(token)))).reason == "INVALID_MAIL_TOKEN"
