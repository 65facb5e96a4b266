"""Who is told of a sign-in? Whose account it is, where the device is new, but for the very first one."""

import asyncio
from typing import Any

import pytest

from inbox import NEW_DEVICE, listed
from people import PASSWORD, Person, new_id, refusal_of, sign_in
from tallystick.app import App
from tallystick.jobs.due.job import PUT_OFF
from tallystick.notifications.due.devices import NewDevices
from tallystick_client.v1.auth_service_pb2 import LoginRequest
from turned_clock import TurnedClock


async def told(server: App, person: Person) -> list[Any]:
    await server.notifications.devices.run()
    return (await listed(person, NEW_DEVICE))[::-1]


async def test_a_new_device_is_told_and_the_first_one_is_not(server: App, ann: Person) -> None:
    assert await told(server, ann) == []
    other = await sign_in(ann.client, ann.email)
    (one,) = await told(server, ann)
    said = one.new_device
    assert (said.session_id, said.device_name) == (other.tokens.session_id, "test")
    assert (said.HasField("signed_in_at"), one.space_id) == (True, "")


async def test_a_known_device_is_not_told(server: App, ann: Person) -> None:
    again = await sign_in(ann.client, ann.email, device_token=ann.device_token)
    assert await told(server, again) == []


async def test_a_token_of_somebody_else_s_device_is_no_known_device(server: App, ann: Person, bob: Person) -> None:
    await sign_in(ann.client, ann.email, device_token=bob.device_token)
    assert (len(await told(server, ann)), await told(server, bob)) == (1, [])


async def test_one_sign_in_is_told_once(server: App, ann: Person) -> None:
    request = LoginRequest(request_id=new_id(), email=ann.email, password=PASSWORD, device_name="test")
    for _ in range(2):
        await ann.client.auth.Login(request)
    again = [NewDevices(server.store, server.apart, server.notifications.raising, server.identity.parts.keyed)]
    await asyncio.gather(*(job.run() for job in (server.notifications.devices, *again)))
    assert len(await told(server, ann)) == 1


async def test_a_wrong_password_is_not_told(server: App, ann: Person) -> None:
    request = LoginRequest(request_id=new_id(), email=ann.email, password="wrong horse", device_name="x")
    assert (await refusal_of(ann.client.auth.Login(request))).reason == "WRONG_CREDENTIALS"
    assert await told(server, ann) == []


async def test_a_sign_in_that_could_not_be_told_is_told_later(
    server: App, ann: Person, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note of it goes only after it was told."""
    await sign_in(ann.client, ann.email)
    jobs = server.notifications
    with monkeypatch.context() as patch:
        patch.setattr(jobs.raising, "raise_notice", _fail)
        await jobs.devices.run()
    assert await told(server, ann) == []
    with clock.later(seconds=PUT_OFF.total_seconds() + 1):
        await jobs.devices.run()
    assert len(await told(server, ann)) == 1


async def _fail(*_: Any) -> None:
    raise ConnectionError
