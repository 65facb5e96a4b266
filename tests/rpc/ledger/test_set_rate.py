"""What SetRate promises."""

from typing import Any
from uuid import UUID, uuid5

import grpc
import pytest

import proof
from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger import exchange, shelf
from rpc.spaces.sharing import EDITOR, VIEWER
from tallystick_client.v1 import ledger_pb2, ledger_service_pb2, money_pb2


async def test_set_rate_makes_a_rate_of_the_books_own(book: BookOf) -> None:
    made = await exchange.set_rate(book, "EUR/USD", "2026-02-03", "001.08230")
    assert (made.base, made.quote, made.on, made.rate, made.source) == ("EUR", "USD", "2026-02-03", "1.0823", "user")
    assert (made.book_id, made.id) == (book.id, str(uuid5(UUID(book.id), "EUR/USD/2026-02-03")))
    assert await exchange.rates_in(book, currency="USD") == [made]


async def test_set_rate_of_the_same_pair_and_day_replaces_it(book: BookOf) -> None:
    first = await exchange.set_rate(book, rate="1.08")
    second = await exchange.set_rate(book, rate="1.09")
    assert (second.id, second.rate) == (first.id, "1.09")
    assert second.version > first.version
    assert await exchange.rates_in(book, currency="USD") == [second]


async def test_set_rate_of_another_day_or_the_other_way_round_is_another_rate(book: BookOf) -> None:
    made = [
        await exchange.set_rate(book, "EUR/USD", "2026-02-03"),
        await exchange.set_rate(book, "EUR/USD", "2026-02-04"),
        await exchange.set_rate(book, "USD/EUR", "2026-02-03"),
    ]
    assert len({rate.id for rate in made}) == 3
    assert len(await exchange.rates_in(book, currency="USD")) == 3


async def test_set_rate_to_what_it_is_changes_nothing(book: BookOf) -> None:
    made = await exchange.set_rate(book, rate="1.5")
    assert await exchange.set_rate(book, rate="1.500") == made


async def test_set_rate_brings_back_one_that_was_deleted(book: BookOf) -> None:
    made = await exchange.set_rate(book, rate="1.5")
    await exchange.delete_rate(book, made.id)
    again = await exchange.set_rate(book, rate="1.5")
    assert (again.id, again.rate) == (made.id, "1.5")
    assert again.version > made.version
    assert await exchange.rates_in(book, currency="USD") == [again]


async def test_t33_set_rate_never_changes_what_is_stored(book: BookOf, ann: Person) -> None:
    dollars = await ann.ledger.CreateAccount(
        ledger_service_pb2.CreateAccountRequest(
            request_id=new_id(),
            book_id=book.id,
            name="Dollars",
            type=ledger_pb2.AccountType.ACCOUNT_TYPE_CASH,
            currency="USD",
        )
    )
    await exchange.set_rate(book, "EUR/USD", "2026-01-01", "1.10")
    moved = await book.spend(
        10_000,
        kind=ledger_pb2.TransactionKind.TRANSACTION_KIND_TRANSFER,
        category_id="",
        to_account_id=dollars.account.id,
        to_amount=money_pb2.Money(currency="USD", minor=11_000),
    )
    balance_of = ledger_service_pb2.GetAccountBalanceRequest(book_id=book.id, account_id=dollars.account.id)
    before = await ann.ledger.GetAccountBalance(balance_of)
    for rate in ("1.25", "0.5"):
        await exchange.set_rate(book, "EUR/USD", "2026-02-03", rate)
    asked = ledger_service_pb2.GetTransactionRequest(book_id=book.id, transaction_id=moved.transaction.id)
    assert (await ann.ledger.GetTransaction(asked)).transaction == moved.transaction
    assert await ann.ledger.GetAccountBalance(balance_of) == before
    assert (await book.balance(), before.balance.balance.minor) == (-10_000, 11_000)


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"quote": "EUR"}, "INVALID_FIELD", "quote"),
        ({"base": "XTS"}, "UNKNOWN_CURRENCY", "base"),
        ({"quote": "XTS"}, "UNKNOWN_CURRENCY", "quote"),
        ({"base": "eur"}, "INVALID_FIELD", "base"),
        ({"on": "2026-02-30"}, "INVALID_DATE", "on"),
        ({"on": "yesterday"}, "INVALID_FIELD", "on"),
        ({"rate": "0"}, "INVALID_RATE", "rate"),
        ({"rate": "0.000"}, "INVALID_RATE", "rate"),
        ({"rate": "-1"}, "INVALID_FIELD", "rate"),
        ({"rate": "1e3"}, "INVALID_FIELD", "rate"),
        ({"rate": "1.1234567890123"}, "INVALID_FIELD", "rate"),
    ],
)
async def test_set_rate_refuses(book: BookOf, change: dict[str, Any], reason: str, field: str) -> None:
    refused = await refusal_of(book.person.ledger.SetRate(exchange.set_request(book, **change)))
    assert (refused.code, refused.reason, refused.fields) == (grpc.StatusCode.INVALID_ARGUMENT, reason, (field,))
    assert await exchange.rates_in(book, currency="USD") == []


async def test_set_rate_answers_a_repeat_with_the_first_answer(book: BookOf) -> None:
    request = exchange.set_request(book)
    first = await book.person.ledger.SetRate(request)
    await exchange.set_rate(book, rate="2")
    assert await book.person.ledger.SetRate(request) == first
    assert [rate.rate for rate in await exchange.rates_in(book, currency="USD")] == ["2"]
    request.rate = "3"
    assert (await refusal_of(book.person.ledger.SetRate(request))).reason == "REQUEST_ID_REUSED"


async def test_set_rate_is_for_editors(book: BookOf, ann: Person, bob: Person, database: proof.Connection) -> None:
    vic = await shelf.with_member(ann, book.id, VIEWER)
    eve = await shelf.with_member(ann, book.id, EDITOR, "Eve")
    before = proof.count_rows(database)
    assert (await refusal_of(vic.ledger.SetRate(exchange.set_request(book)))).reason == "ROLE_TOO_LOW"
    assert (await refusal_of(bob.ledger.SetRate(exchange.set_request(book)))).reason == "NOT_FOUND"
    assert proof.count_rows(database) == before
    assert (await eve.ledger.SetRate(exchange.set_request(book))).rate.source == "user"


async def test_set_rate_says_nothing_to_another_book(book: BookOf, ann: Person) -> None:
    other = await make_book(ann)
    await exchange.set_rate(book)
    assert await exchange.rates_in(other, currency="USD") == []
