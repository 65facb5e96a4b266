"""What ForgotPassword promises."""

import grpc

from letters import Mails
from people import new_id, read_refusal, refusal_of
from rpc.auth.visitors import Audit, NewVisitor, Visitor
from tallystick_client.v1 import auth_service_pb2 as pb


def request(address: str, request_id: str | None = None) -> pb.ForgotPasswordRequest:
    return pb.ForgotPasswordRequest(request_id=request_id or new_id(), email=address)


async def test_forgot_password_mails_a_token(visitor: Visitor, stranger: Visitor, mails: Mails, audit: Audit) -> None:
    ann = await visitor.sign_up()
    await stranger.auth.ForgotPassword(request(f" {ann.email.upper()} "))
    assert (await mails(ann.email))[-1].token
    assert (await audit(ann.user.id))[-1] == "password_reset_requested"


async def test_forgot_password_writes_to_the_address_as_it_was_registered(visitor: Visitor, mails: Mails) -> None:
    address = await visitor.register(email=f"Ann.{new_id()}@Example.com")
    await visitor.auth.ForgotPassword(request(address.lower()))
    assert len(await mails(address)) == 2
    assert await mails(address.lower()) == []


async def test_forgot_password_answers_alike_for_an_unknown_address(visitor: Visitor, mails: Mails) -> None:
    known, unknown = await visitor.register(), f"{new_id()}@example.com"
    answers = [await visitor.auth.ForgotPassword(request(address)) for address in (known, unknown)]
    assert answers[0].SerializeToString() == answers[1].SerializeToString()
    assert await mails(unknown) == []


async def test_forgot_password_repeated_mails_once(visitor: Visitor, mails: Mails) -> None:
    address = await visitor.register()
    again = request(address)
    for _ in range(3):
        await visitor.auth.ForgotPassword(again)
    assert len(await mails(address)) == 2


async def test_forgot_password_takes_another_spelling_under_one_request_id_for_another_body(visitor: Visitor) -> None:
    address = await visitor.register()
    request_id = new_id()
    await visitor.auth.ForgotPassword(request(address, request_id))
    refusal = await refusal_of(visitor.auth.ForgotPassword(request(address.upper(), request_id)))
    assert refusal.reason == "REQUEST_ID_REUSED"


async def test_forgot_password_does_not_flood_a_mailbox_known_or_not(visitor: Visitor, new_visitor: NewVisitor) -> None:
    for address in (await visitor.register(), f"{new_id()}@example.com"):
        reasons = []
        for _ in range(6):
            try:
                await new_visitor().auth.ForgotPassword(request(address))
            except grpc.aio.AioRpcError as error:
                reasons.append(read_refusal(error).reason)
        assert set(reasons) == {"TOO_MANY_ATTEMPTS"}
