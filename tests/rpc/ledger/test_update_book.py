"""What UpdateBook promises."""

from typing import Any

import grpc
import pytest

import proof
from people import BookOf, Person, new_id, refusal_of
from rpc.ledger import shelf
from rpc.spaces.sharing import EDITOR, VIEWER
from tallystick_client.v1 import ledger_pb2

SUNDAY = ledger_pb2.Weekday.WEEKDAY_SUNDAY


async def test_update_book_without_a_mask_changes_what_is_not_empty(ann: Person) -> None:
    book = await shelf.make(ann, time_zone="Europe/Berlin")
    after = await shelf.update(ann, book.id, name=" Nest ", base_currency="USD", first_day_of_week=SUNDAY)
    assert (after.name, after.base_currency, after.first_day_of_week) == ("Nest", "USD", SUNDAY)
    assert (after.time_zone, after.created_at, after.version) == ("Europe/Berlin", book.created_at, book.version + 1)
    assert await shelf.get(ann, book.id) == after


async def test_update_book_with_a_mask_changes_only_that(ann: Person) -> None:
    book = await shelf.make(ann, first_day_of_month=15, first_day_of_week=SUNDAY)
    after = await shelf.update(ann, book.id, "first_day_of_month", name="not asked for")
    assert (after.name, after.first_day_of_month, after.first_day_of_week) == ("Home", 0, SUNDAY)


async def test_update_book_of_everything_puts_back_what_is_empty(ann: Person) -> None:
    book = await shelf.make(ann, first_day_of_month=15, first_day_of_week=SUNDAY, time_zone="Europe/Berlin")
    after = await shelf.update(ann, book.id, "*", name="Nest", base_currency="CHF")
    assert (after.first_day_of_month, after.first_day_of_week, after.time_zone) == (0, 0, "UTC")


async def test_update_book_that_changes_nothing_writes_nothing(ann: Person) -> None:
    book = await shelf.make(ann)
    assert await shelf.update(ann, book.id, name="Home", base_currency="EUR") == book
    assert await shelf.update(ann, book.id) == book


async def test_update_book_leaves_what_is_stored_as_it_is(book: BookOf) -> None:
    spent = await book.spend(250)
    await shelf.update(book.person, book.id, base_currency="JPY", first_day_of_month=28)
    assert await book.balance() == -250
    assert spent.transaction.entries[0].amount.currency == "EUR"


async def test_update_book_refuses_a_stale_version_only_where_fields_meet(ann: Person) -> None:
    book = await shelf.make(ann)
    renamed = await shelf.update(ann, book.id, name="Nest", base_version=book.version)
    merged = await shelf.update(ann, book.id, time_zone="Asia/Tokyo", base_version=book.version)
    assert (merged.name, merged.time_zone) == ("Nest", "Asia/Tokyo")
    stale = await refusal_of(shelf.update(ann, book.id, name="Den", base_version=book.version))
    assert (stale.code, stale.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")
    assert stale.metadata["current_version"] == str(merged.version)
    assert (await shelf.update(ann, book.id, name="Den", base_version=renamed.version)).name == "Den"


@pytest.mark.parametrize(
    ("paths", "fields", "reason", "field"),
    [
        (("name",), {"name": " "}, "INVALID_FIELD", "name"),
        (("name",), {}, "INVALID_FIELD", "name"),
        ((), {"name": "x" * 201}, "INVALID_FIELD", "name"),
        ((), {"base_currency": "XTS"}, "UNKNOWN_CURRENCY", "base_currency"),
        (("base_currency",), {}, "UNKNOWN_CURRENCY", "base_currency"),
        ((), {"time_zone": "Mars/Olympus"}, "INVALID_FIELD", "time_zone"),
        ((), {"first_day_of_month": -1}, "INVALID_FIELD", "first_day_of_month"),
        (("id",), {}, "INVALID_UPDATE_MASK", "update_mask"),
        (("version",), {}, "INVALID_UPDATE_MASK", "update_mask"),
    ],
)
async def test_update_book_refuses(
    ann: Person, paths: tuple[str, ...], fields: dict[str, Any], reason: str, field: str
) -> None:
    book = await shelf.make(ann)
    refused = await refusal_of(shelf.update(ann, book.id, *paths, **fields))
    assert (refused.code, refused.reason, refused.fields) == (grpc.StatusCode.INVALID_ARGUMENT, reason, (field,))
    assert await shelf.get(ann, book.id) == book


async def test_update_book_answers_a_repeat_with_the_first_answer(ann: Person) -> None:
    book = await shelf.make(ann)
    request = shelf.update_request(book.id, name="Nest")
    first = await ann.ledger.UpdateBook(request)
    await shelf.update(ann, book.id, name="Den")
    assert await ann.ledger.UpdateBook(request) == first
    request.name = "Lair"
    assert (await refusal_of(ann.ledger.UpdateBook(request))).reason == "REQUEST_ID_REUSED"
    assert (await shelf.get(ann, book.id)).name == "Den"


async def test_update_book_is_for_editors(ann: Person, bob: Person, database: proof.Connection) -> None:
    book = await shelf.make(ann)
    vic = await shelf.with_member(ann, book.id, VIEWER)
    eve = await shelf.with_member(ann, book.id, EDITOR, "Eve")
    before = proof.count_rows(database)
    assert (await refusal_of(shelf.update(vic, book.id, name="Nest"))).reason == "ROLE_TOO_LOW"
    assert (await refusal_of(shelf.update(bob, book.id, name="Nest"))).reason == "NOT_FOUND"
    assert (await refusal_of(shelf.update(ann, new_id(), name="Nest"))).reason == "NOT_FOUND"
    assert proof.count_rows(database) == before
    assert (await shelf.update(eve, book.id, name="Nest")).name == "Nest"
