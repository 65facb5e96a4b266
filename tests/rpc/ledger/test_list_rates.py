"""What ListRates promises. Providers' rates are everybody's, so each test asks for a currency that no other test publishes."""

from typing import Any

import grpc
import pytest

import proof
from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger import exchange, shelf
from rpc.ledger.exchange import Rate
from rpc.spaces.sharing import VIEWER
from tallystick.app import App
from tallystick_client.v1 import ledger_rates_pb2 as pb


async def test_list_rates_holds_the_newest_day_first_and_the_books_own_before_the_providers(
    book: BookOf, server: App, database: proof.Connection
) -> None:
    async with exchange.published(
        server,
        database,
        ("VUV/AUD", "2026-02-01", "0.012"),
        ("VUV/NZD", "2026-02-02", "0.013"),
        ("VUV/AUD", "2026-02-02", "0.0125"),
    ) as (older, to_nzd, to_aud):
        own_older = await exchange.set_rate(book, "VUV/AUD", "2026-02-01", "0.02")
        own_newer = await exchange.set_rate(book, "VUV/NZD", "2026-02-02", "0.03")
        own_newest = await exchange.set_rate(book, "USD/VUV", "2026-02-03", "119")
        listed = await exchange.rates_in(book, currency="VUV")
        assert listed == [own_newest, own_newer, to_aud, to_nzd, own_older, older]


async def test_list_rates_shows_providers_rates_to_every_book_and_own_ones_to_their_book(
    book: BookOf, bob: Person, server: App, database: proof.Connection
) -> None:
    own = await exchange.set_rate(book, "WST/AUD", "2026-02-01", "0.55")
    vic = await shelf.with_member(book.person, book.id, VIEWER)
    async with exchange.published(server, database, ("WST/AUD", "2026-02-01", "0.56")) as (theirs,):
        assert (theirs.id, theirs.book_id, theirs.version) == ("", "", 0)
        assert await exchange.rates_in(book, vic, currency="WST") == [own, theirs]
        assert await exchange.rates_in(await make_book(bob), currency="WST") == [theirs]


async def test_list_rates_filters_by_day_and_by_currency_on_either_side(book: BookOf) -> None:
    first = await exchange.set_rate(book, "SBD/AUD", "2026-01-31")
    second = await exchange.set_rate(book, "AUD/SBD", "2026-02-01")
    third = await exchange.set_rate(book, "SBD/AUD", "2026-02-02")
    other = await exchange.set_rate(book, "SBD/PGK", "2026-02-02")
    assert await exchange.rates_in(book, currency="SBD") == [third, other, second, first]
    assert await exchange.rates_in(book, currency="PGK") == [other]
    assert await exchange.rates_in(book, currency="SBD", from_on="2026-02-01") == [third, other, second]
    assert await exchange.rates_in(book, currency="SBD", until_on="2026-02-01") == [second, first]
    assert await exchange.rates_in(book, currency="SBD", from_on="2026-02-01", until_on="2026-02-01") == [second]
    assert await exchange.rates_in(book, currency="SBD", from_on="2026-02-02", until_on="2026-02-01") == []
    only_own = [rate for rate in await exchange.rates_in(book) if rate.id]
    assert only_own == [third, other, second, first]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
async def test_list_rates_pages_meet_every_rate_of_both_sources_once(
    book: BookOf, server: App, database: proof.Connection, size: int
) -> None:
    days = ("2026-02-01", "2026-02-02", "9999-12-31")
    pairs = ("MWK/EUR", "MWK/USD", "USD/MWK")
    for day in days:
        for pair in pairs:
            await exchange.set_rate(book, pair, day, "2")
    said = [(pair, day, "3") for day in days for pair in pairs]
    async with exchange.published(server, database, *said), exchange.published(server, database, *said):
        expected = await exchange.rates_in(book, currency="MWK")
        assert len(expected) == 3 * len(said)
        seen: list[Rate] = []
        token = ""
        while True:
            page = await book.person.ledger.ListRates(
                pb.ListRatesRequest(book_id=book.id, page_size=size, page_token=token, currency="MWK")
            )
            seen += page.rates
            token = page.next_page_token
            assert len(page.rates) == size or not token
            assert len(seen) <= len(expected)
            if not token:
                break
    assert seen == expected
    assert [rate.on for rate in seen] == sorted((rate.on for rate in seen), reverse=True)


async def test_list_rates_refuses_a_token_of_another_query(book: BookOf) -> None:
    for day in ("2026-02-01", "2026-02-02"):
        await exchange.set_rate(book, on=day)
    asked = pb.ListRatesRequest(book_id=book.id, currency="USD", page_size=1)
    token = (await book.person.ledger.ListRates(asked)).next_page_token
    assert token
    other = pb.ListRatesRequest(book_id=book.id, currency="EUR", page_token=token)
    assert (await refusal_of(book.person.ledger.ListRates(other))).reason == "INVALID_PAGE_TOKEN"


@pytest.mark.parametrize(
    ("filters", "reason", "field"),
    [
        ({"from_on": "2026-02-30"}, "INVALID_DATE", "from_on"),
        ({"until_on": "2026-02-30"}, "INVALID_DATE", "until_on"),
        ({"currency": "usd"}, "INVALID_FIELD", "currency"),
        ({"page_size": -1}, "INVALID_FIELD", "page_size"),
    ],
)
async def test_list_rates_refuses(book: BookOf, filters: dict[str, Any], reason: str, field: str) -> None:
    refused = await refusal_of(exchange.rates_in(book, **filters))
    assert (refused.code, refused.reason, refused.fields) == (grpc.StatusCode.INVALID_ARGUMENT, reason, (field,))


async def test_list_rates_of_a_foreign_or_missing_book_is_not_found(book: BookOf, bob: Person) -> None:
    foreign = await refusal_of(exchange.rates_in(book, bob))
    missing = await refusal_of(bob.ledger.ListRates(pb.ListRatesRequest(book_id=new_id())))
    assert foreign.reason == "NOT_FOUND"
    assert foreign.raw == missing.raw
