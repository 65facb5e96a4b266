"""What can happen to a call between a device and two servers? It is lost on the way or back, comes late, twice, or not to its end.

Stands under the SDK's own interceptors, so that what they do about it is what is seen.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

import grpc

from tallystick_client import MemoryTokens, Tokens
from tallystick_client.calls import Calls
from tallystick_client.offline.commands import command_in
from tallystick_client.retrying import Retries
from tallystick_client.session import Session
from tallystick_client.v1.auth_service_pb2_grpc import AuthServiceStub
from tallystick_client.v1.sync_pb2 import Outcome, ResetReason
from tallystick_client.v1.sync_service_pb2 import PullRequest, PushRequest, PushResponse
from tallystick_client.v1.sync_service_pb2_grpc import SyncServiceStub

TIMEOUT_S = 20.0
# The patience of a device that is on the move: what does not arrive is tried again at its next turn.
PATIENCE = Retries(tries=4, first_wait_s=0.02, longest_wait_s=0.2)
DELAY_MAX_S = 0.03
LATE_MAX_S = 0.3
DONE = frozenset({Outcome.OUTCOME_APPLIED, Outcome.OUTCOME_MERGED, Outcome.OUTCOME_REPEATED})
PAGE_BYTES = (600, 4_000, 0, 0)
_OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 200),
    # Each device has connections of its own.
    ("grpc.use_local_subchannel_pool", 1),
)


@dataclass(frozen=True)
class Weather:
    """How bad the network is: how often each misfortune happens to a call."""

    request_lost: float = 0.0
    reply_lost: float = 0.0
    late: float = 0.0
    twice: float = 0.0
    delayed: float = 0.0
    cut: float = 0.0


FAIR = Weather()
FOUL = Weather(request_lost=0.08, reply_lost=0.08, late=0.05, twice=0.06, delayed=0.15, cut=0.15)


class MadeOn(NamedTuple):
    """What a device knew when it made an update."""

    version: int
    seen: frozenset[str]


@dataclass
class Events:
    """What happened on the way, and what is still under way."""

    counts: Counter[str] = field(default_factory=Counter)
    # Commands that a server got once more after their device had an answer: it may decide otherwise by then.
    extra: set[str] = field(default_factory=set)
    # Told before it happens, for those who may not live to tell it later.
    tell_extra: Callable[[list[str]], None] = lambda request_ids: None
    # By request id: the version and the answer of what was done. A repeat must get the same.
    done: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    # What must never be, found where nobody could be told.
    complaints: list[str] = field(default_factory=list)
    # By request id: on what updates were made, and which others of the same device had been seen.
    made_on: dict[str, MadeOn] = field(default_factory=dict)
    # Some of what was sent, to be sent again later.
    sent: list[PushRequest] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _under_way: list[threading.Thread] = field(default_factory=list)

    def note(self, what: str, count: int = 1) -> None:
        with self._lock:
            self.counts[what] += count

    def note_extra(self, request: PushRequest) -> None:
        request_ids = [command_in(each).request_id for each in request.mutations]
        self.tell_extra(request_ids)
        with self._lock:
            self.extra.update(request_ids)

    def note_results(self, request: PushRequest, answer: PushResponse) -> None:
        """Every reply that leaves a server, also one that is lost after that."""
        with self._lock:
            self.sent.append(request)
            for each in request.mutations:
                if each.HasField("base_version") and "update_transaction" in (each.WhichOneof("command") or ""):
                    made_on = MadeOn(each.base_version, frozenset(each.seen_request_ids))
                    self.made_on[command_in(each).request_id] = made_on
            for result in answer.results:
                self.counts[f"results: {Outcome.Name(result.outcome).removeprefix('OUTCOME_').lower()}"] += 1
                if result.outcome in DONE and result.answer:
                    first = self.done.setdefault(result.request_id, (result.version, result.answer))
                    if first != (result.version, result.answer):
                        self.complaints.append(f"{result.request_id} was answered {first}, and then {result}")

    def deliver(self, send: Callable[[], object]) -> threading.Thread:
        thread = threading.Thread(target=send, daemon=True)
        with self._lock:
            self._under_way.append(thread)
        thread.start()
        return thread

    def settle(self) -> None:
        """Returns when nothing is under way."""
        while self._under_way:
            self._under_way.pop().join(TIMEOUT_S)


class Lost(grpc.RpcError):
    """A call that nobody answered, as grpc would tell it."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAVAILABLE

    def details(self) -> str:
        return "lost on the way"

    def trailing_metadata(self) -> tuple[()]:
        return ()

    def exception(self) -> "Lost":
        return self

    def result(self) -> None:
        raise self


