"""What RefreshSession promises."""

import asyncio
from typing import Any

import grpc
import pytest

from letters import Mails
from people import Person, new_id, read_refusal, refusal_of
from rpc.auth.visitors import Audit, Rows, Visitor
from tallystick.app import App
from tallystick_client.v1 import auth_service_pb2 as pb
from turned_clock import TurnedClock


async def refresh(visitor: Visitor, token: str, request_id: str | None = None) -> Any:
    request = pb.RefreshSessionRequest(request_id=request_id or new_id(), refresh_token=token)
    return (await visitor.auth.RefreshSession(request)).tokens


async def outcome_of(call: Any) -> str:
    try:
        return str((await call).refresh_token)
    except grpc.aio.AioRpcError as error:
        return read_refusal(error).reason


async def test_refresh_session_exchanges_the_token_for_the_next_pair(visitor: Visitor, ann: Person) -> None:
    tokens = await refresh(visitor, ann.tokens.refresh_token)
    assert tokens.session_id == ann.tokens.session_id
    assert tokens.refresh_token != ann.tokens.refresh_token
    await visitor.with_token(tokens.access_token).auth.GetMe(pb.GetMeRequest())
    await refresh(visitor, tokens.refresh_token)


async def test_refresh_session_repeated_returns_the_same_successor(visitor: Visitor, ann: Person) -> None:
    request_id = new_id()
    first = await refresh(visitor, ann.tokens.refresh_token, request_id)
    again = await refresh(visitor, ann.tokens.refresh_token, request_id)
    assert again.refresh_token == first.refresh_token
    assert again.refresh_expires_at == first.refresh_expires_at
    await refresh(visitor, again.refresh_token)


async def test_refresh_session_repeated_at_once_returns_the_same_successor(visitor: Visitor, ann: Person) -> None:
    request_id = new_id()
    calls = (refresh(visitor, ann.tokens.refresh_token, request_id) for _ in range(50))
    assert len({tokens.refresh_token for tokens in await asyncio.gather(*calls)}) == 1


async def test_refresh_session_repeated_too_late_fails_but_does_not_end_the_session(
    visitor: Visitor, ann: Person, clock: TurnedClock, server: App
) -> None:
    request_id = new_id()
    tokens = await refresh(visitor, ann.tokens.refresh_token, request_id)
    with clock.later(seconds=61):
        refusal = await refusal_of(refresh(visitor, ann.tokens.refresh_token, request_id))
        assert refusal.reason == "INVALID_REFRESH_TOKEN"
        await server.identity.sweep()
        await refresh(visitor, tokens.refresh_token)


async def test_refresh_session_ends_the_session_of_a_token_that_is_used_again(
    visitor: Visitor, ann: Person, stranger: Visitor, audit: Audit, mails: Mails
) -> None:
    tokens = await refresh(visitor, ann.tokens.refresh_token)
    refusal = await refusal_of(refresh(stranger, ann.tokens.refresh_token))
    assert refusal.reason == "REFRESH_TOKEN_REUSED"
    assert (await refusal_of(refresh(visitor, tokens.refresh_token))).reason == "INVALID_REFRESH_TOKEN"
    me = visitor.with_token(tokens.access_token).auth.GetMe(pb.GetMeRequest())
    assert (await refusal_of(me)).reason == "INVALID_TOKEN"
    assert (await audit(ann.user.id))[-1] == "refresh_token_reused"
    assert "session" in (await mails(ann.email))[-1].subject


async def test_refresh_session_says_the_same_again_about_a_token_that_is_used_again(
    visitor: Visitor, ann: Person, audit: Audit
) -> None:
    await refresh(visitor, ann.tokens.refresh_token)
    request_id = new_id()
    for _ in range(3):
        refusal = await refusal_of(refresh(visitor, ann.tokens.refresh_token, request_id))
        assert refusal.reason == "REFRESH_TOKEN_REUSED"
    assert (await refusal_of(refresh(visitor, ann.tokens.refresh_token))).reason == "REFRESH_TOKEN_REUSED"
    assert (await audit(ann.user.id)).count("refresh_token_reused") == 1


