"""What CreateBook promises."""

import asyncio
from typing import Any
from uuid import UUID, uuid5

import grpc
import pytest

import proof
from people import Person, new_id, refusal_of
from rpc.ledger import shelf
from tallystick.app import App
from tallystick.ledger.books.starters import starter_categories
from tallystick.ledger.tables import CATEGORY
from tallystick.v1.ledger_pb2 import Category, CategoryKind
from tallystick_client.v1 import ledger_pb2, ledger_service_pb2


def book_request(**other: object) -> ledger_service_pb2.CreateBookRequest:
    fields: dict[str, object] = {"request_id": new_id(), "name": "Home", "base_currency": "EUR"}
    return ledger_service_pb2.CreateBookRequest(**fields | other)  # type: ignore[arg-type]  # a table of fields


async def test_create_book_makes_a_space_of_its_own(ann: Person) -> None:
    made = (await ann.ledger.CreateBook(book_request())).book
    assert (made.name, made.base_currency, made.version) == ("Home", "EUR", 1)


async def test_create_book_keeps_what_it_is_told(ann: Person) -> None:
    sunday = ledger_pb2.Weekday.WEEKDAY_SUNDAY
    told = {"name": " Casa ", "first_day_of_week": sunday, "first_day_of_month": 25, "time_zone": "America/Lima"}
    made = await shelf.make(ann, **told)
    assert await shelf.get(ann, made.id) == made
    assert (made.name, made.first_day_of_week, made.first_day_of_month) == ("Casa", sunday, 25)
    assert made.time_zone == "America/Lima"


async def test_create_book_that_is_told_nothing_is_in_utc(ann: Person) -> None:
    made = await shelf.make(ann)
    assert (made.time_zone, made.first_day_of_month) == ("UTC", 0)
    assert made.first_day_of_week == ledger_pb2.Weekday.WEEKDAY_UNSPECIFIED


def categories_in(server: App, database: proof.Connection, book_id: str) -> list[Category]:
    seal = proof.open_seal(database, server.store.keys, UUID(book_id))
    rows = database.execute("SELECT id, version, body FROM category WHERE space_id = %s", (seal.space_id,)).fetchall()
    made = [Category.FromString(seal.open(CATEGORY.place, row_id.bytes, seq, body)) for row_id, seq, body in rows]
    return sorted(made, key=lambda category: category.position)


@pytest.mark.parametrize(("locale", "language"), [("de", "de"), ("pt-BR", "pt"), ("tlh", "en")])
async def test_create_book_with_a_locale_starts_with_categories_of_that_language(
    ann: Person, server: App, database: proof.Connection, locale: str, language: str
) -> None:
    book = await shelf.make(ann, locale=locale)
    made = categories_in(server, database, book.id)
    expected = starter_categories(language)
    assert [category.name for category in made] == [starter.name for starter in expected]
    of_key = {starter.key: category for starter, category in zip(expected, made, strict=True)}
    for starter, category in zip(expected, made, strict=True):
        assert category.id == str(uuid5(UUID(book.id), starter.key))
        assert category.parent_id == (of_key[starter.parent].id if starter.parent else "")
        assert (category.icon, category.color) == (starter.icon, starter.color)
        assert (category.kind == CategoryKind.CATEGORY_KIND_INCOME) == starter.is_income
        assert (category.book_id, category.version, category.archived) == (book.id, 1, False)


async def test_create_book_without_a_locale_starts_without_categories(
    ann: Person, server: App, database: proof.Connection
) -> None:
    book = await shelf.make(ann)
    assert categories_in(server, database, book.id) == []


async def test_create_book_repeated_finds_the_same_book_with_or_without_an_id_from_the_client(ann: Person) -> None:
    for chosen in ("", new_id()):
        request = book_request(book_id=chosen, locale="en")
        answers = await asyncio.gather(*(ann.ledger.CreateBook(request) for _ in range(4)))
        assert len({answer.book.id for answer in answers}) == 1
        assert chosen in ("", answers[0].book.id)


async def test_create_book_answers_a_repeat_when_the_book_was_deleted_since(ann: Person) -> None:
    request = book_request()
    first = await ann.ledger.CreateBook(request)
    await shelf.delete(ann, first.book.id)
    assert await ann.ledger.CreateBook(request) == first
    assert await shelf.books_of(ann) == []


async def test_create_book_takes_any_spelling_of_the_request_id_for_the_same_request(ann: Person) -> None:
    request = book_request()
    await ann.ledger.CreateBook(request)
    request.request_id = request.request_id.upper()
    assert (await refusal_of(ann.ledger.CreateBook(request))).reason == "REQUEST_ID_REUSED"
    assert len(await shelf.books_of(ann)) == 1


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
        ({"name": " \t "}, "INVALID_FIELD", "name"),
        ({"name": "x" * 201}, "INVALID_FIELD", "name"),
        ({"base_currency": "XTS"}, "UNKNOWN_CURRENCY", "base_currency"),
        ({"base_currency": "€"}, "INVALID_FIELD", "base_currency"),
        ({"request_id": ""}, "INVALID_FIELD", "request_id"),
        ({"book_id": "home"}, "INVALID_FIELD", "book_id"),
        ({"time_zone": "Mars/Olympus"}, "INVALID_FIELD", "time_zone"),
        ({"locale": "d!"}, "INVALID_FIELD", "locale"),
        ({"first_day_of_month": 29}, "INVALID_FIELD", "first_day_of_month"),
        ({"first_day_of_week": 8}, "INVALID_FIELD", "first_day_of_week"),
    ],
)
async def test_create_book_refuses(ann: Person, change: dict[str, Any], reason: str, field: str) -> None:
    refusal = await refusal_of(ann.ledger.CreateBook(book_request(**change)))
    assert (refusal.code, refusal.reason, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, reason, (field,))
