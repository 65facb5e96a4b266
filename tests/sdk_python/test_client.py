"""A client of the real server: signing in, staying signed in, and signing out."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest

import tallystick_client as sdk
from people import PASSWORD, BookOf, Person
from sdk_python.test_crashes import TOP
from tallystick_client import Client, FileTokens, MemoryTokens, Tokens
from tallystick_client.v1.auth_service_pb2 import GetMeRequest, ListSessionsRequest
from tallystick_client.v1.ledger_service_pb2 import (
    CreateTransactionRequest,
    GetTransactionRequest,
    ListTransactionsRequest,
)
from turned_clock import TurnedClock

T = TypeVar("T")


async def apart(story: Callable[[], T]) -> T:
    """In a thread: the server runs in the loop of the test."""
    return await asyncio.to_thread(story)


class CountingTokens(MemoryTokens):
    """Knows which refresh tokens were saved."""

    def __init__(self) -> None:
        super().__init__()
        self.saved: list[str] = []

    def save(self, tokens: Tokens) -> None:
        super().save(tokens)
        self.saved.append(tokens.refresh_token)


async def test_signing_in_and_out(address: str, ann: Person, tmp_path: Path) -> None:
    store = FileTokens(tmp_path / "tokens")

    def story() -> None:
        with Client(address, store) as client:
            assert client.sign_in(ann.email, PASSWORD, "phone").user.id == ann.user.id
            assert client.tokens.user_id == ann.user.id
        assert (tmp_path / "tokens").stat().st_mode & 0o077 == 0
        # The next start of the app.
        with Client(address, FileTokens(tmp_path / "tokens")) as client:
            sessions = client.auth.ListSessions(ListSessionsRequest()).sessions
            assert [each.device_name for each in sessions if each.current] == ["phone"]
            device_token = client.tokens.device_token
            client.sign_out()
            with pytest.raises(sdk.Unauthenticated) as caught:
                client.auth.GetMe(GetMeRequest())
            assert caught.value.reason == "NOT_SIGNED_IN"
            assert store.load() == Tokens(device_token=device_token)
            # Signing out twice, or after the session has ended, is no error.
            client.sign_out()

    await apart(story)


async def test_a_wrong_password_says_so(address: str, ann: Person) -> None:
    def story() -> None:
        with Client(address) as client, pytest.raises(sdk.Unauthenticated) as caught:
            client.sign_in(ann.email, "wrong horse battery")
        assert caught.value.reason == "WRONG_CREDENTIALS"
        assert client.tokens == Tokens()

    await apart(story)


async def test_many_threads_with_an_expired_token_refresh_once(address: str, ann: Person, clock: TurnedClock) -> None:
    store = CountingTokens()

    def story() -> None:
        with Client(address, store) as client:
            client.sign_in(ann.email, PASSWORD)
            began_with = client.tokens
            store.saved.clear()
            at_once = threading.Barrier(8)

            def call(_: int) -> str:
                at_once.wait()
                return client.auth.GetMe(GetMeRequest()).user.id

            with clock.later(hours=1), ThreadPoolExecutor(8) as pool:
                assert set(pool.map(call, range(8))) == {ann.user.id}
            # One refresh: saved before, with its request id, and after, with its answer.
            assert len(store.saved) == 2
            assert store.saved[0] == began_with.refresh_token
            assert store.saved[1] == client.tokens.refresh_token != began_with.refresh_token
            assert client.tokens.session_id == began_with.session_id

    await apart(story)


PROGRAM = """
import sys
from pathlib import Path
from tallystick_client import Client, FileTokens
from tallystick_client.v1.auth_service_pb2 import GetMeRequest
client = Client(sys.argv[1], FileTokens(Path(sys.argv[2])))
print("ready", flush=True)
sys.stdin.readline()
print(client.auth.GetMe(GetMeRequest()).user.id, client.tokens.session_id)
client.close()
"""


async def test_processes_that_share_a_token_file_refresh_once(
    address: str, ann: Person, clock: TurnedClock, tmp_path: Path
) -> None:
    """Two refreshes of one token would look like theft, and end the session."""
    path = tmp_path / "tokens"

    def story() -> None:
        with Client(address, FileTokens(path)) as client:
            client.sign_in(ann.email, PASSWORD)
            words = [sys.executable, "-c", PROGRAM, address, str(path)]
            place = {"PYTHONPATH": str(TOP / "sdk/python")}
            pipe = subprocess.PIPE
            apps = [subprocess.Popen(words, env=place, stdin=pipe, stdout=pipe, text=True) for _ in range(3)]
            for app in apps:
                assert app.stdout is not None
                assert app.stdout.readline() == "ready\n"
            with clock.later(hours=1):
                for app in apps:
                    assert app.stdin is not None
                    app.stdin.write("go\n")
                    app.stdin.flush()
                said = {app.communicate(timeout=30)[0] for app in apps}
                assert said == {f"{ann.user.id} {client.tokens.session_id}\n"}
                assert client.auth.GetMe(GetMeRequest()).user.id == ann.user.id

    await apart(story)


async def test_a_session_that_was_ended_elsewhere(address: str, ann: Person) -> None:
    def story() -> None:
        with Client(address) as client, Client(address) as other:
            for each in (client, other):
                each.sign_in(ann.email, PASSWORD)
            client.sign_out()
            assert other.auth.GetMe(GetMeRequest()).user.id == ann.user.id

    await apart(story)


async def test_errors_have_families_and_reasons(address: str, home: BookOf) -> None:
    def story() -> None:
        with Client(address) as client:
            client.sign_in(home.person.email, PASSWORD)
            with pytest.raises(sdk.NotFound) as missing:
                client.ledger.GetTransaction(GetTransactionRequest(book_id=home.id, transaction_id=str(uuid4())))
            assert missing.value.reason == "NOT_FOUND"
            broken = home.expense(booked_on="tomorrow")
            with pytest.raises(sdk.InvalidArgument) as invalid:
                client.ledger.CreateTransaction(CreateTransactionRequest.FromString(broken.SerializeToString()))
            assert [each.field for each in invalid.value.violations] == ["booked_on"]

    await apart(story)


async def test_each_goes_through_all_pages(address: str, home: BookOf) -> None:
    made = [(await home.spend()).transaction.id for _ in range(5)]

    def story() -> list[str]:
        with Client(address) as client:
            client.sign_in(home.person.email, PASSWORD)
            request = ListTransactionsRequest(book_id=home.id, page_size=2)
            return [each.id for each in sdk.each(client.ledger.ListTransactions, request)]

    assert sorted(await apart(story)) == sorted(made)


def test_a_token_file_of_another_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text(json.dumps({"access_token": "a", "of_tomorrow": 1}))
    assert FileTokens(path).load() == Tokens(access_token="a")