async def test_refresh_session_lets_one_of_fifty_through_and_ends_the_session(
    visitor: Visitor, ann: Person, audit: Audit
) -> None:
    outcomes = await asyncio.gather(
        *(outcome_of(refresh(visitor, ann.tokens.refresh_token)) for _ in range(50)),
    )
    won = [outcome for outcome in outcomes if outcome.startswith("tsr_")]
    assert len(won) == 1
    assert outcomes.count("REFRESH_TOKEN_REUSED") == 49
    assert (await refusal_of(refresh(visitor, won[0]))).reason == "INVALID_REFRESH_TOKEN"
    assert (await audit(ann.user.id)).count("refresh_token_reused") == 1


async def test_refresh_session_of_one_device_leaves_the_others_alone(visitor: Visitor, ann: Person) -> None:
    tablet = await visitor.sign_in(ann.email)
    await refresh(visitor, ann.tokens.refresh_token)
    await refusal_of(refresh(visitor, ann.tokens.refresh_token))
    await refresh(visitor, tablet.tokens.refresh_token)


@pytest.mark.parametrize("token", ["tsr_" + "A" * 43, "x", "tsr_", "'; DROP TABLE session; --"])
async def test_refresh_session_refuses_an_unknown_token(visitor: Visitor, token: str) -> None:
    assert (await refusal_of(refresh(visitor, token))).reason == "INVALID_REFRESH_TOKEN"


async def test_refresh_session_refuses_an_access_token(visitor: Visitor, ann: Person) -> None:
    # Shortened to what the contract lets through.
    assert (await refusal_of(refresh(visitor, ann.tokens.access_token[:200]))).reason == "INVALID_REFRESH_TOKEN"


async def test_refresh_session_refuses_an_expired_token(visitor: Visitor, ann: Person, clock: TurnedClock) -> None:
    with clock.later(days=7, seconds=1):
        assert (await refusal_of(refresh(visitor, ann.tokens.refresh_token))).reason == "INVALID_REFRESH_TOKEN"


async def test_refresh_session_goes_on_for_ninety_days_and_no_longer(
    visitor: Visitor, ann: Person, clock: TurnedClock
) -> None:
    token = ann.tokens.refresh_token
    for day in range(6, 90, 6):
        with clock.later(days=day):
            tokens = await refresh(visitor, token)
            token = tokens.refresh_token
    end = ann.tokens.refresh_expires_at.ToDatetime()
    assert (tokens.refresh_expires_at.ToDatetime() - end).days == 83
    with clock.later(days=90, seconds=1):
        assert (await refusal_of(refresh(visitor, token))).reason == "INVALID_REFRESH_TOKEN"


async def test_refresh_session_refuses_after_signing_out(visitor: Visitor, ann: Person) -> None:
    await ann.auth.Logout(pb.LogoutRequest(request_id=new_id()))
    assert (await refusal_of(refresh(visitor, ann.tokens.refresh_token))).reason == "INVALID_REFRESH_TOKEN"


async def test_refresh_session_refuses_the_lost_reply_of_an_ended_session(visitor: Visitor, ann: Person) -> None:
    request_id = new_id()
    tokens = await refresh(visitor, ann.tokens.refresh_token, request_id)
    await visitor.with_token(tokens.access_token).auth.Logout(pb.LogoutRequest(request_id=new_id()))
    refusal = await refusal_of(refresh(visitor, ann.tokens.refresh_token, request_id))
    assert refusal.reason == "INVALID_REFRESH_TOKEN"


async def test_refresh_session_keeps_no_token_readable(visitor: Visitor, ann: Person, rows: Rows) -> None:
    tokens = await refresh(visitor, ann.tokens.refresh_token)
    for table in ("refresh_token", "answer_apart", "session"):
        dump = str(await rows(f'SELECT "{table}"::text FROM "{table}"'))
        for token in (ann.tokens.refresh_token, tokens.refresh_token):
            assert token not in dump
            assert token.encode().hex() not in dump
