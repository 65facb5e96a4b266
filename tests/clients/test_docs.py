"""The documentation as visitors get it, and OpenAPI held against what the same server answers."""

import json
from typing import Any

import jsonschema_rs
import pytest

from clients.people import Book, open_book
from clients.rest import Reply, Rest
from clients.tools import write_docs
from people import new_id
from up.stack import Stack

FOREIGN = "0198a3c4-7b00-7000-8000-000000000001"


@pytest.fixture(scope="module")
def openapi(stack: Stack) -> dict[str, Any]:
    reply = Rest(stack).get("/docs/openapi.json")
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    return dict(reply.json)


@pytest.fixture(scope="module")
def book(stack: Stack) -> Book:
    """Of these tests alone: others leave no room for a sum in the book that all share."""
    return open_book(stack)


@pytest.mark.parametrize(
    ("path", "name", "kind"),
    [
        ("/docs/", "index.html", "text/html; charset=utf-8"),
        ("/docs/index.html", "index.html", "text/html; charset=utf-8"),
        ("/docs/api/ledger/", "api/ledger/index.html", "text/html; charset=utf-8"),
        ("/docs/api/ledger/CreateTransaction.html", "api/ledger/CreateTransaction.html", "text/html; charset=utf-8"),
        ("/docs/style.css", "style.css", "text/css; charset=utf-8"),
    ],
)
def test_a_page_is_handed_out_as_it_is(stack: Stack, path: str, name: str, kind: str) -> None:
    reply = Rest(stack).get(path)
    assert (reply.status, reply.headers["content-type"]) == (200, kind)
    assert reply.headers["content-security-policy"].startswith("default-src 'self'")
    assert reply.text == (write_docs() / name).read_text()


def test_the_address_without_a_slash_leads_to_the_first_page(stack: Stack) -> None:
    reply = Rest(stack).get("/docs")
    assert reply.status == 308
    assert reply.headers["location"].endswith("/docs/")


@pytest.mark.parametrize(
    ("verb", "path"), [("GET", "/docs/nothing.html"), ("POST", "/docs/index.html"), ("GET", "/docs/../docs/x")]
)
def test_what_is_no_page_is_not_found(stack: Stack, verb: str, path: str) -> None:
    reply = Rest(stack).call(verb, path)
    assert (reply.status, reply.reason) == (404, "MALFORMED_REQUEST")


def check(openapi: dict[str, Any], verb: str, template: str, reply: Reply) -> None:
    """Holds an answer, or each line of one, against what is said of it."""
    answers = openapi["paths"][template][verb]["responses"]
    answer = answers.get(str(reply.status), answers["default"])
    while "$ref" in answer:
        answer = openapi["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    schema = answer["content"]["application/json"]["schema"] | {
        "components": openapi["components"],
        "unevaluatedProperties": False,
    }
    validator = jsonschema_rs.validator_for(schema)
    lines = reply.text.splitlines()
    assert lines
    for line in lines:
        assert [str(each)[:400] for each in validator.iter_errors(json.loads(line))] == []


@pytest.mark.parametrize(
    "template",
    [
        "/v1/auth/me",
        "/v1/auth/sessions",
        "/v1/books",
        "/v1/books/{book_id}",
        "/v1/books/{book_id}/accounts",
        "/v1/books/{book_id}/categories",
        "/v1/books/{book_id}/transactions",
        "/v1/books/{book_id}/reports/monthly-summary",
        "/v1/books/{book_id}/dashboard",
        "/v1/books/{book_id}:verify",
        "/v1/groups",
        "/v1/notifications",
        "/v1/settings",
        "/v1/spaces",
        "/v1/status",
        "/v1/health",
    ],
)
def test_what_is_read_is_as_described(openapi: dict[str, Any], book: Book, template: str) -> None:
    reply = book.rest.get(template.replace("{book_id}", book.id))
    assert reply.status == 200, reply
    check(openapi, "get", template, reply)


def test_what_is_written_is_as_described(openapi: dict[str, Any], book: Book) -> None:
    template = "/v1/books/{book_id}/transactions"
    expense = book.expense()
    body = openapi["paths"][template]["post"]["requestBody"]["content"]["application/json"]["schema"]
    validator = jsonschema_rs.validator_for(body | {"components": openapi["components"]})
    assert list(validator.iter_errors(expense)) == []
    assert not validator.is_valid({name: value for name, value in expense.items() if name != "kind"})
    check(openapi, "post", template, book.rest.post(template.replace("{book_id}", book.id), **expense))


def test_failures_are_as_described(openapi: dict[str, Any], book: Book, stack: Stack) -> None:
    template = "/v1/books/{book_id}/transactions"
    failures = {
        404: book.rest.post(template.replace("{book_id}", FOREIGN), **book.expense()),
        400: book.rest.post(
            template.replace("{book_id}", book.id), **book.expense() | {"bookedOn": "tomorrow", "requestId": new_id()}
        ),
        401: Rest(stack).post(template.replace("{book_id}", book.id), **book.expense()),
    }
    for status, reply in failures.items():
        assert reply.status == status, reply
        check(openapi, "post", template, reply)
    assert failures[404].reason in openapi["paths"][template]["post"]["responses"]["404"]["x-reasons"]
