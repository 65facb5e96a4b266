"""What Convert promises. The arithmetic itself is proven in tests/rules."""

from typing import Any

import grpc
import pytest

import proof
from people import BookOf, Person, new_id, refusal_of
from rpc.ledger import exchange, shelf
from rpc.spaces.sharing import VIEWER
from tallystick.app import App

ABOVE_64_BITS = 2**63 - 1


async def test_convert_takes_the_pairs_own_rate(book: BookOf) -> None:
    rate = await exchange.set_rate(book, "EUR/USD", "2026-02-03", "1.0823")
    answer = await exchange.convert(book, 1_000, "EUR", "USD")
    assert (answer.amount.currency, answer.amount.minor) == ("USD", 1_082)
    assert (answer.rate, answer.as_of, list(answer.legs)) == ("1.0823", "2026-02-03", [rate])


async def test_convert_takes_the_inverse_where_the_pair_stands_the_other_way_round(book: BookOf) -> None:
    rate = await exchange.set_rate(book, "EUR/USD", "2026-02-03", "1.25")
    answer = await exchange.convert(book, -1_000, "USD", "EUR")
    assert (answer.amount.minor, answer.rate, list(answer.legs)) == (-800, "0.8", [rate])


async def test_convert_goes_through_a_common_currency(book: BookOf) -> None:
    to_usd = await exchange.set_rate(book, "EUR/USD", "2026-02-03", "1.25")
    to_jpy = await exchange.set_rate(book, "EUR/JPY", "2026-02-01", "160")
    answer = await exchange.convert(book, 1_000, "USD", "JPY")
    assert (answer.amount.currency, answer.amount.minor) == ("JPY", 1_280)
    assert (answer.rate, answer.as_of, list(answer.legs)) == ("128", "2026-02-01", [to_usd, to_jpy])


async def test_convert_to_the_same_currency_needs_no_rate(book: BookOf) -> None:
    answer = await exchange.convert(book, -123, "EUR", "EUR")
    assert (answer.amount.currency, answer.amount.minor, answer.rate) == ("EUR", -123, "1")
    assert (answer.as_of, list(answer.legs)) == ("2026-02-10", [])


async def test_t35_convert_of_an_old_amount_takes_the_rate_of_its_day(book: BookOf) -> None:
    for day, rate in (("2024-01-01", "1.10"), ("2025-01-01", "1.20"), ("2026-01-01", "1.30")):
        await exchange.set_rate(book, "EUR/USD", day, rate)
    for day, minor in (("2024-12-31", 110), ("2025-01-01", 120), ("2025-06-01", 120), ("2026-03-01", 130)):
        assert (await exchange.convert(book, 100, "EUR", "USD", day)).amount.minor == minor


async def test_t31_convert_without_a_rate_says_so_and_never_takes_one_for_one(
    book: BookOf, server: App, database: proof.Connection
) -> None:
    await exchange.set_rate(book, "BWP/ZMW", "2026-02-11", "1.5")
    await exchange.set_rate(book, "BWP/NAD", "2026-02-01", "1.5")
    async with exchange.published(server, database, ("ZMW/BWP", "2026-02-11", "0.7")):
        refused = await refusal_of(exchange.convert(book, 100, "BWP", "ZMW", "2026-02-10"))
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NO_RATE")


async def test_convert_takes_the_newest_rate_and_of_one_day_the_books_own(
    book: BookOf, server: App, database: proof.Connection
) -> None:
    said = [("SZL/LSL", "2026-02-01", "1.1"), ("SZL/LSL", "2026-02-03", "1.3")]
    async with exchange.published(server, database, *said) as (_, newest):
        own = await exchange.set_rate(book, "SZL/LSL", "2026-02-02", "1.2")
        assert list((await exchange.convert(book, 100, "SZL", "LSL")).legs) == [newest]
        assert list((await exchange.convert(book, 100, "SZL", "LSL", "2026-02-02")).legs) == [own]
        corrected = await exchange.set_rate(book, "SZL/LSL", "2026-02-03", "1.4")
        assert list((await exchange.convert(book, 100, "SZL", "LSL")).legs) == [corrected]


