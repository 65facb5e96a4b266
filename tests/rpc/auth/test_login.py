"""What Login promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from letters import Mails
from people import PASSWORD, Person, new_id, refusal_of
from rpc.auth.visitors import Audit, NewVisitor, Rows, Visitor
from tallystick.app import App
from tallystick_client.v1 import auth_service_pb2 as pb
from turned_clock import TurnedClock


async def test_login_returns_the_user_and_tokens_that_work(visitor: Visitor, audit: Audit) -> None:
    address = await visitor.register()
    ann = await visitor.sign_in(address)
    assert ann.user.email == address
    assert (await ann.auth.GetMe(pb.GetMeRequest())).user == ann.user
    lifetime = ann.tokens.refresh_expires_at.ToDatetime() - ann.tokens.access_expires_at.ToDatetime()
    assert timedelta(days=6) < lifetime < timedelta(days=7)
    assert (await audit(ann.user.id))[-1] == "signed_in"


async def test_login_finds_the_address_in_another_spelling(visitor: Visitor) -> None:
    address = await visitor.register()
    assert (await visitor.login(f"  {address.upper()} ")).user.email == address


async def test_login_fails_alike_for_an_unknown_address_and_a_wrong_password(visitor: Visitor) -> None:
    address = await visitor.register()
    wrong = await refusal_of(visitor.login(address, "wrong password"))
    unknown = await refusal_of(visitor.login(f"{new_id()}@example.com", PASSWORD))
    assert wrong.reason == "WRONG_CREDENTIALS"
    assert wrong.raw == unknown.raw


async def test_login_compares_a_password_for_an_unknown_address_too(visitor: Visitor, server: App) -> None:
    passwords = server.identity.parts.passwords
    before = passwords.comparisons
    await refusal_of(visitor.login(f"{new_id()}@example.com"))
    assert passwords.comparisons == before + 1


async def test_login_compares_a_password_that_nobody_can_have(visitor: Visitor, server: App) -> None:
    address = await visitor.register()
    passwords = server.identity.parts.passwords
    before = passwords.comparisons
    for password in ("x" * 73, "nul\0inside", "ü" * 500):
        assert (await refusal_of(visitor.login(address, password))).reason == "WRONG_CREDENTIALS"
    assert passwords.comparisons == before + 3


async def test_login_repeated_returns_the_first_session(visitor: Visitor) -> None:
    address = await visitor.register()
    request = pb.LoginRequest(request_id=new_id(), email=address, password=PASSWORD, device_name="phone")
    first, second = await visitor.auth.Login(request), await visitor.auth.Login(request)
    assert first == second
    ann = visitor.with_token(first.tokens.access_token)
    assert len((await ann.auth.ListSessions(pb.ListSessionsRequest())).sessions) == 1


async def test_login_repeated_at_once_makes_one_session(visitor: Visitor) -> None:
    address = await visitor.register()
    request = pb.LoginRequest(request_id=new_id(), email=address, password=PASSWORD)
    first, *others = await asyncio.gather(*(visitor.auth.Login(request) for _ in range(4)))
    assert all(other == first for other in others)


async def test_login_repeated_after_an_hour_no_longer_tells_its_secrets(
    visitor: Visitor, clock: TurnedClock, server: App
) -> None:
    address = await visitor.register()
    request = pb.LoginRequest(request_id=new_id(), email=address, password=PASSWORD)
    await visitor.auth.Login(request)
    with clock.later(minutes=61):
        assert (await refusal_of(visitor.auth.Login(request))).reason == "ANSWER_EXPIRED"
        await server.identity.sweep()
    assert (await refusal_of(visitor.auth.Login(request))).reason == "ANSWER_EXPIRED"


async def test_login_refuses_another_body_under_one_request_id(visitor: Visitor) -> None:
    address = await visitor.register()
    request_id = new_id()
    await visitor.login(address, request_id=request_id)
    refusal = await refusal_of(visitor.login(address, request_id=request_id, device_name="tablet"))
    assert refusal.reason == "REQUEST_ID_REUSED"


async def test_login_keeps_the_device_token_of_a_device_that_it_knows(visitor: Visitor, bob: Person) -> None:
    ann = await visitor.sign_up()
    again = await visitor.login(ann.email, device_token=ann.device_token)
    assert again.device_token == ann.device_token
    foreign = await visitor.login(ann.email, device_token=bob.device_token)
    assert foreign.device_token not in ("", bob.device_token)


async def test_login_makes_somebody_who_guesses_wait_ever_longer(
    visitor: Visitor, stranger: Visitor, clock: TurnedClock
) -> None:
    address = await visitor.register()
    waits = []
    passed = 0.0
    for _ in range(12):
        with clock.later(seconds=passed):
            refusal = await refusal_of(stranger.login(address, "a guess"))
            if refusal.reason == "TOO_MANY_ATTEMPTS":
                waits.append(refusal.retry_after_s or 0)
                passed += refusal.retry_after_s or 0
    assert len(waits) >= 3
    assert waits == sorted(waits)
    assert waits[-1] > 2 * waits[0]


async def test_login_does_not_look_at_the_password_of_whoever_must_wait(
    visitor: Visitor, stranger: Visitor, server: App
) -> None:
    address = await visitor.register()
    for _ in range(6):
        await refusal_of(stranger.login(address, "a guess"))
    before = server.identity.parts.passwords.comparisons
    assert (await refusal_of(stranger.login(address))).reason == "TOO_MANY_ATTEMPTS"
    assert server.identity.parts.passwords.comparisons == before


async def test_login_counts_guesses_made_at_once(visitor: Visitor, stranger: Visitor, server: App) -> None:
    address = await visitor.register()
    before = server.identity.parts.passwords.comparisons
    refusals = await asyncio.gather(*(refusal_of(stranger.login(address, f"guess {n}")) for n in range(40)))
    looked_at = server.identity.parts.passwords.comparisons - before
    assert looked_at <= server.identity.throttle.limits.pair.free + 1
    assert [refusal.reason for refusal in refusals].count("TOO_MANY_ATTEMPTS") == 40 - looked_at


async def test_login_lets_a_known_device_in_while_strangers_guess(visitor: Visitor, new_visitor: NewVisitor) -> None:
    ann = await visitor.sign_up()
    for _ in range(5):
        guesser = new_visitor()
        await asyncio.gather(*(refusal_of(guesser.login(ann.email, f"guess {n}")) for n in range(10)))
    newcomer = new_visitor()
    assert (await refusal_of(newcomer.login(ann.email))).reason == "TOO_MANY_ATTEMPTS"
    assert (await newcomer.login(ann.email, device_token=ann.device_token)).user == ann.user


async def test_login_makes_a_known_device_that_guesses_wait_too(visitor: Visitor) -> None:
    ann = await visitor.sign_up()
    reasons = [
        (await refusal_of(visitor.login(ann.email, "a guess", device_token=ann.device_token))).reason for _ in range(8)
    ]
    assert "TOO_MANY_ATTEMPTS" in reasons


async def test_login_forgets_the_mistakes_of_somebody_who_then_gets_it_right(visitor: Visitor) -> None:
    address = await visitor.register()
    for _ in range(3):
        for _ in range(3):
            assert (await refusal_of(visitor.login(address, "mistyped"))).reason == "WRONG_CREDENTIALS"
        await visitor.login(address)


async def test_login_blocks_an_address_that_tries_many_accounts(
    visitor: Visitor, stranger: Visitor, new_visitor: NewVisitor, clock: TurnedClock
) -> None:
    addresses = [await new_visitor().register() for _ in range(6)]
    for n in range(20):
        refusal = await refusal_of(stranger.login(addresses[n % 6], "a guess"))
        assert refusal.reason == "WRONG_CREDENTIALS"
    blocked = await refusal_of(stranger.login(addresses[0]))
    assert blocked.reason == "TOO_MANY_ATTEMPTS"
    assert 14 * 60 < (blocked.retry_after_s or 0) <= 15 * 60
    await new_visitor().login(addresses[0])
    with clock.later(minutes=16):
        await stranger.login(addresses[0])


async def test_login_ends_the_oldest_of_a_hundred_sessions(visitor: Visitor, rows: Rows, server: App) -> None:
    ann = await visitor.sign_up()
    sql = (
        "INSERT INTO session (id, user_id, device_name_sealed, last_used_at, expires_at, family_expires_at) "
        "SELECT gen_random_uuid(), %s, ''::bytea, now() - interval '1 day', now() + interval '5 days', "
        "now() + interval '9 days' FROM generate_series(1, 99)"
    )
    await rows(sql, ann.user.id)
    await visitor.login(ann.email)
    live = "SELECT count(*) FROM session WHERE user_id = %s AND ended_at IS NULL"
    assert (await rows(live, ann.user.id))[0][0] == 100
    await ann.auth.GetMe(pb.GetMeRequest())


async def test_login_refuses_an_unverified_address_where_the_operator_wants_it_verified(
    visitor: Visitor, server: App, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:

    address = await visitor.register()
    sessions = server.identity.service._sessions
    strict = replace(sessions._parts, settings=replace(sessions._parts.settings, require_verified_email=True))
    monkeypatch.setattr(sessions, "_parts", strict)
    assert (await refusal_of(visitor.login(address))).reason == "EMAIL_NOT_VERIFIED"
    first, again = await mails(address)
    await visitor.auth.VerifyEmail(pb.VerifyEmailRequest(request_id=new_id(), token=again.token))
    await visitor.login(address)


async def test_login_hashes_the_password_again_when_the_cost_has_changed(
    visitor: Visitor, server: App, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await visitor.sign_up()
    passwords = server.identity.parts.passwords
    monkeypatch.setattr(passwords, "cost", 5)
    await visitor.login(ann.email)
    await visitor.login(ann.email)
    ((stored, version),) = await rows(
        "SELECT password_hash, password_version FROM login WHERE user_id = %s", ann.user.id
    )
    assert stored.startswith("$2b$05$")
    assert version == 1
