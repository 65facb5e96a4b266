"""What SendVerification promises."""

from letters import Mails
from people import Person, new_id, refusal_of
from rpc.auth.visitors import Visitor
from tallystick_client.v1 import auth_service_pb2 as pb


def request() -> pb.SendVerificationRequest:
    return pb.SendVerificationRequest(request_id=new_id())


async def test_send_verification_mails_another_token_that_works(visitor: Visitor, ann: Person, mails: Mails) -> None:
    await ann.auth.SendVerification(request())
    first, second = await mails(ann.email)
    assert first.token != second.token
    await visitor.auth.VerifyEmail(pb.VerifyEmailRequest(request_id=new_id(), token=second.token))


async def test_send_verification_does_nothing_for_a_verified_address(
    visitor: Visitor, ann: Person, mails: Mails
) -> None:
    await visitor.auth.VerifyEmail(pb.VerifyEmailRequest(request_id=new_id(), token=(await mails(ann.email))[0].token))
    await ann.auth.SendVerification(request())
    assert len(await mails(ann.email)) == 1


async def test_send_verification_repeated_mails_once(ann: Person, mails: Mails) -> None:
    again = request()
    for _ in range(5):
        await ann.auth.SendVerification(again)
    assert len(await mails(ann.email)) == 2


async def test_send_verification_refuses_to_flood(ann: Person) -> None:
    for _ in range(3):
        await ann.auth.SendVerification(request())
    refusal = await refusal_of(ann.auth.SendVerification(request()))
    assert refusal.reason == "TOO_MANY_ATTEMPTS"
    assert refusal.retry_after_s


async def test_send_verification_needs_a_session(visitor: Visitor) -> None:
    assert (await refusal_of(visitor.auth.SendVerification(request()))).reason == "NOT_SIGNED_IN"
