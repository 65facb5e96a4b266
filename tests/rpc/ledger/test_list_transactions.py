"""What ListTransactions promises."""

import random
from typing import Any

import grpc
import pytest

from people import BookOf, Client, Person, make_book, new_id, refusal_of, sign_up
from rpc.ledger import accounts
from rpc.ledger.crowded_book import CrowdedBook, make_crowded_book
from rpc.ledger.money import TRANSFER, Purse, eur, part, usd
from rpc.ledger.promises import viewer_of
from rpc.ledger.sieve import (
    AMOUNT_ASCENDING,
    AMOUNT_DESCENDING,
    DATE_ASCENDING,
    Asking,
    Sieve,
    totals_of,
)
from tallystick.store.pages import page_size
from tallystick_client.v1 import ledger_labels_pb2, ledger_pb2, ledger_service_pb2
from tallystick_client.v1.ledger_pb2 import Transaction
from tallystick_client.v1.ledger_service_pb2 import ListTransactionsRequest
from tallystick_client.v1.money_pb2 import Money


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


@pytest.fixture(scope="module")
async def crowd(client: Client) -> CrowdedBook:
    """A book with something for every filter."""
    return await make_crowded_book(await sign_up(client, "Ann"), seed=1)


@pytest.fixture(scope="module")
async def theirs(crowd: CrowdedBook, client: Client) -> BookOf:
    """The same book as another member sees it."""
    return await accounts.shared_with(crowd.book, await sign_up(client, "Bob"))


async def walk(book: BookOf, request: ListTransactionsRequest) -> list[Transaction]:
    """Everything on all pages of a list; each page adds up the whole."""
    found: list[Transaction] = []
    totals = None
    while True:
        answer = await book.person.ledger.ListTransactions(request)
        assert len(answer.transactions) <= request.page_size
        assert answer.HasField("totals") == request.with_totals
        assert totals in (None, answer.totals)
        totals = answer.totals
        found += answer.transactions
        if not answer.next_page_token:
            break
        assert len(answer.transactions) == request.page_size
        request.page_token = answer.next_page_token
    if request.with_totals:
        assert totals is not None
        assert totals.count == len(found)
        told = [
            (each.net.currency, (each.spent.minor, each.earned.minor, each.net.minor)) for each in totals.currencies
        ]
        assert told == sorted(totals_of(found).items())
        assert all(each.spent.currency == each.earned.currency == each.net.currency for each in totals.currencies)
    return found


async def lists_what_fits(crowd: CrowdedBook, book: BookOf, request: ListTransactionsRequest) -> int:
    """Compares a list, page by page, with what fits by the contract's words. Returns how many that is."""
    expected = Sieve(crowd, request, book.person.user.id).expected()
    found = await walk(book, request)
    assert [one.id for one in found] == [one.id for one in expected], request
    for one, is_ in zip(found, expected, strict=True):
        if request.deleted:
            # Deleting stamps a version of its own.
            one.version = is_.version
        assert one == is_
    return len(found)


async def test_list_transactions_finds_what_fits_each_filter_in_each_order(crowd: CrowdedBook) -> None:
    found = [await lists_what_fits(crowd, crowd.book, request) for request in Asking(crowd, seed=2).each_alone()]
    assert sum(count > 0 for count in found) > len(found) // 2


@pytest.mark.parametrize("seed", range(3))
async def test_list_transactions_finds_what_fits_any_filters_together(crowd: CrowdedBook, seed: int) -> None:
    asking = Asking(crowd, seed)
    for _ in range(50):
        await lists_what_fits(crowd, crowd.book, asking.any_request())


async def test_list_transactions_shows_others_nothing_that_is_private(crowd: CrowdedBook, theirs: BookOf) -> None:
    asking = Asking(crowd, seed=5)
    for request in [*asking.each_alone(), *(asking.any_request() for _ in range(40))]:
        await lists_what_fits(crowd, theirs, request)


