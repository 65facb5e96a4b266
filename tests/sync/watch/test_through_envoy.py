"""A Watch through Envoy, event by event as it happens: native gRPC, grpc-web, and JSON line by line; two servers behind it."""

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import grpc
import pytest

from clients.people import Book, open_book
from people import new_id
from tallystick_client.v1 import ledger_service_pb2_grpc, sync_service_pb2_grpc
from tallystick_client.v1.ledger_pb2 import TransactionKind
from tallystick_client.v1.ledger_service_pb2 import CreateTransactionRequest
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.sync_service_pb2 import PullRequest, PullResponse, WatchRequest, WatchResponse
from up.stack import Stack, running_stack

PATIENCE_S = 20
WORKERS = 2
# Enough that neither server is left out.
STREAMS = 8
GRPC_HEAD_BYTES = 5
TRAILERS = 0x80


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack(WORKERS) as running:
        yield running


@pytest.fixture(scope="module")
def book(stack: Stack) -> Book:
    return open_book(stack)


def cursors_of(book: Book) -> list[str]:
    spaces = book.rest.get("/v1/spaces").json["spaces"]
    return [str(book.rest.get(f"/v1/spaces/{space['id']}/sync").json["cursor"]) for space in spaces]


def spend(book: Book, address: str) -> str:
    """Records an expense at this address, and returns its id."""
    request = CreateTransactionRequest(
        request_id=new_id(),
        book_id=book.id,
        kind=TransactionKind.TRANSACTION_KIND_EXPENSE,
        account_id=book.account_id,
        category_id=book.category_id,
        amount=Money(currency="EUR", minor=100),
        booked_on="2026-02-03",
    )
    with grpc.insecure_channel(address) as channel:
        stub = ledger_service_pb2_grpc.LedgerServiceStub(channel)
        return str(stub.CreateTransaction(request, metadata=bearer(book), timeout=PATIENCE_S).transaction.id)


def bearer(book: Book) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {book.token}"),)


def changed(event: WatchResponse) -> set[str]:
    return {change.entity.transaction.id for change in event.changes.changes}


def test_watchers_behind_envoy_hear_of_every_servers_writes(stack: Stack, book: Book) -> None:
    """Whichever server a stream is on, one of the writes is made at the other."""
    with grpc.insecure_channel(stack.address) as channel:
        stub = sync_service_pb2_grpc.SyncServiceStub(channel)
        cursors = cursors_of(book)
        calls = [
            stub.Watch(WatchRequest(cursors=cursors), metadata=bearer(book), timeout=PATIENCE_S) for _ in range(STREAMS)
        ]
        for call in calls:
            assert next(call).HasField("heartbeat")
        for worker in range(WORKERS):
            made = spend(book, f"127.0.0.1:{stack.worker_port + worker}")
            for call in calls:
                assert made in changed(next(call))
        for call in calls:
            call.cancel()


@contextmanager
def curl(stack: Stack, book: Book, *words: str) -> Iterator[Iterator[Any]]:
    """The lines of a stream over REST, each as soon as it comes."""
    command = ("curl", "--silent", "--no-buffer", "--fail-with-body", "--globoff", "--max-time", str(PATIENCE_S))
    header = ("--header", f"authorization: Bearer {book.token}")
    with subprocess.Popen((*command, *header, *words), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield (json.loads(line) for line in process.stdout)
        process.kill()


def test_a_watch_is_lines_of_json_over_rest(stack: Stack, book: Book) -> None:
    query = "&".join(f"cursors={cursor}" for cursor in cursors_of(book))
    with curl(stack, book, f"{stack.url}/v1/sync:watch?{query}") as lines:
        assert sorted(next(lines)["heartbeat"]["cursors"]) == sorted(cursors_of(book))
        made = spend(book, stack.address)
        changes = next(lines)["changes"]
    assert changes["spaceId"] == book.id
    assert made in {change["entity"].get("transaction", {}).get("id") for change in changes["changes"]}


def test_a_pull_is_lines_of_json_over_rest(stack: Stack, book: Book) -> None:
    body = json.dumps({"spaceId": book.id, "maxBytes": 1})
    words = ("--header", "content-type: application/json", "--data", body, f"{stack.url}/v1/sync:pull")
    with curl(stack, book, *words) as lines:
        pages = list(lines)
    assert len(pages) > 1
    assert [page.get("atHead", False) for page in pages] == [False] * (len(pages) - 1) + [True]


class GrpcWeb:
    """One call over grpc-web, read frame by frame as a browser would."""

    def __init__(self, stack: Stack, book: Book, rpc: str, message: bytes, *, is_text: bool) -> None:
        self._connection = HTTPConnection("127.0.0.1", stack.port, timeout=PATIENCE_S)
        self._is_text = is_text
        self._buffer = b""
        body = b"\0" + len(message).to_bytes(4) + message
        kind = "application/grpc-web-text" if is_text else "application/grpc-web+proto"
        headers = {"content-type": kind, "accept": kind, "x-grpc-web": "1", **dict(bearer(book))}
        sent = base64.b64encode(body) if is_text else body
        self._connection.request("POST", f"/tallystick.v1.SyncService/{rpc}", sent, headers)
        self._response = self._connection.getresponse()
        assert self._response.status == 200

    def next(self) -> tuple[int, bytes]:
        """The next frame: its flags, and what it holds."""
        head = self._read(GRPC_HEAD_BYTES)
        return head[0], self._read(int.from_bytes(head[1:]))

    def _read(self, size: int) -> bytes:
        while len(self._buffer) < size:
            # Text comes in quanta of four characters, each padded by itself.
            piece = self._response.read(4) if self._is_text else self._response.read1()
            assert piece, "the stream ended in the middle of a frame"
            self._buffer += base64.b64decode(piece) if self._is_text else piece
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def close(self) -> None:
        self._connection.close()


@pytest.mark.parametrize("is_text", [False, True], ids=["binary", "text"])
def test_a_watch_over_grpc_web_is_not_held_back(stack: Stack, book: Book, is_text: bool) -> None:
    message = WatchRequest(cursors=cursors_of(book)).SerializeToString()
    call = GrpcWeb(stack, book, "Watch", message, is_text=is_text)
    try:
        assert WatchResponse.FromString(call.next()[1]).HasField("heartbeat")
        for _ in range(3):
            made = spend(book, stack.address)
            assert made in changed(WatchResponse.FromString(call.next()[1]))
    finally:
        call.close()


def test_a_pull_over_grpc_web_ends_with_its_status(stack: Stack, book: Book) -> None:
    call = GrpcWeb(stack, book, "Pull", PullRequest(space_id=book.id).SerializeToString(), is_text=False)
    try:
        assert PullResponse.FromString(call.next()[1]).at_head
        flags, trailers = call.next()
        assert flags & TRAILERS
        assert b"grpc-status:0" in trailers
    finally:
        call.close()


def test_a_watch_that_is_refused_says_why_over_rest(stack: Stack, book: Book) -> None:
    reply = book.rest.get("/v1/sync:watch?cursors=nonsense")
    assert (reply.status, reply.reason) == (400, "INVALID_CURSOR")
