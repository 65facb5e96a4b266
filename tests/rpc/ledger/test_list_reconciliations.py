"""What ListReconciliations promises."""

import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.accounts import call, make, reconcile, shared_with
from rpc.spaces.sharing import VIEWER
from tallystick_client.v1 import ledger_accounts_pb2 as pb
from tallystick_client.v1.ledger_pb2 import Reconciliation


async def listed(book: BookOf, account_id: str, size: int = 200) -> list[Reconciliation]:
    found: list[Reconciliation] = []
    token = ""
    while True:
        answer = await book.person.ledger.ListReconciliations(
            pb.ListReconciliationsRequest(book_id=book.id, account_id=account_id, page_size=size, page_token=token)
        )
        assert len(answer.reconciliations) <= size
        found += answer.reconciliations
        token = answer.next_page_token
        if not token:
            return found


@pytest.mark.parametrize("size", [1, 2, 5, 6, 200])
async def test_list_reconciliations_gives_every_one_once_the_newest_statement_first(book: BookOf, size: int) -> None:
    other = await make(book)
    days = ("2026-03-31", "2026-01-31", "9999-12-31", "2026-01-31", "0001-01-01", "2026-02-28")
    made = [(await reconcile(book, book.account_id, 0, on)).reconciliation for on in days]
    elsewhere = (await reconcile(book, other.id, 0, "2026-01-31")).reconciliation
    expected = sorted(made, key=lambda one: (one.statement_on, one.id), reverse=True)
    assert await listed(book, book.account_id, size) == expected
    assert await listed(book, other.id, size) == [elsewhere]


async def test_list_reconciliations_of_an_account_without_any_is_empty(book: BookOf) -> None:
    assert await listed(book, book.account_id) == []


async def test_list_reconciliations_refuses_a_token_of_another_query(book: BookOf) -> None:
    other = await make(book)
    for on in ("2026-01-31", "2026-02-28"):
        await reconcile(book, book.account_id, 0, on)
    ledger = book.person.ledger
    usual = pb.ListReconciliationsRequest(book_id=book.id, account_id=book.account_id, page_size=1)
    token = (await ledger.ListReconciliations(usual)).next_page_token
    foreign = pb.ListReconciliationsRequest(book_id=book.id, account_id=other.id, page_token=token)
    assert (await refusal_of(ledger.ListReconciliations(foreign))).reason == "INVALID_PAGE_TOKEN"


async def test_list_reconciliations_of_what_is_not_there_is_not_found(book: BookOf, bob: Person) -> None:
    gone, private, theirs = await make(book), await make(book, private=True), await make_book(bob)
    await reconcile(book, private.id, 0, "2026-01-31")
    await call("Delete", book, gone.id)
    for missing in (gone.id, theirs.account_id, new_id()):
        assert (await refusal_of(listed(book, missing))).reason == "NOT_FOUND"
    household = await shared_with(book, bob, VIEWER)
    assert (await refusal_of(listed(household, private.id))).reason == "NOT_FOUND"
    assert len(await listed(book, private.id)) == 1
