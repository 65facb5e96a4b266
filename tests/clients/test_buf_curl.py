"""buf curl: gRPC and grpc-web, with the schema from reflection and with the schema from this checkout."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from clients.people import Book
from clients.tools import TOP, read_json, run
from people import PASSWORD, new_id
from up.stack import Stack

Call = Callable[..., "subprocess.CompletedProcess[str]"]

SCHEMAS = {
    "reflection v1": ("--reflect", "--reflect-protocol", "grpc-v1"),
    "reflection v1alpha": ("--reflect", "--reflect-protocol", "grpc-v1alpha"),
    "this checkout": ("--schema", str(TOP)),
}
WAYS = [
    ("grpc", "reflection v1"),
    ("grpc", "reflection v1alpha"),
    ("grpc", "this checkout"),
    ("grpcweb", "reflection v1"),
    ("grpcweb", "this checkout"),
]


@pytest.fixture(params=WAYS, ids=" with ".join)
def call(buf: Path, stack: Stack, request: pytest.FixtureRequest) -> Call:
    protocol, schema = request.param

    def with_buf(rpc: str, token: str = "", **fields: object) -> "subprocess.CompletedProcess[str]":
        headers = ("--header", f"authorization: Bearer {token}") if token else ()
        options = ("--protocol", protocol, "--http2-prior-knowledge", *SCHEMAS[schema])
        url = f"{stack.url}/tallystick.v1.{rpc}"
        return run(buf, "curl", *options, *headers, "--data", json.dumps(fields), url)

    return with_buf


def test_somebody_signs_up_and_keeps_a_book(call: Call) -> None:
    email = f"buf-{uuid4().hex[:12]}@example.com"
    read_json(call("AuthService/Register", requestId=new_id(), email=email, password=PASSWORD, displayName="Buf"))
    login = read_json(call("AuthService/Login", requestId=new_id(), email=email, password=PASSWORD))
    token = login["tokens"]["accessToken"]
    made = read_json(call("LedgerService/CreateBook", token=token, requestId=new_id(), name="Home", baseCurrency="EUR"))
    page = read_json(call("LedgerService/ListTransactions", token=token, bookId=made["book"]["id"]))
    assert page == {}


def test_an_error_shows_its_reason(call: Call, book: Book) -> None:
    failed = call("LedgerService/GetTransaction", token=book.token, bookId=book.id, transactionId=new_id())
    assert failed.returncode != 0
    status = json.loads(failed.stderr)
    assert status["code"] == "not_found"
    [detail] = status["details"]
    assert detail["type"] == "google.rpc.ErrorInfo"
    if "debug" in detail:
        assert detail["debug"]["reason"] == "NOT_FOUND"


@pytest.mark.parametrize("version", ["grpc-v1", "grpc-v1alpha"])
def test_reflection_lists_every_service_in_both_versions(buf: Path, stack: Stack, version: str) -> None:
    """Tools that know only one of them are in use."""
    options = ("--protocol", "grpc", "--http2-prior-knowledge", "--reflect-protocol", version)
    listed = run(buf, "curl", *options, "--list-services", stack.url)
    assert listed.returncode == 0, listed.stderr
    assert {f"tallystick.v1.{name}Service" for name in ("Auth", "Ledger", "Space", "Status")} <= set(
        listed.stdout.split()
    )