@pytest.mark.parametrize("order", [0, DATE_ASCENDING, AMOUNT_DESCENDING, AMOUNT_ASCENDING])
@pytest.mark.parametrize("filters", [{}, {"text": "bakery"}, {"kinds": [1]}, {"kinds": [1], "statuses": [2]}])
async def test_list_transactions_neither_repeats_nor_skips_what_stays_while_rows_change(
    purse: Purse, order: Any, filters: dict[str, Any]
) -> None:
    dice = random.Random(order)

    async def spend() -> Transaction:
        return await purse.spend(dice.choice([1, 2, 3]) * 100, booked_on=f"2026-02-0{dice.randint(1, 4)}")

    made = [await spend() for _ in range(14)]
    changed: set[str] = set()
    seen: list[str] = []
    request = page(purse.book, page_size=2, order_by=order, **filters)
    while True:
        answer = await purse.ledger.ListTransactions(request)
        seen += [one.id for one in answer.transactions]
        if not answer.next_page_token:
            break
        request.page_token = answer.next_page_token
        await spend()
        # The last one of the page goes, where the next page starts; another one moves.
        gone, moved = answer.transactions[-1], dice.choice(made)
        if gone.id not in changed:
            await purse.delete(gone)
        if moved.id not in {*changed, gone.id}:
            await purse.update(moved, booked_on=f"2026-02-0{dice.randint(1, 4)}", amount=eur(dice.randint(50, 350)))
        changed |= {gone.id, moved.id}
    stayed = [one.id for one in made if one.id not in changed]
    assert [seen.count(one) for one in stayed] == [1] * len(stayed)
    assert len(stayed) > 1


async def test_list_transactions_shows_a_transaction_once_that_fits_several_times(purse: Purse) -> None:
    tags = [await purse.make_tag(), await purse.make_tag("other")]
    parts = (part(60, purse.food_id), part(40, purse.food_id), part(10, purse.home_id, account_id=purse.bank_id))
    made = await purse.split(*parts, tag_ids=tags)
    filters: tuple[dict[str, Any], ...] = (
        {"account_ids": [purse.cash_id, purse.bank_id]},
        {"account_ids": [purse.cash_id]},
        {"category_ids": [purse.food_id, purse.home_id]},
        {"category_ids": [purse.food_id, purse.food_id.upper()]},
        {"tag_ids": tags},
        {"currencies": ["EUR"]},
        {"tag_ids": tags, "account_ids": [purse.cash_id, purse.bank_id]},
        {"text": "bakery", "account_ids": [purse.cash_id, purse.bank_id]},
    )
    for each in filters:
        answer = await purse.ledger.ListTransactions(page(purse.book, with_totals=True, **each))
        assert list(answer.transactions) == [made], each
        assert (answer.totals.count, answer.totals.currencies[0].spent) == (1, eur(110)), each


async def test_list_transactions_takes_the_amount_that_leaves_for_that_of_a_transfer(purse: Purse) -> None:
    fields: dict[str, Any] = {"account_id": purse.cash_id, "to_account_id": purse.dollars_id, "to_amount": usd(900)}
    euros = (await purse.book.spend(1000, kind=TRANSFER, category_id="", **fields)).transaction
    back: dict[str, Any] = {"account_id": purse.dollars_id, "to_account_id": purse.cash_id, "to_amount": eur(500)}
    dollars = (await purse.book.spend(kind=TRANSFER, category_id="", amount=usd(700), **back)).transaction
    for bounds, fitting in (
        ({"min_amount": eur(1)}, [euros]),
        ({"min_amount": usd(1)}, [dollars]),
        ({"max_amount": eur(999)}, []),
        ({"min_amount": eur(1000), "max_amount": eur(1000)}, [euros]),
        ({"min_amount": usd(0), "max_amount": usd(699)}, []),
    ):
        answer = await purse.ledger.ListTransactions(page(purse.book, **bounds))
        assert list(answer.transactions) == fitting


async def test_list_transactions_finds_words_in_the_name_of_the_payee_also_after_a_rename(purse: Purse) -> None:
    payee_id = await purse.make_payee("Gr\u00fcner Markt")
    made = await purse.spend(payee="", payee_id=payee_id)
    await purse.spend(payee="somebody else")

    async def found(text: str) -> list[Transaction]:
        return list((await purse.ledger.ListTransactions(page(purse.book, text=text))).transactions)

    assert await found("GRU\u0308NER m") == [made]
    await purse.ledger.UpdatePayee(
        ledger_labels_pb2.UpdatePayeeRequest(request_id=new_id(), book_id=purse.id, payee_id=payee_id, name="Deli")
    )
    assert (await found("markt"), await found("deli")) == ([], [made])


