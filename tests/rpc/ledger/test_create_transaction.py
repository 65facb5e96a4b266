"""What CreateTransaction promises."""

import asyncio
from datetime import date
from typing import Any

import grpc
import pytest

import proof
from people import BookOf, Client, Person, Refusal, make_book, new_id, refusal_of
from tallystick_client.v1 import ledger_pb2, ledger_service_pb2, money_pb2

INT64_MAX = 2**63 - 1
INCOME = ledger_pb2.TransactionKind.TRANSACTION_KIND_INCOME


async def test_create_transaction_takes_an_expense_from_the_account(book: BookOf) -> None:
    answer = await book.spend(250)
    (entry,) = answer.transaction.entries
    assert entry.amount == money_pb2.Money(currency="EUR", minor=-250)
    assert (entry.account_id, entry.category_id) == (book.account_id, book.spending_id)
    assert answer.balance.balance.minor == -250
    assert answer.balance.version == answer.transaction.version
    assert await book.balance() == -250


async def test_create_transaction_gives_an_income_to_the_account(book: BookOf) -> None:
    await book.spend(250)
    answer = await book.spend(1000, kind=INCOME, category_id=book.earning_id)
    assert answer.balance.balance.minor == 750
    assert await book.balance() == 750


async def test_create_transaction_needs_no_category(book: BookOf) -> None:
    answer = await book.spend(250, category_id="")
    assert answer.transaction.entries[0].category_id == ""


async def test_create_transaction_keeps_the_id_that_the_client_made(book: BookOf) -> None:
    chosen = new_id()
    assert (await book.spend(transaction_id=chosen)).transaction.id == chosen


async def test_create_transaction_answers_a_repeat_with_the_first_answer_and_writes_nothing(book: BookOf) -> None:
    request = book.expense(250)
    first = await book.person.ledger.CreateTransaction(request)
    await book.spend(100)
    again = await book.person.ledger.CreateTransaction(request)
    assert again.SerializeToString(deterministic=True) == first.SerializeToString(deterministic=True)
    assert await book.balance() == -350


async def test_create_transaction_repeated_at_the_same_time_happens_once(book: BookOf) -> None:
    request = book.expense(250)
    answers = await asyncio.gather(*(book.person.ledger.CreateTransaction(request) for _ in range(8)))
    assert len({answer.transaction.id for answer in answers}) == 1
    assert await book.balance() == -250


async def test_create_transaction_by_many_at_once_loses_nothing(book: BookOf) -> None:
    await asyncio.gather(*(book.spend(amount) for amount in range(1, 65)))
    assert await book.balance() == -sum(range(1, 65))


REFUSED = [
    ("request id reused", {"payee": "Other"}, "REQUEST_ID_REUSED", "request_id"),
    ("impossible date", {"booked_on": "2026-02-30"}, "INVALID_DATE", "booked_on"),
    ("date of another shape", {"booked_on": "3 Feb 2026"}, "INVALID_FIELD", "booked_on"),
    ("unknown currency", {"amount": money_pb2.Money(currency="ZZZ", minor=1)}, "UNKNOWN_CURRENCY", "amount.currency"),
    ("other currency", {"amount": money_pb2.Money(currency="USD", minor=1)}, "CURRENCY_MISMATCH", "amount.currency"),
    ("lower case currency", {"amount": money_pb2.Money(currency="eur", minor=1)}, "INVALID_FIELD", "amount.currency"),
    ("nothing", {"amount": money_pb2.Money(currency="EUR", minor=0)}, "INVALID_FIELD", "amount"),
    ("less than nothing", {"amount": money_pb2.Money(currency="EUR", minor=-1)}, "INVALID_FIELD", "amount"),
    ("no amount", {"amount": None}, "INVALID_FIELD", "amount"),
    ("unknown kind", {"kind": 77}, "INVALID_FIELD", "kind"),
    ("no kind", {"kind": 0}, "INVALID_FIELD", "kind"),
    ("no id", {"account_id": ""}, "INVALID_FIELD", "account_id"),
    ("no UUID", {"account_id": "cash"}, "INVALID_FIELD", "account_id"),
    ("oversized payee", {"payee": "x" * 201}, "INVALID_FIELD", "payee"),
    ("oversized note", {"note": "x" * 2001}, "INVALID_FIELD", "note"),
]


@pytest.mark.parametrize(
    ("change", "reason", "field"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
async def test_create_transaction_refuses(
    book: BookOf, database: proof.Connection, change: dict[str, Any], reason: str, field: str
) -> None:
    first = book.expense()
    await book.person.ledger.CreateTransaction(first)
    request_id = first.request_id if reason == "REQUEST_ID_REUSED" else new_id()
    refusal = await refused_without_a_trace(database, book, book.expense(250, **{"request_id": request_id, **change}))
    assert (refusal.code, refusal.reason, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, reason, (field,))


async def test_create_transaction_refuses_a_category_of_the_other_kind(
    book: BookOf, database: proof.Connection
) -> None:
    refusal = await refused_without_a_trace(database, book, book.expense(category_id=book.earning_id))
    assert (refusal.reason, refusal.fields) == ("CATEGORY_KIND_MISMATCH", ("category_id",))


async def test_create_transaction_refuses_a_balance_beyond_64_bits(book: BookOf, database: proof.Connection) -> None:
    await book.spend(INT64_MAX)
    refusal = await refused_without_a_trace(database, book, book.expense(1))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "AMOUNT_OUT_OF_RANGE")
    assert await book.balance() == -INT64_MAX


async def test_create_transaction_refuses_an_id_that_is_taken(book: BookOf, database: proof.Connection) -> None:
    taken = (await book.spend()).transaction.id
    refusal = await refused_without_a_trace(database, book, book.expense(transaction_id=taken))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ID_TAKEN")


@pytest.mark.parametrize("field", ["account_id", "category_id"])
async def test_create_transaction_does_not_see_what_belongs_to_another_book(
    book: BookOf, bob: Person, database: proof.Connection, field: str
) -> None:
    theirs = await make_book(bob)
    foreign = {"account_id": theirs.account_id, "category_id": theirs.spending_id}[field]
    of_others = await refused_without_a_trace(database, book, book.expense(250, **{field: foreign}))
    of_nobody = await refused_without_a_trace(database, book, book.expense(250, **{field: new_id()}))
    assert of_others == of_nobody
    assert (of_others.code, of_others.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_create_transaction_needs_someone_signed_in(book: BookOf, client: Client) -> None:
    refusal = await refusal_of(client.ledger.CreateTransaction(book.expense()))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAUTHENTICATED, "NOT_SIGNED_IN")


async def test_create_transaction_on_a_leap_day_counts_for_its_month(book: BookOf) -> None:
    answer = await book.spend(booked_on=date(2028, 2, 29).isoformat())
    assert answer.transaction.booked_on == "2028-02-29"


async def refused_without_a_trace(
    database: proof.Connection, book: BookOf, request: ledger_service_pb2.CreateTransactionRequest
) -> Refusal:
    """How the call was refused, having compared every table before and after."""
    before = proof.count_rows(database)
    refusal = await refusal_of(book.person.ledger.CreateTransaction(request))
    assert proof.count_rows(database) == before
    return refusal
