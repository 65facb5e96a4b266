"""How do tests speak about rates? Short names for the calls, and providers' rates that are gone after the test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from uuid import uuid4

import proof
from people import BookOf, Person, new_id
from tallystick.app import App
from tallystick.ledger import writes
from tallystick_client.v1 import ledger_rates_pb2 as pb
from tallystick_client.v1 import money_pb2

Rate = pb.Rate


def set_request(book: BookOf, **other: Any) -> pb.SetRateRequest:
    fields: dict[str, Any] = {
        "request_id": new_id(),
        "book_id": book.id,
        "base": "EUR",
        "quote": "USD",
        "on": "2026-02-03",
        "rate": "1.0823",
    }
    return pb.SetRateRequest(**fields | other)


async def set_rate(book: BookOf, pair: str = "EUR/USD", on: str = "2026-02-03", rate: str = "1.0823") -> Rate:
    base, quote = pair.split("/")
    made: pb.SetRateResponse = await book.person.ledger.SetRate(
        set_request(book, base=base, quote=quote, on=on, rate=rate)
    )
    return made.rate


def delete_request(book: BookOf, rate_id: str) -> pb.DeleteRateRequest:
    return pb.DeleteRateRequest(request_id=new_id(), book_id=book.id, rate_id=rate_id)


async def delete_rate(book: BookOf, rate_id: str) -> Rate:
    gone: pb.DeleteRateResponse = await book.person.ledger.DeleteRate(delete_request(book, rate_id))
    return gone.rate


async def rates_in(book: BookOf, person: Person | None = None, **filters: Any) -> list[Rate]:
    reader = person or book.person
    return list((await reader.ledger.ListRates(pb.ListRatesRequest(book_id=book.id, **filters))).rates)


def convert_request(book: BookOf, minor: int, have: str, want: str, on: str = "2026-02-10") -> pb.ConvertRequest:
    return pb.ConvertRequest(
        book_id=book.id, amount=money_pb2.Money(currency=have, minor=minor), to_currency=want, on=on
    )


async def convert(book: BookOf, minor: int, have: str, want: str, on: str = "2026-02-10") -> pb.ConvertResponse:
    response: pb.ConvertResponse = await book.person.ledger.Convert(convert_request(book, minor, have, want, on))
    return response


@asynccontextmanager
async def published(
    server: App, database: proof.Connection, *rates: tuple[str, str, str], source: str = ""
) -> AsyncIterator[list[Rate]]:
    """Inside the block a provider has said this: pairs, days and rates."""
    source = source or f"T{uuid4().hex}"
    pairs = [pair.split("/") for pair, _, _ in rates]
    await server.apart.fetch_all(
        writes.PUBLISH_RATES(
            source=source,
            bases=[base for base, _ in pairs],
            quotes=[quote for _, quote in pairs],
            days=[date.fromisoformat(on) for _, on, _ in rates],
            rates=[rate for _, _, rate in rates],
        )
    )
    try:
        yield [
            Rate(base=base, quote=quote, on=on, rate=rate, source=source)
            for (base, quote), (_, on, rate) in zip(pairs, rates, strict=True)
        ]
    finally:
        database.execute("DELETE FROM provider_rate WHERE source = %s", (source,))
