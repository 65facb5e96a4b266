"""Does the Python SDK do what sdk/README.md says of it when things go wrong? What is not told in the tests of calls and of watching."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest

import tallystick_client as sdk
from runtime.probes import until
from sdk_python.copies import tag
from sdk_python.pages import BOOK, account, category, change_of, some_id
from sdk_python.scripted import Failure, Script, serving
from sdk_python.test_calls import fresh
from tallystick_client import Client, MemoryTokens, Retries, Tokens, session
from tallystick_client.offline import News, OfflineBook, Watcher
from tallystick_client.offline.watching import What
from tallystick_client.v1.auth_service_pb2 import GetMeRequest, GetMeResponse
from tallystick_client.v1.ledger_pb2 import Account, Category
from tallystick_client.v1.sync_service_pb2 import (
    PullResponse,
    WatchBehind,
    WatchChanges,
    WatchGoodbye,
    WatchHeartbeat,
    WatchResponse,
)

QUICK = Retries(tries=2, first_wait_s=0.001)
EXPIRED = Failure(grpc.StatusCode.UNAUTHENTICATED, "INVALID_TOKEN")
LOST = Failure(grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
HEARTBEAT = WatchResponse(heartbeat=WatchHeartbeat())
COPY = PullResponse(
    head=1, cursor="0.1", at_head=True, changes=[change_of(each, 1) for each in (account(), category())]
)
SIGNED_IN = Tokens(access_token="old", refresh_token="r", access_expires_at=2**31)
ANY_TRY = 1000


def changes(cursor: int, *messages: Any) -> WatchResponse:
    told = [change_of(each, cursor) for each in messages]
    return WatchResponse(changes=WatchChanges(space_id=BOOK, cursor=f"0.{cursor}", changes=told))


@contextmanager
def watching(script: Script, *books: OfflineBook, tokens: Tokens | None = None) -> Iterator[tuple[Client, list[News]]]:
    news: list[News] = []
    with serving(script) as address, Client(address, MemoryTokens(tokens), retries=QUICK) as client:
        watcher = Watcher(client, books, news.append)
        watcher.start()
        try:
            yield client, news
        finally:
            watcher.stop()


def methods(script: Script) -> list[str]:
    return [method.rpartition("/")[2] for method, _, _ in script.asked]


def test_a_copy_works_on_without_a_server(book: OfflineBook) -> None:
    with serving(Script([COPY])) as address, Client(address) as client:
        book.sync(client)
    with Client("127.0.0.1:9", retries=QUICK) as client:
        tag(book)
        with pytest.raises(sdk.Unavailable) as failed:
            book.sync(client)
    assert failed.value.reason is None
    assert (book.waiting, book.list(Account)[0].id) == (1, account().id)


def test_a_goodbye_is_no_interruption_and_a_server_that_drains_says_when_to_come_back(
    book: OfflineBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    goodbye = WatchGoodbye()
    goodbye.again_after.FromMilliseconds(30)
    draining = Failure(grpc.StatusCode.UNAVAILABLE, "SHUTTING_DOWN", retry_after_ms=70)
    script = Script(
        [
            COPY,
            [HEARTBEAT, WatchResponse(goodbye=goodbye)],
            draining,
            [HEARTBEAT, changes(2, account(name="back")), ...],
        ]
    )
    waits: list[float] = []
    monkeypatch.setattr(Watcher, "_pause", lambda _, wait_s: waits.append(wait_s))
    with watching(script, book) as (_, news):
        until(lambda: [each.name for each in book.list(Account)] == ["back"], "it has come back")
    assert methods(script) == ["Pull", "Watch", "Watch", "Watch"]
    assert [each.error.reason for each in news if isinstance(each.error, sdk.TallystickError)] == ["SHUTTING_DOWN"]
    assert waits[0] == 0.03
    assert waits[1] >= 0.07


def test_a_token_that_ends_in_the_middle_of_a_stream_is_exchanged_without_a_word(book: OfflineBook) -> None:
    script = Script([COPY, [HEARTBEAT, EXPIRED], EXPIRED, fresh("new"), [changes(2, account(name="after")), ...]])
    # The stream does not say where it is: the change is pulled.
    script.answers.append(
        PullResponse(head=2, cursor="0.2", at_head=True, changes=[change_of(account(name="after"), 2)])
    )
    with watching(script, book, tokens=SIGNED_IN) as (client, news):
        until(lambda: [each.name for each in book.list(Account)] == ["after"], "nothing is missed")
        assert client.tokens.access_token == "new"
    assert What.FAILED not in {each.what for each in news}


def test_a_session_that_has_ended_meanwhile_is_told(book: OfflineBook) -> None:
    ended = Failure(grpc.StatusCode.UNAUTHENTICATED, "INVALID_REFRESH_TOKEN")
    nobody = Failure(grpc.StatusCode.UNAUTHENTICATED, "NOT_SIGNED_IN")
    script = Script([COPY, [HEARTBEAT, EXPIRED], EXPIRED, ended, *[nobody] * ANY_TRY])
    with watching(script, book, tokens=SIGNED_IN) as (client, news):
        until(lambda: What.FAILED in {each.what for each in news}, "the app is told")
        assert client.tokens == Tokens()
    told = next(each.error for each in news if each.what is What.FAILED)
    assert isinstance(told, sdk.Unauthenticated)
    assert told.reason == "INVALID_REFRESH_TOKEN"


def test_who_is_no_server_of_ours_ends_no_session() -> None:
    script = Script([EXPIRED, Failure(grpc.StatusCode.UNAUTHENTICATED)])
    store = MemoryTokens(SIGNED_IN)
    with serving(script) as address, Client(address, store, retries=QUICK) as client:
        with pytest.raises(sdk.Unauthenticated) as failed:
            client.auth.GetMe(GetMeRequest())
        assert failed.value.reason is None
        assert store.load().refresh_token == "r"


@pytest.mark.parametrize("years", [-30, 30])
def test_a_clock_that_is_years_off_decides_nothing(monkeypatch: pytest.MonkeyPatch, years: int) -> None:
    ends = int(time.time()) + 600
    # The SDK's clock alone: grpc's two halves have to agree on what time it is.
    monkeypatch.setattr(session, "time", SimpleNamespace(time=lambda: time.time() + years * 365 * 86_400))
    tokens = Tokens(access_token="old", refresh_token="r", access_expires_at=ends)
    refused = [EXPIRED] if years < 0 else []
    me = GetMeResponse()
    script = Script([*refused, fresh("new", ends), me, me, me, EXPIRED, fresh("newer", ends), me])
    with serving(script) as address, Client(address, MemoryTokens(tokens), retries=QUICK) as client:
        for _ in range(4):
            client.auth.GetMe(GetMeRequest())
        assert methods(script).count("RefreshSession") == 2
        assert client.tokens.access_token == "newer"


def test_nor_does_a_clock_that_is_ahead_exchange_at_every_call_what_another_process_exchanged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = MemoryTokens(SIGNED_IN)
    script = Script([EXPIRED, GetMeResponse(), GetMeResponse()])
    with serving(script) as address, Client(address, store, retries=QUICK) as client:
        store.save(Tokens(access_token="other", refresh_token="s", access_expires_at=1))
        for _ in range(2):
            client.auth.GetMe(GetMeRequest())
    assert [token for _, _, token in script.asked] == ["Bearer old", "Bearer other", "Bearer other"]


def test_what_only_a_newer_app_understands_is_passed_over_or_kept(book: OfflineBook) -> None:
    # An event in field 99, a type of account that has no name, and a field 5000 of an account.
    event = bytes.fromhex("9a0603616263")
    newer = account(name="newer")
    newer.MergeFromString(Account(type=99).SerializeToString() + bytes.fromhex("c2b802036e6577"))  # type: ignore[arg-type]  # a value of tomorrow
    on = WatchResponse(heartbeat=WatchHeartbeat(cursors=["0.1"]))
    with watching(Script([COPY, [event, on, changes(2, newer), ...]]), book):
        until(lambda: [each.name for each in book.list(Account)] == ["newer"], "it goes on")
    (kept,) = book.list(Account)
    assert kept.type == 99
    assert kept.SerializeToString(deterministic=True).endswith(bytes.fromhex("c2b802036e6577"))


def test_a_reason_of_a_newer_server_is_told_by_its_name() -> None:
    script = Script([Failure(grpc.StatusCode.FAILED_PRECONDITION, "MOON_IS_FULL")])
    with serving(script) as address, Client(address, retries=QUICK) as client:
        with pytest.raises(sdk.FailedPrecondition) as failed:
            client.auth.GetMe(GetMeRequest())
        assert failed.value.reason == "MOON_IS_FULL"


def test_who_has_lost_one_space_follows_the_others_on(book: OfflineBook, tmp_path: Path) -> None:
    lost = OfflineBook.open(tmp_path / "lost.db", some_id(2), some_id(0xEE))
    behind = WatchResponse(behind=WatchBehind(space_id=lost.space_id, head=2))
    on = WatchResponse(heartbeat=WatchHeartbeat(cursors=["0.1"]))
    first = PullResponse(head=1, cursor="1.1", at_head=True, changes=[change_of(account(), 1)])
    script = Script([COPY, first, [on, behind, changes(2, category(name="Bread")), ...], LOST])
    with watching(script, book, lost) as (_, news):
        until(lambda: [each.name for each in book.list(Category)] == ["Bread"], "the other goes on")
    assert News(What.FORGOTTEN, lost.space_id) in news
    assert lost.list(Account) == []
    assert methods(script) == ["Pull", "Pull", "Watch", "Pull"]
    lost.close()