class Network(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Between a device and the servers. It picks one of them for each call."""

    def __init__(self, channels: tuple[grpc.Channel, ...], random: Random, events: Events) -> None:
        self.weather = FAIR
        # What was sent and is not waited for.
        self.late: list[threading.Thread] = []
        self._stubs = [SyncServiceStub(channel) for channel in channels]
        self._random = random
        self._events = events

    def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        dice, weather, events = self._random, self.weather, self._events
        send, again = self._call(client_call_details), self._call(client_call_details)
        is_push = isinstance(request, PushRequest)
        events.note("pushes", is_push)
        if self._happens(weather.delayed, "delays"):
            time.sleep(dice.uniform(0, DELAY_MAX_S))
        if self._happens(weather.request_lost, "requests lost"):
            return Lost()
        if is_push and self._happens(weather.late, "requests late"):
            events.note_extra(request)
            wait_s = dice.uniform(0, LATE_MAX_S)
            self._let_go(send, client_call_details, request, wait_s)
            return Lost()
        if is_push and self._happens(weather.twice, "requests twice"):
            events.note_extra(request)
            self._let_go(again, client_call_details, request)
        answer = self._send(send, client_call_details, request)
        if answer.exception() is None and self._happens(weather.reply_lost, "replies lost"):
            return Lost()
        return answer

    def intercept_unary_stream(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        if self._happens(self.weather.request_lost, "requests lost"):
            return _broken(iter(()))
        asked = request
        if isinstance(request, PullRequest) and self.weather is not FAIR:
            asked = PullRequest()
            asked.CopyFrom(request)
            asked.max_bytes = self._random.choice(PAGE_BYTES)
        self._events.note("pulls")
        stream = self._call(client_call_details)(asked, **_options(client_call_details))
        if self._happens(self.weather.cut, "pulls cut"):
            return _broken(self._seen(_some(stream, self._random.randint(0, 3))))
        return self._seen(stream)

    def _seen(self, stream: Iterator[Any]) -> Iterator[Any]:
        for page in stream:
            if getattr(page, "reset", 0):
                self._events.note(f"resets: {ResetReason.Name(page.reset).removeprefix('RESET_REASON_').lower()}")
            yield page

    def _let_go(self, call: Any, details: Any, request: Any, wait_s: float = 0.0) -> None:
        self.late.append(self._events.deliver(lambda: self._send(call, details, request, wait_s)))

    def _send(self, call: Any, details: Any, request: Any, wait_s: float = 0.0) -> Any:
        """Returns when the server has answered, or will not."""
        time.sleep(wait_s)
        answer = call.future(request, **_options(details))
        if answer.exception() is None and isinstance(request, PushRequest):
            self._events.note_results(request, answer.result())
        return answer

    def _call(self, details: Any) -> Any:
        return getattr(self._random.choice(self._stubs), details.method.rpartition("/")[2])

    def _happens(self, often: float, what: str) -> bool:
        happens = self._random.random() < often
        self._events.note(what, happens)
        return happens


def _options(details: Any) -> dict[str, Any]:
    return {"timeout": details.timeout, "metadata": details.metadata}


def _some(stream: Any, pages: int) -> Iterator[Any]:
    for _, page in zip(range(pages), stream, strict=False):
        yield page
    stream.cancel()


def _broken(stream: Iterator[Any]) -> Iterator[Any]:
    yield from stream
    raise Lost


class Wire:
    """What a copy needs of a client: the SDK's own calls, on a network of ours."""

    def __init__(self, addresses: tuple[str, ...], token: str, random: Random, events: Events) -> None:
        self._channels = tuple(grpc.insecure_channel(address, options=_OPTIONS) for address in addresses)
        self.network = Network(self._channels, random, events)
        self._events = events
        self.retries = PATIENCE
        tokens = MemoryTokens(Tokens(access_token=token))
        session = Session(tokens, AuthServiceStub(self._channels[0]), PATIENCE, TIMEOUT_S)
        under = grpc.intercept_channel(self._channels[0], self.network)
        self.sync = SyncServiceStub(grpc.intercept_channel(under, Calls(session, PATIENCE, TIMEOUT_S)))

    def close(self) -> None:
        """What is under way still arrives."""
        if self.network.late:
            self._events.deliver(self._close)
        else:
            self._close()

    def _close(self) -> None:
        for thread in self.network.late:
            thread.join(TIMEOUT_S)
        for channel in self._channels:
            channel.close()
