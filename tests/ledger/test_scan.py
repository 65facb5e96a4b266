"""Does a scan find the same whatever it walks through: slices of any size, rows from before gists were kept, keys of several ages?"""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

import proof
from people import Client, make_book, sign_up
from rpc.ledger.crowded_book import CrowdedBook, make_crowded_book
from rpc.ledger.money import make_purse, part
from rpc.ledger.sieve import Asking, Sieve
from tallystick.ledger.transactions import scan
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.roles import DATABASE
from tallystick_client.v1.ledger_service_pb2 import ListTransactionsRequest

# Every order, with and without words, amounts, filters, totals; of what is live and what is deleted.
QUESTIONS: Sequence[dict[str, Any]] = [
    {"text": "bakery", "with_totals": True},
    {"text": "stra\u00dfe", "order_by": 2},
    {"text": "caf\u00e9", "order_by": 3, "kinds": [1, 3]},
    {"order_by": 4, "with_totals": True},
    {"order_by": 3, "deleted": True, "with_totals": True},
    {"text": "rent", "deleted": True},
]


@pytest.fixture(scope="module")
async def crowd(client: Client) -> CrowdedBook:
    return await make_crowded_book(await sign_up(client, "Ann"), seed=7)


async def finds_what_fits(crowd: CrowdedBook) -> None:
    asking = Asking(crowd, seed=3)
    questions = [ListTransactionsRequest(book_id=crowd.book.id, page_size=9, **each) for each in QUESTIONS]
    questions += [asking.request(["amounts"], order) for order in range(5)]
    for request in questions:
        expected = Sieve(crowd, request, crowd.book.person.user.id).expected()
        answer = await crowd.book.person.ledger.ListTransactions(request)
        assert [one.id for one in answer.transactions] == [one.id for one in expected[: request.page_size]], request
        assert not request.with_totals or answer.totals.count == len(expected)


@pytest.mark.parametrize("rows", [1, 2, 7])
async def test_slices_of_any_size_find_the_same(crowd: CrowdedBook, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(scan, "SLICE_ROWS", rows)
    monkeypatch.setattr(scan, "BODIES_ROWS", max(1, rows - 1))
    await finds_what_fits(crowd)


@pytest.mark.parametrize("share", [0.3, 1.0])
async def test_rows_from_before_gists_were_kept_are_found_by_their_bodies(
    client: Client, postgres: EmbeddedPostgres, share: float
) -> None:
    crowd = await make_crowded_book(await sign_up(client, "Ann"), seed=8)
    dice = Random(1)
    old = [each for each in [*crowd.live, *crowd.deleted] if dice.random() < share]
    with proof.connect(postgres.superuser_dsn, dbname=DATABASE) as database:
        # As sealing anew does: the version stays.
        database.execute("SELECT set_config('tallystick.reseal', 'on', false)")
        database.execute("UPDATE transaction SET gist = NULL WHERE id = ANY(%s::uuid[])", (old,))
    await finds_what_fits(crowd)


async def test_words_are_not_found_in_the_bytes_of_an_amount(client: Client) -> None:
    book = await make_book(await sign_up(client, "Ann"))
    # 3.13 EUR, counted in hundredths of a cent, is written as the letters zD.
    made = (await book.spend(313, payee="Bakery", note="")).transaction

    async def found(text: str) -> list[str]:
        request = ListTransactionsRequest(book_id=book.id, text=text)
        return [one.id for one in (await book.person.ledger.ListTransactions(request)).transactions]

    assert (await found("z"), await found("b")) == ([], [made.id])


async def test_words_are_found_in_the_notes_of_parts(client: Client) -> None:
    purse = await make_purse(await sign_up(client, "Ann"))
    made = await purse.split(part(60, purse.food_id, note="rye"), part(40, note="Spelt"), note="for two")
    await purse.spend(1, note="")
    for text in ("RYE", "spelt", "two"):
        answer = await purse.ledger.ListTransactions(ListTransactionsRequest(book_id=purse.id, text=text))
        assert list(answer.transactions) == [made]
