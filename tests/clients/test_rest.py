"""REST with curl, through Envoy: the same contract as JSON."""

import json
from uuid import uuid4

import pytest

from clients.bindings import Binding, list_bindings
from clients.people import Book, open_book
from clients.rest import Rest
from people import new_id
from runtime.probes import until
from up.stack import Stack

# A little more than REST accepts, and a lot more.
TOO_LARGE_BYTES = (7 * 1024 * 1024, 10 * 1024 * 1024)
UNIMPLEMENTED = 12


@pytest.mark.parametrize("binding", list_bindings(), ids=str)
def test_every_binding_of_the_contract_reaches_its_call(binding: Binding, book: Book, stack: Stack) -> None:
    body = "{}" if binding.body else None
    reply = book.rest.call(binding.verb, binding.compose_path(), body)
    assert reply.status != 405, reply
    assert reply.status == 200 or reply.json["code"] != UNIMPLEMENTED, reply
    call_id = reply.headers["x-request-id"]

    def logged() -> set[str]:
        return {line["event"] for line in stack.log_lines() if line.get("call_id") == call_id}

    until(lambda: bool(logged()), "the server logs the call")
    assert logged() == {binding.event}


def test_every_unary_call_of_the_contract_has_a_rest_binding() -> None:
    assert len({binding.rpc for binding in list_bindings()}) >= 38


def test_what_was_written_is_read_back(book: Book) -> None:
    reply = book.rest.get(f"/v1/books/{book.id}/transactions/{book.transaction_id}")
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.json["transaction"]["payee"] == "Bakery"
    assert reply.json["transaction"]["bookedOn"] == "2026-02-03"


def test_a_64_bit_integer_is_a_string(book: Book) -> None:
    reply = book.rest.get(f"/v1/books/{book.id}/transactions/{book.transaction_id}")
    [entry] = reply.json["transaction"]["entries"]
    assert entry["amount"] == {"currency": "EUR", "minor": "-1230"}


def test_an_amount_that_no_floating_point_number_can_hold_survives(stack: Stack, book: Book) -> None:
    account = book.rest.post(
        f"/v1/books/{book.id}/accounts",
        requestId=new_id(),
        name="Safe",
        type="ACCOUNT_TYPE_CASH",
        currency="EUR",
    )
    largest = str(2**63 - 1)
    fields = book.expense(largest) | {"accountId": account.json["account"]["id"]}
    made = book.rest.post(f"/v1/books/{book.id}/transactions", **fields)
    assert made.status == 200, made
    assert made.json["balance"]["balance"]["minor"] == f"-{largest}"


def test_a_repeated_request_gets_the_first_answer(book: Book) -> None:
    fields = book.expense()
    first, second = (book.rest.post(f"/v1/books/{book.id}/transactions", **fields) for _ in range(2))
    assert first.status == 200
    assert first.json == second.json


def test_lists_page_by_query_parameters(book: Book) -> None:
    made = book.rest.post(f"/v1/books/{book.id}/transactions", **book.expense("77"))
    path = f"/v1/books/{book.id}/transactions?pageSize=1"
    ids: list[str] = []
    token = ""
    while token or not ids:
        page = book.rest.get(f"{path}&pageToken={token}" if token else path)
        assert page.status == 200, page
        ids += [transaction["id"] for transaction in page.json["transactions"]]
        token = page.json.get("nextPageToken", "")
    assert len(ids) == len(set(ids))
    assert {book.transaction_id, made.json["transaction"]["id"]} <= set(ids)


def test_patch_changes_only_what_the_mask_names(book: Book) -> None:
    before = book.rest.get("/v1/auth/me").json["user"]
    reply = book.rest.patch(
        "/v1/auth/me", requestId=new_id(), updateMask="locale", locale="de-CH", displayName="Not in the mask"
    )
    assert reply.status == 200, reply
    after = reply.json["user"]
    assert after["locale"] == "de-CH"
    assert after["displayName"] == before["displayName"]


def test_patch_without_a_mask_changes_what_is_there(book: Book) -> None:
    reply = book.rest.patch("/v1/auth/me", requestId=new_id(), timeZone="Europe/Zurich")
    assert reply.status == 200, reply
    assert reply.json["user"]["timeZone"] == "Europe/Zurich"


