"""What GetAccountBalance promises."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import grpc
import pytest

import proof
from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.accounts import (
    PENDING,
    call,
    change,
    close,
    delete_transaction,
    held,
    held_and_cleared,
    history,
    listed,
    make,
    opened,
    record,
    shared_with,
    transfer,
)
from rpc.ledger.moves import EDGES, FIRST, LAST, days_between, move_about, plain_cleared, plain_sum
from rpc.spaces.sharing import VIEWER
from tallystick.app import App
from tallystick.ledger import sums
from tallystick.ledger.tables import BALANCE
from tallystick_client.v1 import ledger_books_pb2, ledger_service_pb2


def balance_of(book: BookOf, account_id: str) -> ledger_service_pb2.GetAccountBalanceRequest:
    return ledger_service_pb2.GetAccountBalanceRequest(book_id=book.id, account_id=account_id)


async def test_get_account_balance_of_an_account_without_entries_is_zero(book: BookOf) -> None:
    answer = (await book.person.ledger.GetAccountBalance(balance_of(book, book.account_id))).balance
    assert (answer.balance.minor, answer.balance.currency, answer.version) == (0, "EUR", 0)
    for day in EDGES:
        assert await held_and_cleared(book, book.account_id, day) == (0, 0)


async def test_get_account_balance_names_the_change_that_moved_it(book: BookOf) -> None:
    made = await book.spend(250)
    answer = (await book.person.ledger.GetAccountBalance(balance_of(book, book.account_id))).balance
    assert answer == made.balance
    await change(book, made.transaction, note="moves nothing")
    assert (await book.person.ledger.GetAccountBalance(balance_of(book, book.account_id))).balance == answer


@pytest.mark.parametrize("seed", range(4))
async def test_get_account_balance_is_the_sum_of_what_is_booked_on_any_day(book: BookOf, seed: int) -> None:
    other = await make(book)
    left = await move_about(book, book.account_id, other.id, seed)
    for account_id in (book.account_id, other.id):
        for day in [*EDGES, *(day.isoformat() for day in days_between(FIRST, LAST)[seed::4]), "9999-12-30", ""]:
            expected = (
                plain_sum(left, account_id, day or "9999-12-31"),
                plain_cleared(left, account_id, day or "9999-12-31"),
            )
            assert await held_and_cleared(book, account_id, day) == expected, day


async def test_get_account_balance_leaves_what_is_pending_out_of_what_is_cleared(book: BookOf) -> None:
    await record(book, book.account_id, 1000, "2026-01-10")
    waiting = await record(book, book.account_id, -300, "2026-01-20", status=PENDING)
    assert await held_and_cleared(book, book.account_id) == (700, 1000)
    assert await held_and_cleared(book, book.account_id, "2026-01-19") == (1000, 1000)
    assert await held_and_cleared(book, book.account_id, "2026-01-20") == (700, 1000)
    await change(book, waiting, status=2)
    assert await held_and_cleared(book, book.account_id) == (700, 700)


async def test_get_account_balance_without_a_day_counts_the_future(book: BookOf) -> None:
    await record(book, book.account_id, 5, "2999-06-15")
    assert await held(book, book.account_id) == 5
    assert await held(book, book.account_id, "2026-11-21") == 0
    assert await held(book, book.account_id, "2999-06-14") == 0
    assert await held(book, book.account_id, "2999-06-15") == 5


async def test_t28_get_account_balance_moves_both_ends_of_a_transfer_on_its_day(book: BookOf) -> None:
    target = await opened(book, 100, "2026-01-01")
    await transfer(book, book.account_id, target.id, 40, "2026-03-29")
    for day, source, arrived in (("2026-03-28", 0, 100), ("2026-03-29", -40, 140), ("2026-03-30", -40, 140)):
        assert (await held(book, book.account_id, day), await held(book, target.id, day)) == (source, arrived)


async def test_t29_get_account_balance_forgets_what_is_deleted_on_every_later_day(book: BookOf) -> None:
    await record(book, book.account_id, 1000, "2026-01-05")
    spent = await record(book, book.account_id, -300, "2026-01-20")
    await record(book, book.account_id, -7, "2026-02-20")
    await delete_transaction(book, spent)
    days = ("2026-01-19", "2026-01-20", "2026-01-31", "2026-02-10", "2026-02-28", "")
    assert [await held(book, book.account_id, day) for day in days] == [1000, 1000, 1000, 1000, 993, 993]


async def test_t30_get_account_balance_counts_a_single_minor_unit(book: BookOf) -> None:
    yen = await make(book, currency="JPY")
    await record(book, yen.id, 1, "2026-01-31", amount={"currency": "JPY", "minor": 1})
    assert (await held(book, yen.id, "2026-01-30"), await held(book, yen.id, "2026-01-31")) == (0, 1)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Sao_Paulo"])
async def test_t50_get_account_balance_asks_no_clock_and_no_zone_what_day_it_is(book: BookOf, zone: str) -> None:
    await book.person.ledger.UpdateBook(
        ledger_books_pb2.UpdateBookRequest(request_id=new_id(), book_id=book.id, time_zone=zone)
    )
    await record(book, book.account_id, 9, "2026-02-01")
    assert (await held(book, book.account_id, "2026-01-31"), await held(book, book.account_id, "2026-02-01")) == (0, 9)


async def test_t24_get_account_balance_never_drifts_under_many_writers(book: BookOf) -> None:
    """Out of order, over several months, with changes of dates and deletes in between."""
    other, writers = await make(book), 12

    async def write(number: int) -> None:
        day = (date(2026, 1, 1) + timedelta(days=number * 11)).isoformat()
        kept = await record(book, book.account_id, number + 1, day)
        gone = await transfer(book, book.account_id, other.id, 1000 + number, day)
        await change(book, kept, booked_on=(date(2026, 6, 1) - timedelta(days=number * 13)).isoformat())
        await delete_transaction(book, gone)

    await asyncio.gather(*(write(number) for number in range(writers)))
    expected = sum(range(1, writers + 1))
    assert await listed(book) == {book.account_id: expected, other.id: 0}
    assert await held(book, book.account_id, "2026-06-30") == expected
    by_day = dict(await history(book, book.account_id, "2025-12-31", "2026-06-30"))
    for number in range(writers):
        day = date(2026, 6, 1) - timedelta(days=number * 13)
        before = (day - timedelta(days=1)).isoformat()
        assert by_day[day.isoformat()] - by_day[before] == number + 1


@pytest.mark.parametrize("day", ["2026-02-29", "0000-12-31", "2026-00-10"])
async def test_get_account_balance_needs_a_day_that_exists(book: BookOf, day: str) -> None:
    refusal = await refusal_of(held(book, book.account_id, day))
    assert (refusal.reason, refusal.fields) == ("INVALID_DATE", ("as_of",))


async def test_get_account_balance_of_no_account_is_not_found(book: BookOf, bob: Person) -> None:
    gone, private, theirs = await make(book), await make(book, private=True), await make_book(bob)
    await call("Delete", book, gone.id)
    for missing in (gone.id, theirs.account_id, new_id()):
        refusal = await refusal_of(book.person.ledger.GetAccountBalance(balance_of(book, missing)))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    household = await shared_with(book, bob, VIEWER)
    assert (await refusal_of(held(household, private.id))).reason == "NOT_FOUND"
    assert await held(household, book.account_id) == 0


async def test_get_account_balance_of_a_closed_account_stays(book: BookOf) -> None:
    made = await opened(book, 44)
    await close(book, made.id, "2026-01-01")
    assert await held(book, made.id) == 44


async def test_get_account_balance_knows_the_months_of_a_cell_from_before_they_were_kept(
    book: BookOf, server: App, database: proof.Connection
) -> None:
    other = await make(book)
    left = await move_about(book, book.account_id, other.id, seed=99)
    forget_months_of(database, server, book, book.account_id)
    days = [*EDGES, *(day.isoformat() for day in days_between(FIRST, LAST)[::9])]
    for day in days:
        assert await held(book, book.account_id, day) == plain_sum(left, book.account_id, day)
    assert (await listed(book))[book.account_id] == plain_sum(left, book.account_id)
    points = await history(book, book.account_id, "2025-12-01", "2026-02-28")
    assert points == [(on, plain_sum(left, book.account_id, on)) for on, _ in points]
    await record(book, book.account_id, 17, "2026-01-15")
    # The write brought the months back; the proof around this test looks at each of them.
    for day in days:
        later = 17 if day >= "2026-01-15" else 0
        assert await held(book, book.account_id, day) == plain_sum(left, book.account_id, day) + later


def forget_months_of(database: proof.Connection, server: App, book: BookOf, account_id: str) -> None:
    """Writes the balance as it was kept before months were: eight bytes, past all guards."""
    seal = proof.open_seal(database, server.store.keys, UUID(book.id))
    ((version, cell),) = database.execute(
        "SELECT version, amount FROM balance WHERE space_id = %s AND account_id = %s", (book.id, account_id)
    ).fetchall()
    row = BALANCE.row_of({"account_id": UUID(account_id)})
    balance = sums.balance_of(seal.open(BALANCE.place, row, version, cell))
    old = seal.close_number(BALANCE.place, row, version, balance)
    with database.transaction():
        database.execute("SELECT set_config('tallystick.reseal', 'on', true)")
        database.execute(
            "UPDATE balance SET amount = %s WHERE space_id = %s AND account_id = %s", (old, book.id, account_id)
        )


async def test_get_account_balance_adds_up_again_after_it_was_refused(book: BookOf) -> None:
    """A sum that 64 bits cannot hold is refused, and leaves everything as it was."""
    most = 2**63 - 1
    await record(book, book.account_id, most, "2026-01-01")
    refusal = await refusal_of(record(book, book.account_id, 1, "2026-02-01"))
    assert refusal.reason == "AMOUNT_OUT_OF_RANGE"
    assert await held(book, book.account_id, "2026-02-15") == most
    assert await held(book, book.account_id) == most