async def test_convert_crosses_an_own_rate_with_a_providers(
    book: BookOf, server: App, database: proof.Connection
) -> None:
    said = [("KES/UGX", "2026-02-01", "28"), ("KES/UGX", "2026-02-02", "30"), ("KES/TZS", "2026-02-02", "20")]
    async with (
        exchange.published(server, database, *said) as (_, to_ugx, _to_tzs),
        exchange.published(server, database, ("KES/UGX", "2026-02-01", "27")),
    ):
        own = await exchange.set_rate(book, "RWF/KES", "2026-02-01", "0.1")
        answer = await exchange.convert(book, 50, "RWF", "UGX")
        assert (answer.amount.minor, list(answer.legs)) == (150, [own, to_ugx])


async def test_convert_finds_the_pair_among_many_of_many_providers(
    book: BookOf, server: App, database: proof.Connection
) -> None:
    others = ("AOA", "BIF", "CDF", "DJF", "GMD", "LRD", "MZN", "SCR", "STN", "TND")
    days = [f"2026-02-{day:02}" for day in range(1, 10)]
    said = [(f"MGA/{other}", day, f"{number}.{day[-1]}") for day in days for number, other in enumerate(others, 1)]
    async with exchange.published(server, database, *said), exchange.published(server, database, *said[:40]):
        for number, other in enumerate(others, 1):
            assert (await exchange.convert(book, 100, "MGA", other)).rate == f"{number}.9"
            assert (await exchange.convert(book, 100, "MGA", other, "2026-02-05")).rate == f"{number}.5"
        assert len((await exchange.convert(book, 100, "AOA", "TND")).legs) == 2


@pytest.mark.parametrize(
    ("have", "want", "minor", "rate", "expected"),
    [
        ("JPY", "KWD", 1_000, "0.002", 2_000),
        ("KWD", "JPY", 1_999, "500", 1_000),
        ("CLF", "EUR", 10_000, "35.5", 3_550),
        ("EUR", "USD", 1, "0.5", 0),
        ("EUR", "USD", 3, "0.5", 2),
        ("EUR", "USD", -3, "0.5", -2),
    ],
)
async def test_t41_convert_knows_the_decimals_of_each_currency_and_rounds_once(
    book: BookOf, have: str, want: str, minor: int, rate: str, expected: int
) -> None:
    await exchange.set_rate(book, f"{have}/{want}", "2026-02-03", rate)
    assert (await exchange.convert(book, minor, have, want)).amount.minor == expected


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"have": "XTS"}, "UNKNOWN_CURRENCY", "amount.currency"),
        ({"want": "XTS"}, "UNKNOWN_CURRENCY", "to_currency"),
        ({"on": "2026-02-30"}, "INVALID_DATE", "on"),
        ({"minor": ABOVE_64_BITS}, "AMOUNT_OUT_OF_RANGE", "amount.minor"),
        ({"minor": -ABOVE_64_BITS}, "AMOUNT_OUT_OF_RANGE", "amount.minor"),
        ({"want": "dollars"}, "INVALID_FIELD", "to_currency"),
    ],
)
async def test_convert_refuses(book: BookOf, change: dict[str, Any], reason: str, field: str) -> None:
    await exchange.set_rate(book, "EUR/USD", "2026-02-03", "1.25")
    asked: dict[str, Any] = {"minor": 100, "have": "EUR", "want": "USD"} | change
    refused = await refusal_of(exchange.convert(book, **asked))
    assert (refused.code, refused.reason, refused.fields) == (grpc.StatusCode.INVALID_ARGUMENT, reason, (field,))


async def test_convert_is_for_members(book: BookOf, bob: Person) -> None:
    vic = await shelf.with_member(book.person, book.id, VIEWER)
    request = exchange.convert_request(book, 100, "EUR", "EUR")
    assert (await vic.ledger.Convert(request)).amount.minor == 100
    foreign = await refusal_of(bob.ledger.Convert(request))
    request.book_id = new_id()
    missing = await refusal_of(bob.ledger.Convert(request))
    assert foreign.reason == "NOT_FOUND"
    assert foreign.raw == missing.raw
