"""What CreateBook, CreateAccount and CreateCategory promise."""

import asyncio

import grpc
import pytest

from people import BookOf, Person, new_id, refusal_of
from tallystick_client.v1 import ledger_pb2, ledger_service_pb2


def book_request(**other: object) -> ledger_service_pb2.CreateBookRequest:
    fields: dict[str, object] = {"request_id": new_id(), "name": "Home", "base_currency": "EUR"}
    return ledger_service_pb2.CreateBookRequest(**fields | other)  # type: ignore[arg-type]  # a table of fields


def account_request(book: BookOf, **other: object) -> ledger_service_pb2.CreateAccountRequest:
    fields: dict[str, object] = {
        "request_id": new_id(),
        "book_id": book.id,
        "name": "Savings",
        "type": ledger_pb2.AccountType.ACCOUNT_TYPE_SAVINGS,
        "currency": "JPY",
    }
    return ledger_service_pb2.CreateAccountRequest(**fields | other)  # type: ignore[arg-type]  # as above


def category_request(book: BookOf, **other: object) -> ledger_service_pb2.CreateCategoryRequest:
    fields: dict[str, object] = {
        "request_id": new_id(),
        "book_id": book.id,
        "name": "Bread",
        "kind": ledger_pb2.CategoryKind.CATEGORY_KIND_EXPENSE,
        "parent_id": book.spending_id,
    }
    return ledger_service_pb2.CreateCategoryRequest(**fields | other)  # type: ignore[arg-type]  # as above


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
        ({"base_currency": "XXX"}, "UNKNOWN_CURRENCY", "base_currency"),
        ({"base_currency": "€"}, "INVALID_FIELD", "base_currency"),
        ({"request_id": ""}, "INVALID_FIELD", "request_id"),
        ({"book_id": "home"}, "INVALID_FIELD", "book_id"),
    ],
)
async def test_create_book_refuses(ann: Person, change: dict[str, object], reason: str, field: str) -> None:
    refusal = await refusal_of(ann.ledger.CreateBook(book_request(**change)))
    assert (refusal.code, refusal.reason, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, reason, (field,))


async def test_create_account_keeps_its_own_currency(book: BookOf) -> None:
    made = (await book.person.ledger.CreateAccount(account_request(book))).account
    assert (made.currency, made.book_id) == ("JPY", book.id)


async def test_create_account_answers_a_repeat_with_the_first_answer(book: BookOf) -> None:
    request = account_request(book)
    first = await book.person.ledger.CreateAccount(request)
    assert await book.person.ledger.CreateAccount(request) == first


async def test_create_account_refuses_an_unknown_currency_and_an_id_that_is_taken(book: BookOf) -> None:
    unknown = await refusal_of(book.person.ledger.CreateAccount(account_request(book, currency="ABC")))
    assert (unknown.reason, unknown.fields) == ("UNKNOWN_CURRENCY", ("currency",))
    taken = await refusal_of(book.person.ledger.CreateAccount(account_request(book, account_id=book.account_id)))
    assert taken.reason == "ID_TAKEN"


async def test_create_category_is_part_of_its_parent(book: BookOf) -> None:
    made = (await book.person.ledger.CreateCategory(category_request(book))).category
    assert made.parent_id == book.spending_id


async def test_create_category_answers_a_repeat_with_the_first_answer(book: BookOf) -> None:
    request = category_request(book)
    first = await book.person.ledger.CreateCategory(request)
    assert await book.person.ledger.CreateCategory(request) == first


async def test_create_category_refuses_a_parent_of_the_other_kind_and_one_that_is_not_there(book: BookOf) -> None:
    other = await refusal_of(book.person.ledger.CreateCategory(category_request(book, parent_id=book.earning_id)))
    assert (other.reason, other.fields) == ("CATEGORY_KIND_MISMATCH", ("parent_id",))
    missing = await refusal_of(book.person.ledger.CreateCategory(category_request(book, parent_id=new_id())))
    assert (missing.code, missing.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
