"""Whom bearer tokens belong to, and for how long that is remembered."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from people import Client, Person, sign_up
from tallystick.errors import NotSignedIn
from tallystick.identity import credentials as module
from tallystick.identity.credentials import Credentials
from tallystick.identity.parts import Parts
from turned_clock import TurnedClock


@pytest.fixture
async def ann(client: Client) -> Person:
    return await sign_up(client, "Ann")


async def test_caller_of_names_user_home_session_and_address(parts: Parts, ann: Person) -> None:
    found = await parts.credentials.caller_of(ann.tokens.access_token, "192.0.2.1")
    assert (str(found.user_id), str(found.home_id)) == (ann.user.id, ann.user.home_id)
    assert str(found.session_id) == ann.tokens.session_id
    assert (found.address, found.key_limits) == ("192.0.2.1", None)
    again = await parts.credentials.caller_of(ann.tokens.access_token, "192.0.2.2")
    assert again.address == "192.0.2.2"
    assert found.address == "192.0.2.1"


async def test_caller_of_asks_the_database_once_in_a_while(
    parts: Parts, ann: Person, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    original = parts.apart.fetch

    async def fetch(call: Any) -> Any:
        asked.append(call)
        return await original(call)

    monkeypatch.setattr(parts.apart, "fetch", fetch)
    for _ in range(100):
        await parts.credentials.caller_of(ann.tokens.access_token, "192.0.2.1")
    assert len(asked) <= 1
    with clock.later(seconds=31):
        await parts.credentials.caller_of(ann.tokens.access_token, "192.0.2.1")
        assert len(asked) <= 2


async def test_caller_of_does_not_remember_an_answer_from_before_the_session_ended(
    parts: Parts, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials, token = parts.credentials, ann.tokens.access_token
    original, looked = parts.apart.fetch, asyncio.Event()
    ended = asyncio.Event()

    async def slow(call: Any) -> Any:
        rows = await original(call)
        looked.set()
        await ended.wait()
        return rows

    monkeypatch.setattr(parts.apart, "fetch", slow)
    call = asyncio.create_task(credentials.caller_of(token, "192.0.2.1"))
    await looked.wait()
    credentials.forget_session(UUID(ann.tokens.session_id))
    ended.set()
    await call
    assert len([known for known in credentials._known.values() if str(known.caller.user_id) == ann.user.id]) == 0


async def test_caller_of_remembers_only_so_many(parts: Parts, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CACHED_MAX", 3)
    credentials = Credentials(parts.store, parts.apart, parts.tokens, parts.credentials._session_check)
    people = [await sign_up(client) for _ in range(5)]
    for person in people:
        await credentials.caller_of(person.tokens.access_token, "")
    assert len(credentials._known) == 3


async def test_caller_of_remembers_no_failure_and_no_token_itself(parts: Parts, ann: Person) -> None:
    with pytest.raises(NotSignedIn):
        await parts.credentials.caller_of("tsk_" + "B" * 43, "")
    await parts.credentials.caller_of(ann.tokens.access_token, "")
    assert all(isinstance(key, bytes) and len(key) == 32 for key in parts.credentials._known)


async def test_caller_of_takes_characters_that_no_token_has(parts: Parts) -> None:
    for bearer in ("\ud800", "é" * 100, "\0"):
        with pytest.raises(NotSignedIn):
            await parts.credentials.caller_of(bearer, "")
