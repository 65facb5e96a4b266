"""A stream through Envoy: native gRPC gets message after message, REST a line of JSON for each."""

import json

import grpc

from clients.people import Book
from clients.rest import Rest
from tallystick_client.v1 import ledger_proof_pb2, ledger_service_pb2_grpc
from up.stack import Stack


def test_a_stream_is_lines_of_json_over_rest(book: Book) -> None:
    reply = book.rest.get(f"/v1/books/{book.id}:verify")
    assert reply.status == 200, reply
    first, *_, last = (json.loads(line) for line in reply.text.splitlines())
    assert first["progress"]["transactionsTotal"] == last["verdict"]["transactions"]
    assert last["verdict"]["holds"] is True


def test_a_refused_stream_says_why_over_rest(book: Book, stack: Stack) -> None:
    reply = Rest(stack).get(f"/v1/books/{book.id}:verify")
    assert (reply.status, reply.reason) == (401, "NOT_SIGNED_IN")
    assert book.rest.get("/v1/books/book:verify").status == 400


def test_a_stream_over_grpc(book: Book, stack: Stack) -> None:
    metadata = (("authorization", f"Bearer {book.token}"),)
    with grpc.insecure_channel(stack.address) as channel:
        stub = ledger_service_pb2_grpc.LedgerServiceStub(channel)
        call = stub.VerifyBook(ledger_proof_pb2.VerifyBookRequest(book_id=book.id), metadata=metadata)
        steps = list(call)
        assert "x-request-id" in dict(call.trailing_metadata())
    assert steps[0].HasField("progress")
    assert steps[-1].verdict.holds
