"""grpcurl, as the welcome of `up` suggests it: reflection, calls and errors in native gRPC through Envoy."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from clients.people import Book
from clients.tools import read_json, run
from people import PASSWORD, new_id
from up.stack import Stack

SERVICES = {f"tallystick.v1.{name}Service" for name in ("Auth", "Ledger", "Space", "Status")}
EXIT_OF_A_FAILED_CALL = 64

Call = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def call(grpcurl: Path, stack: Stack) -> Call:
    def with_grpcurl(*words: str, token: str = "", **fields: object) -> "subprocess.CompletedProcess[str]":
        headers = ("-H", f"authorization: Bearer {token}") if token else ()
        data = ("-d", json.dumps(fields)) if fields else ()
        return run(grpcurl, "-plaintext", "-format-error", *headers, *data, stack.address, *words)

    return with_grpcurl


def test_reflection_lists_every_service(call: Call) -> None:
    listed = call("list")
    assert listed.returncode == 0, listed.stderr
    assert {*SERVICES, "grpc.health.v1.Health"} <= set(listed.stdout.split())


def test_reflection_describes_a_message(call: Call) -> None:
    described = call("describe", "tallystick.v1.CreateTransactionRequest")
    assert described.returncode == 0, described.stderr
    assert ".tallystick.v1.Money amount = 7" in described.stdout


def test_health_is_serving(call: Call) -> None:
    assert read_json(call("grpc.health.v1.Health/Check"))["status"] == "SERVING"


def test_somebody_signs_up_and_keeps_a_book(call: Call) -> None:
    email = f"curl-{uuid4().hex[:12]}@example.com"
    auth, ledger = "tallystick.v1.AuthService", "tallystick.v1.LedgerService"
    read_json(call(f"{auth}/Register", requestId=new_id(), email=email, password=PASSWORD, displayName="Curl"))
    login = read_json(call(f"{auth}/Login", requestId=new_id(), email=email, password=PASSWORD))
    # Reflection from Python leaves the JSON names out, and grpcurl then writes the names of the contract.
    token = login["tokens"].get("accessToken") or login["tokens"]["access_token"]

    def make(rpc: str, what: str, **fields: object) -> str:
        made = read_json(call(f"{ledger}/{rpc}", token=token, requestId=new_id(), **fields))
        return str(made[what]["id"])

    book_id = make("CreateBook", "book", name="Home", baseCurrency="JPY")
    account_id = make("CreateAccount", "account", bookId=book_id, name="Cash", type="ACCOUNT_TYPE_CASH", currency="JPY")
    category_id = make("CreateCategory", "category", bookId=book_id, name="Food", kind="CATEGORY_KIND_EXPENSE")
    transaction_id = make(
        "CreateTransaction",
        "transaction",
        bookId=book_id,
        kind="TRANSACTION_KIND_EXPENSE",
        accountId=account_id,
        categoryId=category_id,
        amount={"currency": "JPY", "minor": "1200"},
        bookedOn="2026-02-03",
    )
    page = read_json(call(f"{ledger}/ListTransactions", token=token, bookId=book_id))
    assert [transaction["id"] for transaction in page["transactions"]] == [transaction_id]
    balance = read_json(call(f"{ledger}/GetAccountBalance", token=token, bookId=book_id, accountId=account_id))
    assert balance["balance"]["balance"] == {"currency": "JPY", "minor": "-1200"}


def test_an_error_shows_its_reason(call: Call, book: Book) -> None:
    rpc = "tallystick.v1.LedgerService/GetTransaction"
    assert _reasons_of(call(rpc, token=book.token, bookId=book.id, transactionId=new_id())) == ["NOT_FOUND"]


def test_a_call_without_a_token_says_so(call: Call) -> None:
    assert _reasons_of(call("tallystick.v1.AuthService/GetMe")) == ["NOT_SIGNED_IN"]


def _reasons_of(failed: "subprocess.CompletedProcess[str]") -> list[str]:
    assert failed.returncode > EXIT_OF_A_FAILED_CALL, failed
    status = json.loads(failed.stderr)
    return [detail["reason"] for detail in status["details"]]
