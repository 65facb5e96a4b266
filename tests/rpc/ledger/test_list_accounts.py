"""What ListAccounts promises."""

import pytest

from people import BookOf, Person, make_book, refusal_of
from rpc.ledger.accounts import (
    CHECKING,
    LOAN,
    SAVINGS,
    call,
    close,
    held,
    listed,
    make,
    opened,
    record,
    shared_with,
)
from tallystick_client.v1 import ledger_accounts_pb2 as pb


async def test_list_accounts_is_in_order_of_position_and_then_of_ids(book: BookOf) -> None:
    made = [await make(book, position=position) for position in (3, 1, 0, 1, 1_000_000)]
    expected = sorted([(a.position, a.id) for a in made] + [(0, book.account_id)])
    assert list(await listed(book)) == [account_id for _, account_id in expected]


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7])
async def test_list_accounts_gives_every_one_once_whatever_the_page(book: BookOf, size: int) -> None:
    for position in (2, 2, 0, 1, 0):
        await make(book, position=position)
    found: list[str] = []
    token = ""
    while True:
        answer = await book.person.ledger.ListAccounts(
            pb.ListAccountsRequest(book_id=book.id, page_size=size, page_token=token)
        )
        assert len(answer.accounts) == len(answer.balances) <= size
        found += [account.id for account in answer.accounts]
        token = answer.next_page_token
        if not token:
            break
    assert found == list(await listed(book))


async def test_list_accounts_says_what_each_holds(book: BookOf) -> None:
    debt = await opened(book, -250_000, type=LOAN)
    await record(book, book.account_id, 1200, "2026-03-01")
    await record(book, book.account_id, -1, "2999-01-01")
    assert await listed(book) == {book.account_id: 1199, debt.id: -250_000}
    answer = await book.person.ledger.ListAccounts(pb.ListAccountsRequest(book_id=book.id))
    for balance in answer.balances:
        assert balance.balance.minor == await held(book, balance.account_id)
        assert balance.version > 0


async def test_list_accounts_can_be_of_some_types(book: BookOf) -> None:
    checking, saving = await make(book, type=CHECKING), await make(book, type=SAVINGS)
    assert set(await listed(book, types=[SAVINGS])) == {saving.id}
    assert set(await listed(book, types=[SAVINGS, CHECKING])) == {saving.id, checking.id}
    assert await listed(book, types=[LOAN]) == {}
    await call("Update", book, checking.id, type=LOAN)
    assert set(await listed(book, types=[LOAN])) == {checking.id}


async def test_list_accounts_can_leave_out_closed_ones_on_any_page(book: BookOf) -> None:
    made = [await make(book, position=position) for position in range(1, 5)]
    for closed in made[:3]:
        await close(book, closed.id, "2026-01-01")
    assert set(await listed(book, open_only=True)) == {book.account_id, made[3].id}
    assert len(await listed(book)) == 5
    found, token = [], ""
    while True:
        answer = await book.person.ledger.ListAccounts(
            pb.ListAccountsRequest(book_id=book.id, open_only=True, page_size=2, page_token=token)
        )
        found += [account.id for account in answer.accounts]
        token = answer.next_page_token
        if not token:
            break
    assert found == [book.account_id, made[3].id]


async def test_list_accounts_lists_deleted_ones_instead_when_asked_for(book: BookOf) -> None:
    gone = await opened(book, 100)
    await call("Delete", book, gone.id)
    assert await listed(book) == {book.account_id: 0}
    assert await listed(book, deleted=True) == {gone.id: 0}


async def test_list_accounts_hides_the_private_ones_of_other_members(book: BookOf, bob: Person) -> None:
    theirs = await shared_with(book, bob)
    mine, his = await make(book, private=True), await make(theirs, private=True)
    assert set(await listed(book)) == {book.account_id, mine.id}
    assert set(await listed(theirs)) == {book.account_id, his.id}
    await call("Delete", book, mine.id)
    assert await listed(theirs, deleted=True) == {}


async def test_list_accounts_refuses_a_token_of_another_query_and_a_foreign_book(book: BookOf, bob: Person) -> None:
    await make(book)
    ledger = book.person.ledger
    token = (await ledger.ListAccounts(pb.ListAccountsRequest(book_id=book.id, page_size=1))).next_page_token
    other = pb.ListAccountsRequest(book_id=book.id, page_size=1, page_token=token, open_only=True)
    assert (await refusal_of(ledger.ListAccounts(other))).reason == "INVALID_PAGE_TOKEN"
    theirs = await make_book(bob)
    foreign = await refusal_of(ledger.ListAccounts(pb.ListAccountsRequest(book_id=theirs.id)))
    assert foreign.reason == "NOT_FOUND"