def test_an_error_says_code_message_and_reason(book: Book) -> None:
    reply = book.rest.get(f"/v1/books/{book.id}/transactions/{uuid4()}")
    assert reply.status == 404
    assert reply.headers["content-type"] == "application/json"
    assert reply.json["code"] == 5
    assert reply.json["message"]
    assert reply.reason == "NOT_FOUND"


def test_a_refused_field_is_named(book: Book) -> None:
    reply = book.rest.post(f"/v1/books/{book.id}/transactions", **book.expense() | {"requestId": "1"})
    assert reply.status == 400
    assert reply.reason == "INVALID_FIELD"
    [violation] = reply.details["BadRequest"]["fieldViolations"]
    assert (violation["field"], violation["reason"]) == ("request_id", "string.uuid")


def test_without_a_token_the_call_is_unauthenticated(stack: Stack) -> None:
    reply = Rest(stack).get("/v1/auth/me")
    assert (reply.status, reply.reason) == (401, "NOT_SIGNED_IN")


def test_a_forged_token_is_unauthenticated(stack: Stack, book: Book) -> None:
    header, payload, signature = book.token.split(".")
    forged = f"{header}.{payload}.{signature[::-1]}"
    reply = Rest(stack, forged).get("/v1/auth/me")
    assert (reply.status, reply.reason) == (401, "INVALID_TOKEN")


def test_an_unknown_query_parameter_is_refused_by_name(book: Book) -> None:
    reply = book.rest.get("/v1/auth/me?colour=blue")
    assert (reply.status, reply.json["code"]) == (400, 3)
    assert reply.reason == "MALFORMED_REQUEST"
    assert "colour" in reply.json["message"]


@pytest.mark.parametrize(
    "body", ['{"requestId": ', "[]", '"text"', "\0", '{"amount": {"minor": 1.5}}', '{"kind": "NO_SUCH"}']
)
def test_a_body_that_is_no_such_message_is_refused(book: Book, body: str) -> None:
    reply = book.rest.call("POST", f"/v1/books/{book.id}/transactions", body)
    assert (reply.status, reply.json["code"]) == (400, 3)
    assert reply.reason == "MALFORMED_REQUEST"


def test_an_unknown_field_of_the_body_is_ignored_as_protobuf_ignores_it(book: Book) -> None:
    """So that a newer app can talk to an older server."""
    reply = book.rest.post(f"/v1/books/{book.id}/transactions", **book.expense() | {"colour": "blue"})
    assert reply.status == 200


def test_the_path_says_which_book_even_if_the_body_says_another(book: Book, stack: Stack) -> None:
    other = open_book(stack)
    fields = book.expense() | {"bookId": other.id}
    reply = book.rest.post(f"/v1/books/{book.id}/transactions", **fields)
    assert reply.status == 200, reply
    assert reply.json["transaction"]["bookId"] == book.id


@pytest.mark.parametrize("size_bytes", TOO_LARGE_BYTES)
def test_a_body_that_is_too_large_is_refused(book: Book, size_bytes: int) -> None:
    body = json.dumps(book.expense() | {"note": "n" * size_bytes})
    reply = book.rest.call("POST", f"/v1/books/{book.id}/transactions", body)
    assert reply.status in (400, 413), reply
    assert reply.reason == "MESSAGE_TOO_LARGE"


@pytest.mark.parametrize("path", ["/v1", "/v1/nothing", "/v1/books/1/2/3", "/tallystick.v1.LedgerService/CreateBook"])
def test_a_path_that_is_not_in_the_contract_is_not_found(book: Book, path: str) -> None:
    reply = book.rest.get(path)
    assert reply.status == 404
    assert reply.json["code"] == UNIMPLEMENTED


def test_the_servers_own_methods_are_not_reached_by_another_verb(book: Book) -> None:
    reply = book.rest.call("DELETE", "/v1/auth/me")
    assert reply.status in (404, 405)
    assert reply.json["code"] == UNIMPLEMENTED
