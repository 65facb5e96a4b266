"""What ListTransactions promises."""

import random

import grpc
import pytest

from people import BookOf, Person, make_book, refusal_of
from tallystick.store.pages import page_size
from tallystick_client.v1 import ledger_pb2, ledger_service_pb2


def page(book: BookOf, **other: object) -> ledger_service_pb2.ListTransactionsRequest:
    return ledger_service_pb2.ListTransactionsRequest(book_id=book.id, **other)  # type: ignore[arg-type]  # a table of fields


async def list_all(book: BookOf, size: int) -> list[ledger_pb2.Transaction]:
    found: list[ledger_pb2.Transaction] = []
    token = ""
    while True:
        answer = await book.person.ledger.ListTransactions(page(book, page_size=size, page_token=token))
        found += answer.transactions
        assert len(answer.transactions) <= size
        token = answer.next_page_token
        if not token:
            return found


async def test_list_transactions_is_empty_for_a_new_book(book: BookOf) -> None:
    answer = await book.person.ledger.ListTransactions(page(book))
    assert (list(answer.transactions), answer.next_page_token) == ([], "")


@pytest.mark.parametrize("size", [1, 3, 7, 20, 21, 200])
async def test_list_transactions_gives_every_one_once_newest_first_whatever_the_page(book: BookOf, size: int) -> None:
    rng = random.Random(size)
    made = [(await book.spend(booked_on=f"2026-01-{rng.randint(1, 9):02}")).transaction for _ in range(20)]
    expected = sorted(made, key=lambda one: (one.booked_on, one.id), reverse=True)
    assert await list_all(book, size) == expected


async def test_list_transactions_shows_what_was_added_behind_the_page_but_repeats_nothing(book: BookOf) -> None:
    for day in (5, 4, 3):
        await book.spend(booked_on=f"2026-01-0{day}")
    first = await book.person.ledger.ListTransactions(page(book, page_size=2))
    await book.spend(booked_on="2026-01-09")
    older = await book.spend(booked_on="2026-01-01")
    rest = await book.person.ledger.ListTransactions(page(book, page_size=2, page_token=first.next_page_token))
    assert [one.booked_on for one in rest.transactions] == ["2026-01-03", "2026-01-01"]
    assert rest.transactions[1] == older.transaction


@pytest.mark.parametrize(("asked", "given"), [(0, 50), (1, 1), (200, 200), (201, 200), (2**31 - 1, 200)])
def test_list_transactions_takes_the_page_size_as_promised(asked: int, given: int) -> None:
    assert page_size(asked) == given


async def test_list_transactions_refuses_a_negative_page_size(book: BookOf) -> None:
    refusal = await refusal_of(book.person.ledger.ListTransactions(page(book, page_size=-1)))
    assert (refusal.code, refusal.reason, refusal.fields) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "INVALID_FIELD",
        ("page_size",),
    )


async def test_list_transactions_refuses_page_tokens_that_were_not_made_for_this_query(
    book: BookOf, bob: Person
) -> None:
    for day in (1, 2):
        await book.spend(booked_on=f"2026-01-0{day}")
    token = (await book.person.ledger.ListTransactions(page(book, page_size=1))).next_page_token
    theirs, mine = await make_book(bob), await make_book(book.person)
    tampered = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    for other, wrong in (
        (theirs, token),
        (mine, token),
        (book, tampered),
        (book, "1"),
        (book, "näh"),
        (book, "A" * 999),
    ):
        refusal = await refusal_of(other.person.ledger.ListTransactions(page(other, page_size=1, page_token=wrong)))
        assert (refusal.code, refusal.reason, refusal.fields) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "INVALID_PAGE_TOKEN",
            ("page_token",),
        )
