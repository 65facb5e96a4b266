"""What ListAccountTransactions promises."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.accounts import (
    EXPENSE,
    call,
    draft,
    eur,
    held,
    lines,
    make,
    opened,
    record,
    record_all,
    shared_with,
    transaction,
    transfer,
)
from rpc.ledger.moves import move_about, moved_by, plain_sum
from rpc.spaces.sharing import VIEWER
from tallystick_client.v1 import ledger_accounts_pb2 as pb
from tallystick_client.v1.ledger_pb2 import Split, Transaction


def expected_lines(
    left: Sequence[Transaction], account_id: str, first: str = "0001-01-01", last: str = "9999-12-31"
) -> list[tuple[str, int, int]]:
    """Of transactions that come newest first: which of them move the account, how far, and what it held after each."""
    found = []
    moving = [each for each in left if any(entry.account_id == account_id for entry in each.entries)]
    for number, each in enumerate(moving):
        if first <= each.booked_on <= last:
            found.append((each.id, moved_by(each, account_id), plain_sum(moving[number:], account_id)))
    return found


def shown(found: Sequence[pb.AccountLine]) -> list[tuple[str, int, int]]:
    return [(line.transaction.id, line.amount.minor, line.balance.minor) for line in found]


@pytest.mark.parametrize("size", [1, 2, 7, 53, 54, 200])
async def test_list_account_transactions_runs_the_balance_whatever_the_page(book: BookOf, size: int) -> None:
    other = await make(book)
    left = await move_about(book, book.account_id, other.id, seed=size)
    for account_id in (book.account_id, other.id):
        assert shown(await lines(book, account_id, size)) == expected_lines(left, account_id)


async def test_t24_list_account_transactions_ends_with_what_the_account_holds(book: BookOf) -> None:
    other = await make(book)
    await move_about(book, book.account_id, other.id, seed=7)
    found = await lines(book, book.account_id, 11)
    assert found[0].balance.minor == await held(book, book.account_id)
    for line in found:
        same_day = [each for each in found if each.transaction.booked_on == line.transaction.booked_on]
        assert same_day[0].balance.minor == await held(book, book.account_id, line.transaction.booked_on)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2025-12-15", ""),
        ("", "2025-12-15"),
        ("2025-12-10", "2026-01-20"),
        ("2026-01-01", "2026-01-31"),
        ("2026-01-31", "2026-01-31"),
        ("0001-01-01", "9999-12-31"),
        ("9999-12-31", ""),
        ("", "0001-01-01"),
        ("1900-01-01", "1900-12-31"),
    ],
)
@pytest.mark.parametrize("size", [3, 200])
async def test_list_account_transactions_can_be_of_some_days_with_the_balances_of_all(
    book: BookOf, first: str, last: str, size: int
) -> None:
    other = await make(book)
    left = await move_about(book, book.account_id, other.id, seed=size)
    found = await lines(book, book.account_id, size, booked_from=first, booked_until=last)
    assert shown(found) == expected_lines(left, book.account_id, first or "0001-01-01", last or "9999-12-31")


async def test_list_account_transactions_of_one_day_are_the_newest_id_first(book: BookOf) -> None:
    ids = [new_id() for _ in range(5)]
    random.Random(1).shuffle(ids)
    await record_all(
        book, [draft(book.account_id, 10**number, "2026-01-15", transaction_id=each) for number, each in enumerate(ids)]
    )
    worth = {each: 10**number for number, each in enumerate(ids)}
    newest_first = sorted(ids, reverse=True)
    balances = [sum(worth[each] for each in newest_first[number:]) for number in range(5)]
    assert shown(await lines(book, book.account_id, 2)) == [
        (each, worth[each], balance) for each, balance in zip(newest_first, balances, strict=True)
    ]


async def test_list_account_transactions_adds_up_the_entries_of_one_transaction(book: BookOf) -> None:
    other = await make(book)
    parts = [Split(amount=eur(30)), Split(amount=eur(12)), Split(amount=eur(8), account_id=other.id)]
    spent = await record(book, book.account_id, 50, "2026-01-15", kind=EXPENSE, splits=parts)
    assert shown(await lines(book, book.account_id)) == [(spent.id, -42, -42)]
    assert shown(await lines(book, other.id)) == [(spent.id, -8, -8)]
    assert (await lines(book, other.id))[0].transaction == await transaction(book, spent.id)


async def test_list_account_transactions_begins_with_the_opening_balance(book: BookOf) -> None:
    made = await opened(book, -500, "2026-01-31")
    await transfer(book, book.account_id, made.id, 200, "2026-02-01")
    await record(book, made.id, -1, "2026-01-30")
    assert [line.balance.minor for line in await lines(book, made.id, 1)] == [-301, -501, -1]
    assert (await lines(book, made.id))[1].transaction.id == made.opening_transaction_id


async def test_list_account_transactions_of_an_account_without_any_is_empty(book: BookOf) -> None:
    assert await lines(book, book.account_id) == []


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-02-30", "", "booked_from"),
        ("", "2026-13-01", "booked_until"),
        ("2026-02-02", "2026-02-01", "booked_until"),
    ],
)
async def test_list_account_transactions_refuses_days_that_make_no_span(
    book: BookOf, first: str, last: str, field: str
) -> None:
    refusal = await refusal_of(lines(book, book.account_id, booked_from=first, booked_until=last))
    assert (refusal.reason, refusal.fields) == ("INVALID_DATE", (field,))


async def test_list_account_transactions_refuses_a_token_of_another_query(book: BookOf) -> None:
    for on in ("2026-01-01", "2026-01-02"):
        await record(book, book.account_id, 1, on)
    usual: dict[str, Any] = {"book_id": book.id, "account_id": book.account_id}
    ledger = book.person.ledger
    first = await ledger.ListAccountTransactions(pb.ListAccountTransactionsRequest(**usual, page_size=1))
    token = first.next_page_token
    other = pb.ListAccountTransactionsRequest(**usual, page_token=token, booked_from="2026-01-01")
    refusal = await refusal_of(ledger.ListAccountTransactions(other))
    assert refusal.reason == "INVALID_PAGE_TOKEN"


async def test_list_account_transactions_of_what_is_not_there_is_not_found(book: BookOf, bob: Person) -> None:
    gone, private, theirs = await make(book), await make(book, private=True), await make_book(bob)
    await record(book, private.id, 5, "2026-01-01")
    await call("Delete", book, gone.id)
    for missing in (gone.id, theirs.account_id, new_id()):
        assert (await refusal_of(lines(book, missing))).reason == "NOT_FOUND"
    household = await shared_with(book, bob, VIEWER)
    assert (await refusal_of(lines(household, private.id))).reason == "NOT_FOUND"
    assert await lines(household, book.account_id) == []
