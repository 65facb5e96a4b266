"""Does a converter that was read for many days know what asking for each day would have said?"""

from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest

import proof
from people import BookOf
from rpc.ledger.exchange import published, set_rate
from tallystick.app import App
from tallystick.caller import Caller
from tallystick.errors import RuleBroken
from tallystick.ledger.rates.queries import get_conversion
from tallystick.ledger.rates.queries_days import read_converter
from tallystick.v1.ledger_rates_pb2 import ListRatesRequest

FIRST = date(1998, 3, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(0, 40, 3)]
# Rates that go from one to the next; some pairs only lead on through a third.
PAIRS = ["XAF/USD", "XAF/JPY", "XAF/CHF", "USD/CHF", "USD/VND", "KWD/JPY", "SEK/NOK", "XAF/SEK"]
CURRENCIES = ["USD", "JPY", "CHF", "VND", "KWD", "SEK", "NOK", "ISK"]


@pytest.mark.parametrize("seed", range(6))
async def test_convert_for_many_days_is_convert_for_each(
    book: BookOf, server: App, database: proof.Connection, seed: int
) -> None:
    dice = Random(seed)

    def drawn() -> tuple[str, str, str]:
        on = FIRST + timedelta(days=dice.randint(-5, 40))
        return dice.choice(PAIRS), on.isoformat(), f"{dice.randint(1, 5000)}.{dice.randint(0, 99):02}"

    for pair, on, rate in (drawn() for _ in range(4)):
        await set_rate(book, pair, on, rate)
    said = {(pair, on): rate for pair, on, rate in (drawn() for _ in range(25))}
    async with published(server, database, *((*key, rate) for key, rate in said.items())):
        caller = Caller(UUID(book.person.user.id), UUID(book.person.user.home_id), None, "192.0.2.1")
        tx = server.store.reader(caller, book.id, ListRatesRequest(book_id=book.id))
        for into in ("XAF", "USD", "JPY"):
            converter = await read_converter(tx, into, CURRENCIES, DAYS)
            for currency in CURRENCIES:
                for day in DAYS:
                    try:
                        way, _ = await get_conversion(tx, currency, into, day)
                    except RuleBroken:
                        assert converter.find_way(currency, day) is None
                    else:
                        assert converter.find_way(currency, day) == way
