"""What CreateAccount promises."""

from typing import Any

import pytest

import proof
from people import BookOf, new_id, refusal_of
from rpc.ledger.accounts import (
    CHECKING,
    CLEARED,
    LOAN,
    OPENING,
    call,
    create,
    create_request,
    eur,
    get,
    held,
    held_and_cleared,
    make,
    transaction,
)
from rpc.ledger.promises import keeps_the_promises_of_a_write
from tallystick_client.v1.money_pb2 import Money


async def test_create_account_keeps_what_it_was_told(book: BookOf) -> None:
    chosen = new_id()
    shown = {"position": 7, "icon": "bank", "color": "#00aaFF", "note": "at the corner"}
    made = await make(book, account_id=chosen.upper(), name="  Giro ", currency="JPY", **shown)
    assert (made.id, made.book_id, made.name, made.currency, made.type) == (chosen, book.id, "Giro", "JPY", CHECKING)
    assert {name: getattr(made, name) for name in shown} == shown
    assert (made.private_to, made.closed_on, made.opening_transaction_id, made.reconciled_on) == ("", "", "", "")
    assert await get(book, chosen) == made


async def test_create_account_keeps_the_promises_of_a_write(book: BookOf) -> None:
    request = create_request(book, opening_balance=eur(100), opening_on="2026-01-01")
    await keeps_the_promises_of_a_write(book, "CreateAccount", request, name="Other")


@pytest.mark.parametrize("minor", [123_456, -250_000, 1, -1, 2**63 - 1, -(2**63) + 1])
async def test_create_account_books_its_opening_balance_as_a_transaction(book: BookOf, minor: int) -> None:
    made = await create(book, type=LOAN, opening_balance=eur(minor), opening_on="2026-02-28")
    opening = made.opening
    assert (opening.kind, opening.booked_on, opening.status) == (OPENING, "2026-02-28", CLEARED)
    assert [(e.account_id, e.amount.minor, e.category_id, e.status) for e in opening.entries] == [
        (made.account.id, minor, "", CLEARED)
    ]
    assert opening.id == made.account.opening_transaction_id
    assert opening.version == made.account.version
    assert await transaction(book, opening.id) == opening
    assert await held_and_cleared(book, made.account.id) == (minor, minor)
    assert await held(book, made.account.id, "2026-02-27") == 0
    assert await held(book, made.account.id, "2026-02-28") == minor


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31"])
async def test_create_account_opens_on_any_day_that_there_is(book: BookOf, on: str) -> None:
    made = await create(book, opening_balance=eur(5), opening_on=on)
    assert made.opening.booked_on == on
    assert await held(book, made.account.id, "9999-12-31") == 5


@pytest.mark.parametrize(
    "opening",
    [{}, {"opening_balance": eur(0)}, {"opening_balance": eur(0), "opening_on": "2026-01-01"}],
    ids=["absent", "zero", "zero with a day"],
)
async def test_create_account_without_an_opening_balance_books_nothing(book: BookOf, opening: dict[str, Any]) -> None:
    made = await create(book, **opening)
    assert (made.HasField("opening"), made.account.opening_transaction_id) == (False, "")
    assert await held(book, made.account.id) == 0


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"name": " \t"}, "INVALID_FIELD", "name"),
        ({"name": ""}, "INVALID_FIELD", "name"),
        ({"name": "x" * 201}, "INVALID_FIELD", "name"),
        ({"type": 0}, "INVALID_FIELD", "type"),
        ({"color": "red"}, "INVALID_FIELD", "color"),
        ({"position": -1}, "INVALID_FIELD", "position"),
        ({"currency": "ABC"}, "UNKNOWN_CURRENCY", "currency"),
        ({"opening_balance": eur(1)}, "INVALID_FIELD", "opening_on"),
        ({"opening_balance": eur(1), "opening_on": "2026-02-30"}, "INVALID_DATE", "opening_on"),
        ({"opening_on": "0000-01-01"}, "INVALID_DATE", "opening_on"),
        (
            {"opening_balance": Money(currency="USD", minor=1), "opening_on": "2026-02-01"},
            "CURRENCY_MISMATCH",
            "opening_balance.currency",
        ),
        (
            {"opening_balance": eur(-(2**63)), "opening_on": "2026-02-01"},
            "AMOUNT_OUT_OF_RANGE",
            "opening_balance.minor",
        ),
    ],
)
async def test_create_account_refuses_what_is_wrong_and_writes_nothing(
    book: BookOf, database: proof.Connection, fields: dict[str, Any], reason: str, field: str
) -> None:
    before = proof.count_rows(database)
    refusal = await refusal_of(create(book, **fields))
    assert (refusal.reason, refusal.fields) == (reason, (field,))
    assert proof.count_rows(database) == before


async def test_create_account_refuses_an_id_that_is_taken(book: BookOf) -> None:
    taken = await refusal_of(create(book, account_id=book.account_id))
    assert taken.reason == "ID_TAKEN"
    deleted = await make(book)
    await call("Delete", book, deleted.id)
    assert (await refusal_of(create(book, account_id=deleted.id))).reason == "ID_TAKEN"


async def test_create_account_private_is_the_callers_alone_with_its_opening_balance(book: BookOf) -> None:
    made = await create(book, private=True, opening_balance=eur(500), opening_on="2026-01-01")
    assert made.account.private_to == made.opening.private_to == book.person.user.id