async def test_list_transactions_adds_up_what_fits_and_not_only_the_page(purse: Purse) -> None:
    for minor in (100, 200, 300):
        await purse.spend(minor)
    await purse.spend(50, kind=accounts.REFUND)
    await purse.spend(1000, kind=accounts.INCOME, category_id=purse.book.earning_id, booked_on="2026-03-01")
    await purse.transfer(400)
    request = page(purse.book, page_size=1, with_totals=True, booked_until="2026-02-28")
    totals = (await purse.ledger.ListTransactions(request)).totals
    assert (totals.count, len(totals.currencies)) == (5, 1)
    sums = totals.currencies[0]
    assert (sums.spent, sums.earned, sums.net) == (eur(550), eur(0), eur(-550))


async def test_list_transactions_refuses_to_add_up_what_64_bits_cannot_hold(purse: Purse) -> None:
    for account_id in (purse.cash_id, purse.bank_id):
        await purse.spend(2**63 - 1, account_id=account_id)
    for filters in ({}, {"text": "bakery"}):
        refusal = await refusal_of(purse.ledger.ListTransactions(page(purse.book, with_totals=True, **filters)))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "AMOUNT_OUT_OF_RANGE")
    assert len((await purse.ledger.ListTransactions(page(purse.book))).transactions) == 2


@pytest.mark.parametrize(
    ("filters", "reason", "field"),
    [
        ({"booked_from": "2026-02-30"}, "INVALID_DATE", "booked_from"),
        ({"booked_until": "2026-00-01"}, "INVALID_DATE", "booked_until"),
        ({"booked_from": "2026-02-02", "booked_until": "2026-02-01"}, "INVALID_DATE", "booked_until"),
        ({"min_amount": eur(1), "max_amount": usd(2)}, "CURRENCY_MISMATCH", "max_amount.currency"),
        ({"min_amount": eur(-1)}, "INVALID_FIELD", "min_amount.minor"),
        ({"max_amount": eur(-1)}, "INVALID_FIELD", "max_amount.minor"),
        ({"min_amount": Money(currency="ABC", minor=1)}, "UNKNOWN_CURRENCY", "min_amount.currency"),
    ],
)
async def test_list_transactions_refuses_filters_that_mean_nothing(
    book: BookOf, filters: dict[str, Any], reason: str, field: str
) -> None:
    refusal = await refusal_of(book.person.ledger.ListTransactions(page(book, **filters)))
    assert (refusal.code, refusal.reason, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, reason, (field,))


@pytest.mark.parametrize(
    "other",
    [{"order_by": AMOUNT_DESCENDING}, {"text": "rye"}, {"with_totals": True}, {"deleted": True}, {"kinds": [1]}],
)
async def test_list_transactions_refuses_a_token_of_another_query(book: BookOf, other: dict[str, Any]) -> None:
    for day in (1, 2):
        await book.spend(booked_on=f"2026-01-0{day}")
    token = (await book.person.ledger.ListTransactions(page(book, page_size=1))).next_page_token
    refusal = await refusal_of(book.person.ledger.ListTransactions(page(book, page_size=1, page_token=token, **other)))
    assert (refusal.reason, refusal.fields) == ("INVALID_PAGE_TOKEN", ("page_token",))


@pytest.mark.parametrize("filters", [{}, {"text": "rye"}, {"with_totals": True}, {"order_by": AMOUNT_ASCENDING}])
async def test_list_transactions_is_for_members_of_any_role_only(
    book: BookOf, bob: Person, filters: dict[str, Any]
) -> None:
    made = (await book.spend()).transaction
    refusal = await refusal_of(bob.ledger.ListTransactions(page(book, **filters)))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    viewer = await viewer_of(book)
    assert list((await viewer.ledger.ListTransactions(page(book, **filters))).transactions) == [made]


@pytest.mark.parametrize("name", ["account_ids", "category_ids", "payee_ids", "tag_ids", "payment_method_ids"])
async def test_list_transactions_finds_nothing_for_ids_that_are_not_there_whoever_has_them(
    book: BookOf, bob: Person, name: str
) -> None:
    await book.spend()
    theirs = await make_book(bob)
    for other in (new_id(), theirs.account_id, theirs.spending_id):
        answer = await book.person.ledger.ListTransactions(page(book, **{name: [other]}))
        assert (list(answer.transactions), answer.next_page_token) == ([], "")
