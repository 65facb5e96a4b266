"""What happens to every call: its token, its repeats, its errors. The server says what a script says."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

import tallystick_client as sdk
from sdk_python.scripted import Failure, Script, serving
from tallystick_client import Client, MemoryTokens, Retries, Tokens
from tallystick_client.v1.auth_service_pb2 import (
    GetMeRequest,
    GetMeResponse,
    RefreshSessionRequest,
    RefreshSessionResponse,
)
from tallystick_client.v1.identity_pb2 import SessionTokens
from tallystick_client.v1.ledger_labels_pb2 import ListTagsRequest, ListTagsResponse, Tag
from tallystick_client.v1.ledger_service_pb2 import CreateBookRequest, CreateBookResponse
from tallystick_client.v1.status_service_pb2 import GetHealthRequest, GetHealthResponse
from tallystick_client.v1.sync_service_pb2 import PullRequest, PullResponse

Asking = Callable[..., tuple[Script, Client]]
AWAY = Failure(grpc.StatusCode.UNAVAILABLE, "SHUTTING_DOWN")
EXPIRED = Failure(grpc.StatusCode.UNAUTHENTICATED, "INVALID_TOKEN")
QUICK = Retries(tries=4, first_wait_s=0.001)


@pytest.fixture
def asking() -> Iterator[Asking]:
    open_clients: list[tuple[Any, Client]] = []

    def ask(*answers: Any, tokens: Tokens | None = None, retries: Retries = QUICK) -> tuple[Script, Client]:
        script = Script(list(answers))
        running = serving(script)
        client = Client(running.__enter__(), MemoryTokens(tokens), timeout_s=5.0, retries=retries)
        open_clients.append((running, client))
        return script, client

    yield ask
    for running, client in open_clients:
        client.close()
        running.__exit__(None, None, None)


def fresh(token: str, expires_at: int = 2**31) -> RefreshSessionResponse:
    at = Timestamp(seconds=expires_at)
    return RefreshSessionResponse(
        tokens=SessionTokens(access_token=token, access_expires_at=at, refresh_token=f"after {token}")
    )


def test_nobody_carries_no_token_and_somebody_does(asking: Asking) -> None:
    script, client = asking(GetMeResponse())
    client.auth.GetMe(GetMeRequest())
    assert script.asked[0][2] == ""
    script, client = asking(GetMeResponse(), GetHealthResponse(), tokens=Tokens(access_token="a"))
    client.auth.GetMe(GetMeRequest())
    client.status.GetHealth(GetHealthRequest())
    # What everybody may ask is asked by nobody.
    assert [token for _, _, token in script.asked] == ["Bearer a", ""]


def test_a_token_given_with_one_call_counts_more(asking: Asking) -> None:
    script, client = asking(GetMeResponse(), EXPIRED, tokens=Tokens(access_token="a", refresh_token="r"))
    client.auth.GetMe(GetMeRequest(), metadata=(("authorization", "Bearer other"),))
    assert script.asked[0][2] == "Bearer other"
    with pytest.raises(sdk.Unauthenticated):
        client.auth.GetMe(GetMeRequest(), metadata=(("authorization", "Bearer other"),))


def test_the_very_same_message_is_sent_again(asking: Asking) -> None:
    script, client = asking(AWAY, AWAY, CreateBookResponse())
    client.ledger.CreateBook(CreateBookRequest(request_id=sdk.new_id(), name="Home", base_currency="EUR"))
    assert len(script.asked) == 3
    assert len(set(script.asked)) == 1


def test_patience_ends(asking: Asking) -> None:
    script, client = asking(*[AWAY] * 9)
    with pytest.raises(sdk.Unavailable) as caught:
        client.auth.GetMe(GetMeRequest())
    assert caught.value.reason == "SHUTTING_DOWN"
    assert caught.value.may_repeat
    assert len(script.asked) == QUICK.tries


def test_it_comes_back_when_it_was_told_to(asking: Asking) -> None:
    busy = Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_ATTEMPTS", retry_after_ms=150)
    script, client = asking(busy, GetMeResponse())
    began = time.monotonic()
    client.auth.GetMe(GetMeRequest())
    assert time.monotonic() - began >= 0.15
    assert len(script.asked) == 2


@pytest.mark.parametrize(
    "failure",
    [
        # Not within the time that the call has.
        Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED", retry_after_ms=60_000),
        # Never, as it is.
        Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE"),
        Failure(grpc.StatusCode.INTERNAL, "INTERNAL"),
        Failure(grpc.StatusCode.ABORTED, "STALE_VERSION"),
        Failure(grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"),
    ],
    ids=lambda failure: failure.reason,
)
def test_what_is_not_asked_again(asking: Asking, failure: Failure) -> None:
    script, client = asking(failure)
    with pytest.raises(sdk.TallystickError) as caught:
        client.auth.GetMe(GetMeRequest())
    assert caught.value.reason == failure.reason
    assert caught.value.code is failure.code
    assert len(script.asked) == 1


def test_all_tries_share_the_time_of_the_call(asking: Asking) -> None:
    busy = Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_ATTEMPTS", retry_after_ms=200)
    script, client = asking(busy, GetMeResponse())
    client.auth.GetMe(GetMeRequest(), timeout=3.0)
    first, second = script.timeouts
    assert first is not None
    assert second is not None
    assert second < first - 0.1


@pytest.mark.parametrize("family", sdk.TallystickError.__subclasses__(), ids=lambda family: family.__name__)
def test_each_family_has_its_class(asking: Asking, family: type[sdk.TallystickError]) -> None:
    _, client = asking(Failure(family.code, "SOMETHING"), retries=Retries(tries=1))
    with pytest.raises(family) as caught:
        client.auth.GetMe(GetMeRequest())
    assert type(caught.value) is family


def test_an_error_tells_all_that_the_server_told(asking: Asking) -> None:
    failure = Failure(
        grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", metadata={"difference": "1"}, fields=("amount.minor", "note")
    )
    _, client = asking(failure)
    with pytest.raises(sdk.InvalidArgument) as caught:
        client.auth.GetMe(GetMeRequest())
    assert caught.value.metadata == {"difference": "1"}
    assert [each.field for each in caught.value.violations] == ["amount.minor", "note"]
    assert caught.value.retry_after_s is None


def test_a_reason_of_others_is_none_of_ours(asking: Asking) -> None:
    _, client = asking(Failure(grpc.StatusCode.NOT_FOUND, "NOT_FOUND", domain="example.com"))
    with pytest.raises(sdk.NotFound) as caught:
        client.auth.GetMe(GetMeRequest())
    assert caught.value.reason is None


def test_nobody_there_is_unavailable() -> None:
    quick = Retries(tries=2, first_wait_s=0.001)
    with Client("127.0.0.1:9", retries=quick) as client, pytest.raises(sdk.Unavailable) as caught:
        client.auth.GetMe(GetMeRequest())
    assert caught.value.reason is None


def test_an_expired_token_is_renewed_once(asking: Asking) -> None:
    tokens = Tokens(access_token="old", refresh_token="r", access_expires_at=2**31)
    script, client = asking(EXPIRED, fresh("new"), GetMeResponse(), tokens=tokens)
    client.auth.GetMe(GetMeRequest())
    assert [token for _, _, token in script.asked] == ["Bearer old", "", "Bearer new"]
    assert client.tokens.refresh_token == "after new"
    script, client = asking(EXPIRED, fresh("new"), EXPIRED, tokens=tokens)
    with pytest.raises(sdk.Unauthenticated):
        client.auth.GetMe(GetMeRequest())
    assert len(script.asked) == 3


def test_a_stream_begins_again_with_another_token(asking: Asking) -> None:
    tokens = Tokens(access_token="old", refresh_token="r", access_expires_at=2**31)
    script, client = asking(EXPIRED, fresh("new"), PullResponse(cursor="c"), tokens=tokens)
    assert [page.cursor for page in client.sync.Pull(PullRequest())] == ["c"]
    assert [token for _, _, token in script.asked] == ["Bearer old", "", "Bearer new"]
    _, client = asking(Failure(grpc.StatusCode.NOT_FOUND, "NOT_FOUND"), tokens=tokens)
    with pytest.raises(sdk.NotFound):
        list(client.sync.Pull(PullRequest()))


def test_a_token_near_its_end_is_renewed_before(asking: Asking) -> None:
    tokens = Tokens(access_token="old", refresh_token="r", access_expires_at=int(time.time()) + 5)
    script, client = asking(fresh("new"), GetMeResponse(), tokens=tokens)
    client.auth.GetMe(GetMeRequest())
    assert [token for _, _, token in script.asked] == ["", "Bearer new"]


def test_by_a_clock_that_is_ahead_tokens_are_not_renewed_at_every_call(asking: Asking) -> None:
    tokens = Tokens(access_token="old", refresh_token="r", access_expires_at=1)
    script, client = asking(fresh("new", expires_at=2), GetMeResponse(), GetMeResponse(), tokens=tokens)
    for _ in range(2):
        client.auth.GetMe(GetMeRequest())
    assert [token for _, _, token in script.asked] == ["", "Bearer new", "Bearer new"]


def test_while_the_server_is_away_an_old_token_may_still_do(asking: Asking) -> None:
    tokens = Tokens(access_token="old", refresh_token="r", access_expires_at=1)
    script, client = asking(AWAY, GetMeResponse(), tokens=tokens, retries=Retries(tries=1))
    client.auth.GetMe(GetMeRequest())
    assert script.asked[-1][2] == "Bearer old"


def test_a_refresh_whose_answer_was_lost_is_asked_again_with_its_id(asking: Asking) -> None:
    """The id is in the store before the call: it survives the process."""
    store = MemoryTokens(Tokens(access_token="old", refresh_token="r", access_expires_at=2**31))
    script = Script([EXPIRED, AWAY, EXPIRED, fresh("new"), GetMeResponse()])
    with serving(script) as address:
        with Client(address, store, retries=Retries(tries=1)) as client, pytest.raises(sdk.Unavailable):
            client.auth.GetMe(GetMeRequest())
        assert store.load().refresh_request_id
        with Client(address, store) as client:
            client.auth.GetMe(GetMeRequest())
    refreshes = [RefreshSessionRequest.FromString(body) for method, body, _ in script.asked if "Refresh" in method]
    assert len(refreshes) == 2
    assert refreshes[0] == refreshes[1]
    assert store.load().refresh_request_id == ""


def test_a_session_that_has_ended_is_forgotten(asking: Asking) -> None:
    ended = Failure(grpc.StatusCode.UNAUTHENTICATED, "INVALID_REFRESH_TOKEN")
    tokens = Tokens(access_token="old", refresh_token="r", access_expires_at=2**31, device_token="d")
    _, client = asking(EXPIRED, ended, tokens=tokens)
    with pytest.raises(sdk.Unauthenticated) as caught:
        client.auth.GetMe(GetMeRequest())
    assert caught.value.reason == "INVALID_REFRESH_TOKEN"
    assert client.tokens == Tokens(device_token="d")


def test_a_list_is_read_page_by_page(asking: Asking) -> None:
    first = ListTagsResponse(tags=[Tag(id="1"), Tag(id="2")], next_page_token="more")
    script, client = asking(first, ListTagsResponse(tags=[Tag(id="3")]))
    request = ListTagsRequest(book_id="b", page_size=2)
    found = sdk.each(client.ledger.ListTags, request)
    assert next(found).id == "1"
    assert len(script.asked) == 1
    assert [tag.id for tag in found] == ["2", "3"]
    assert ListTagsRequest.FromString(script.asked[1][1]).page_token == "more"
    assert request.page_token == ""


def test_tokens_are_not_in_what_is_printed() -> None:
    secret = "s3cret"
    shown = repr(Tokens(access_token=secret, refresh_token=secret, device_token=secret, user_id="u"))
    assert secret not in shown
    assert "user_id='u'" in shown


def test_beyond_this_machine_only_with_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = grpc.insecure_channel

    def insecure_channel(target: str, **options: Any) -> grpc.Channel:
        made.append(target)
        return real(target, **options)

    monkeypatch.setattr(grpc, "insecure_channel", insecure_channel)
    for target in ("localhost:1", "127.0.0.1:1", "[::1]:1", "unix:/tmp/x", "dns:///localhost:1"):
        Client(target).close()
    Client("money.example.com:1", plaintext=True).close()
    assert len(made) == 6
    for target in ("money.example.com:443", "localhost.example.com:1", "127.0.0.1.example.com:1"):
        Client(target).close()
    assert len(made) == 6
