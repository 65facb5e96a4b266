"""What CreateBook promises."""

import asyncio

import grpc
import pytest

from people import Person, new_id, refusal_of
from tallystick_client.v1 import ledger_service_pb2


def book_request(**other: object) -> ledger_service_pb2.CreateBookRequest:
    fields: dict[str, object] = {"request_id": new_id(), "name": "Home", "base_currency": "EUR"}
    return ledger_service_pb2.CreateBookRequest(**fields | other)  # type: ignore[arg-type]  # a table of fields


async def test_create_book_makes_a_space_of_its_own(ann: Person) -> None:
    made = (await ann.ledger.CreateBook(book_request())).book
    assert (made.name, made.base_currency, made.version) == ("Home", "EUR", 1)


async def test_create_book_repeated_finds_the_same_book_with_or_without_an_id_from_the_client(ann: Person) -> None:
    for chosen in ("", new_id()):
        request = book_request(book_id=chosen)
        answers = await asyncio.gather(*(ann.ledger.CreateBook(request) for _ in range(4)))
        assert len({answer.book.id for answer in answers}) == 1
        assert chosen in ("", answers[0].book.id)


async def test_create_book_refuses_the_id_of_another_book(ann: Person, bob: Person) -> None:
    taken = (await ann.ledger.CreateBook(book_request())).book.id
    for person in (ann, bob):
        refusal = await refusal_of(person.ledger.CreateBook(book_request(book_id=taken)))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ID_TAKEN")


async def test_create_book_refuses_a_reused_request_id(ann: Person) -> None:
    request = book_request()
    await ann.ledger.CreateBook(request)
    request.name = "Other"
    assert (await refusal_of(ann.ledger.CreateBook(request))).reason == "REQUEST_ID_REUSED"


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"name": ""}, "INVALID_FIELD", "name"),
        ({"name": "x" * 201}, "INVALID_FIELD", "name"),
        ({"base_currency": "XTS"}, "UNKNOWN_CURRENCY", "base_currency"),
        ({"base_currency": "€"}, "INVALID_FIELD", "base_currency"),
        ({"request_id": ""}, "INVALID_FIELD", "request_id"),
        ({"book_id": "home"}, "INVALID_FIELD", "book_id"),
    ],
)
async def test_create_book_refuses(ann: Person, change: dict[str, object], reason: str, field: str) -> None:
    refusal = await refusal_of(ann.ledger.CreateBook(book_request(**change)))
    assert (refusal.code, refusal.reason, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, reason, (field,))
