"""What ResetPassword promises."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import grpc
import pytest

from letters import Mails
from people import PASSWORD, Person, new_id, read_refusal, refusal_of
from rpc.auth.visitors import Audit, Visitor
from tallystick_client.v1 import auth_service_pb2 as pb
from turned_clock import TurnedClock

TokenFor: TypeAlias = Callable[[str], Awaitable[str]]

NEW = "a new password"


def request(token: str, password: str = NEW, request_id: str | None = None) -> pb.ResetPasswordRequest:
    return pb.ResetPasswordRequest(request_id=request_id or new_id(), token=token, new_password=password)


@pytest.fixture
def token_for(visitor: Visitor, mails: Mails) -> TokenFor:
    async def ask(address: str) -> str:
        await visitor.auth.ForgotPassword(pb.ForgotPasswordRequest(request_id=new_id(), email=address))
        return (await mails(address))[-1].token

    return ask


async def test_reset_password_sets_the_password_and_ends_every_session(
    visitor: Visitor, ann: Person, token_for: TokenFor, mails: Mails, audit: Audit
) -> None:
    await visitor.auth.ResetPassword(request(await token_for(ann.email)))
    assert (await refusal_of(visitor.login(ann.email, PASSWORD))).reason == "WRONG_CREDENTIALS"
    await visitor.login(ann.email, NEW)
    assert (await refusal_of(ann.auth.GetMe(pb.GetMeRequest()))).reason == "INVALID_TOKEN"
    refresh = pb.RefreshSessionRequest(request_id=new_id(), refresh_token=ann.tokens.refresh_token)
    assert (await refusal_of(visitor.auth.RefreshSession(refresh))).reason == "INVALID_REFRESH_TOKEN"
    assert "password_reset" in await audit(ann.user.id)
    assert "changed" in (await mails(ann.email))[-1].subject


async def test_reset_password_repeated_succeeds_and_does_it_once(
    visitor: Visitor, ann: Person, token_for: TokenFor, audit: Audit
) -> None:
    again = request(await token_for(ann.email))
    for _ in range(3):
        await visitor.auth.ResetPassword(again)
    assert (await audit(ann.user.id)).count("password_reset") == 1


async def test_reset_password_refuses_another_body_under_one_request_id(
    visitor: Visitor, ann: Person, token_for: TokenFor
) -> None:
    first = request(await token_for(ann.email))
    await visitor.auth.ResetPassword(first)
    other = request(first.token, "yet another one", first.request_id)
    assert (await refusal_of(visitor.auth.ResetPassword(other))).reason == "REQUEST_ID_REUSED"


async def test_reset_password_takes_a_token_once(visitor: Visitor, ann: Person, token_for: TokenFor) -> None:
    token = await token_for(ann.email)
    outcomes = await asyncio.gather(
        *(visitor.auth.ResetPassword(request(token, f"password {n}")) for n in range(8)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, grpc.aio.AioRpcError)]
    assert len(refused) == 7
    assert {read_refusal(outcome).reason for outcome in refused} == {"INVALID_MAIL_TOKEN"}


async def test_reset_password_refuses_an_expired_token(
    visitor: Visitor, ann: Person, token_for: TokenFor, clock: TurnedClock
) -> None:
    token = await token_for(ann.email)
    with clock.later(minutes=30, seconds=1):
        assert (await refusal_of(visitor.auth.ResetPassword(request(token)))).reason == "INVALID_MAIL_TOKEN"


async def test_reset_password_refuses_a_token_from_before_another_change_of_password(
    visitor: Visitor, ann: Person, token_for: TokenFor
) -> None:
    old, new = await token_for(ann.email), await token_for(ann.email)
    await visitor.auth.ResetPassword(request(new))
    assert (await refusal_of(visitor.auth.ResetPassword(request(old)))).reason == "INVALID_MAIL_TOKEN"


async def test_reset_password_refuses_the_token_of_another_purpose(visitor: Visitor, mails: Mails) -> None:
    address = await visitor.register()
    token = (await mails(address))[0].token
    assert (await refusal_of(visitor.auth.ResetPassword(request(token)))).reason == "INVALID_MAIL_TOKEN"


async def test_reset_password_refuses_unknown_tokens_and_then_whoever_guesses_them(visitor: Visitor) -> None:
    reasons = [(await refusal_of(visitor.auth.ResetPassword(request(f"tsm_{n}")))).reason for n in range(21)]
    assert reasons[0] == "INVALID_MAIL_TOKEN"
    assert reasons[-1] == "TOO_MANY_ATTEMPTS"


@pytest.mark.parametrize("password", ["short", "x" * 73, "ü" * 37, "nul\0inside"])
async def test_reset_password_refuses_a_password_that_cannot_be_one_and_leaves_the_token_good(
    visitor: Visitor, ann: Person, token_for: TokenFor, password: str
) -> None:
    token = await token_for(ann.email)
    refusal = await refusal_of(visitor.auth.ResetPassword(request(token, password)))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("new_password",))
    await visitor.auth.ResetPassword(request(token))


async def test_reset_password_makes_devices_unknown(visitor: Visitor, ann: Person, token_for: TokenFor) -> None:
    await visitor.auth.ResetPassword(request(await token_for(ann.email)))
    again = await visitor.login(ann.email, NEW, device_token=ann.device_token)
    assert again.device_token != ann.device_token
