"""What ReconcileAccount promises."""

from datetime import date
from typing import Any

import grpc
import pytest

import proof
from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.accounts import (
    ADJUSTMENT,
    CLEARED,
    EXPENSE,
    PENDING,
    RECONCILED,
    REFUND,
    call,
    change,
    close,
    create,
    draft,
    eur,
    get,
    held,
    held_and_cleared,
    make,
    opened,
    reconcile,
    reconcile_request,
    record,
    record_all,
    shared_with,
    transaction,
    transfer,
)
from rpc.ledger.promises import keeps_the_promises_of_a_write
from tallystick_client.v1 import ledger_accounts_pb2 as pb
from tallystick_client.v1.ledger_pb2 import Split, Transaction
from tallystick_client.v1.money_pb2 import Money

ON = "2026-01-31"


def statuses(transaction: Transaction) -> list[int]:
    return [entry.status for entry in transaction.entries]


async def test_reconcile_account_that_agrees_locks_what_is_cleared_up_to_the_day(book: BookOf) -> None:
    made = await create(book, opening_balance=eur(1000), opening_on="2026-01-01")
    account_id = made.account.id
    spent = await record(book, account_id, -300, ON)
    waiting = await record(book, account_id, -50, "2026-01-20", status=PENDING)
    later = await record(book, account_id, -7, "2026-02-01")
    elsewhere = await record(book, book.account_id, -1, "2026-01-02")

    answer = await reconcile(book, account_id, 700, ON)

    found = answer.reconciliation
    assert (found.book_id, found.account_id, found.statement_balance, found.statement_on) == (
        book.id,
        account_id,
        eur(700),
        ON,
    )
    assert (found.entries_reconciled, found.adjustment_id, answer.HasField("adjustment")) == (2, "", False)
    account = await get(book, account_id)
    assert (account.reconciled_on, account.version) == (ON, found.version)
    for locked in (made.opening, spent):
        now = await transaction(book, locked.id)
        assert (now.status, statuses(now), now.version) == (RECONCILED, [RECONCILED], found.version)
    for untouched in (waiting, later, elsewhere):
        assert await transaction(book, untouched.id) == untouched
    assert await held_and_cleared(book, account_id) == (643, 693)


async def test_reconcile_account_keeps_the_promises_of_a_write(book: BookOf) -> None:
    await record(book, book.account_id, -300, "2026-01-02")
    request = reconcile_request(book, book.account_id, -300, ON)
    await keeps_the_promises_of_a_write(book, "ReconcileAccount", request, statement_balance=eur(-301))


@pytest.mark.parametrize("adjusted", [False, True])
async def test_reconcile_account_answers_a_repeat_alike_whatever_was_booked_since(book: BookOf, adjusted: bool) -> None:
    await record(book, book.account_id, 100, "2026-01-02")
    request = reconcile_request(book, book.account_id, 140 if adjusted else 100, ON, adjust=adjusted)
    first = await book.person.ledger.ReconcileAccount(request)
    await record(book, book.account_id, 5, "2026-01-03")
    assert await book.person.ledger.ReconcileAccount(request) == first
    assert await held(book, book.account_id) == (145 if adjusted else 105)


@pytest.mark.parametrize("statement", [1001, 999, -1000, 0])
async def test_reconcile_account_that_does_not_agree_locks_nothing_and_says_by_how_much(
    book: BookOf, database: proof.Connection, statement: int
) -> None:
    await record(book, book.account_id, 1000, "2026-01-02")
    await record(book, book.account_id, -400, "2026-01-03", status=PENDING)
    before = proof.count_rows(database)
    refusal = await refusal_of(reconcile(book, book.account_id, statement, ON))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "STATEMENT_MISMATCH")
    assert refusal.metadata == {"expected": str(statement), "actual": "1000", "difference": str(statement - 1000)}
    assert proof.count_rows(database) == before


@pytest.mark.parametrize("statement", [1040, 960, -5, 0])
async def test_reconcile_account_books_the_difference_when_it_may(book: BookOf, statement: int) -> None:
    spent = await record(book, book.account_id, 1000, "2026-01-02")
    await record(book, book.account_id, -400, "2026-01-03", status=PENDING)
    answer = await reconcile(book, book.account_id, statement, ON, adjust=True)
    booked = answer.adjustment
    assert (booked.kind, booked.booked_on, booked.status, booked.book_id) == (ADJUSTMENT, ON, RECONCILED, book.id)
    assert [(e.account_id, e.amount, e.status) for e in booked.entries] == [
        (book.account_id, eur(statement - 1000), RECONCILED)
    ]
    assert (answer.reconciliation.adjustment_id, answer.reconciliation.entries_reconciled) == (booked.id, 2)
    assert await transaction(book, booked.id) == booked
    assert (await transaction(book, spent.id)).status == RECONCILED
    assert await held_and_cleared(book, book.account_id, ON) == (statement - 400, statement)
    assert await held_and_cleared(book, book.account_id, "2026-01-30") == (600, 1000)


async def test_reconcile_account_that_agrees_has_nothing_to_adjust(book: BookOf) -> None:
    answer = await reconcile(book, book.account_id, 0, ON, adjust=True)
    assert (answer.HasField("adjustment"), answer.reconciliation.entries_reconciled) == (False, 0)


async def test_reconcile_account_goes_on_from_the_statement_before(book: BookOf) -> None:
    for on, minor in (("2026-01-10", 100), ("2026-02-10", 20), ("2026-03-10", 3)):
        await record(book, book.account_id, minor, on)
    counts = []
    for on, minor in ((ON, 100), ("2026-02-28", 120), ("2026-03-31", 123)):
        counts.append((await reconcile(book, book.account_id, minor, on)).reconciliation.entries_reconciled)
    assert counts == [1, 2, 3]
    again = await reconcile(book, book.account_id, 120, "2026-02-28")
    assert again.reconciliation.entries_reconciled == 2
    # The last statement is the latest one, and not the one that was compared last.
    assert (await get(book, book.account_id)).reconciled_on == "2026-03-31"


async def test_reconcile_account_finds_what_was_booked_late(book: BookOf) -> None:
    await record(book, book.account_id, 100, "2026-01-10")
    await reconcile(book, book.account_id, 100, ON)
    late = await record(book, book.account_id, 5, "2026-01-11")
    assert late.status == CLEARED
    assert (await refusal_of(reconcile(book, book.account_id, 100, ON))).reason == "STATEMENT_MISMATCH"
    assert (await reconcile(book, book.account_id, 105, ON)).reconciliation.entries_reconciled == 2


async def test_reconcile_account_counts_entries_and_not_transactions(book: BookOf) -> None:
    other = await make(book)
    parts = [Split(amount=eur(30)), Split(amount=eur(12)), Split(amount=eur(8), account_id=other.id)]
    split = await record(book, book.account_id, 50, "2026-01-15", kind=EXPENSE, splits=parts)
    answer = await reconcile(book, book.account_id, -42, ON)
    assert answer.reconciliation.entries_reconciled == 2
    now = await transaction(book, split.id)
    assert (statuses(now), now.status) == ([RECONCILED, RECONCILED, CLEARED], CLEARED)
    assert (await reconcile(book, other.id, -8, ON)).reconciliation.entries_reconciled == 1
    assert (await transaction(book, split.id)).status == RECONCILED


async def test_reconcile_account_locks_one_end_of_a_transfer(book: BookOf) -> None:
    other = await make(book)
    moved = await transfer(book, book.account_id, other.id, 70, "2026-01-15")
    await reconcile(book, other.id, 70, ON)
    now = await transaction(book, moved.id)
    assert (statuses(now), now.status) == ([CLEARED, RECONCILED], CLEARED)
    assert await held_and_cleared(book, book.account_id) == (-70, -70)


async def test_reconcile_account_locks_refunds_and_the_expenses_that_they_give_back(book: BookOf) -> None:
    spent = await record(book, book.account_id, -100, "2026-01-10")
    given = await record(book, book.account_id, 40, "2026-01-12", kind=REFUND, refund_of_id=spent.id)
    answer = await reconcile(book, book.account_id, -60, ON)
    assert answer.reconciliation.entries_reconciled == 2
    assert (await transaction(book, given.id)).refund_of_id == spent.id


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31"])
async def test_reconcile_account_on_any_day_that_there_is(book: BookOf, on: str) -> None:
    await record(book, book.account_id, 5, on)
    assert (await reconcile(book, book.account_id, 5, on)).reconciliation.entries_reconciled == 1


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"statement_on": "2026-02-30"}, "INVALID_DATE", "statement_on"),
        ({"statement_on": ""}, "INVALID_FIELD", "statement_on"),
        ({"statement_balance": None}, "INVALID_FIELD", "statement_balance"),
        ({"statement_balance": Money(currency="USD", minor=0)}, "CURRENCY_MISMATCH", "statement_balance.currency"),
        ({"statement_balance": eur(-(2**63)), "adjust": True}, "AMOUNT_OUT_OF_RANGE", "amount.minor"),
    ],
)
async def test_reconcile_account_refuses_what_is_wrong(
    book: BookOf, fields: dict[str, Any], reason: str, field: str
) -> None:
    refusal = await refusal_of(reconcile(book, book.account_id, 0, **{"on": ON} | fields))
    assert (refusal.reason, refusal.fields) == (reason, (field,))


async def test_reconcile_account_keeps_the_id_that_the_client_made(book: BookOf) -> None:
    chosen = new_id()
    answer = await reconcile(book, book.account_id, 0, ON, reconciliation_id=chosen.upper())
    assert answer.reconciliation.id == chosen
    taken = await refusal_of(reconcile(book, book.account_id, 0, ON, reconciliation_id=chosen))
    assert taken.reason == "ID_TAKEN"


async def test_reconcile_account_books_no_adjustment_after_it_was_closed(book: BookOf) -> None:
    spent = await record(book, book.account_id, 100, "2026-01-10")
    await close(book, book.account_id, "2026-01-20")
    refusal = await refusal_of(reconcile(book, book.account_id, 101, ON, adjust=True))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ACCOUNT_CLOSED")
    assert await transaction(book, spent.id) == spent
    # What agrees needs no adjustment, and on its last day one can still be booked.
    await reconcile(book, book.account_id, 100, ON)
    assert (await reconcile(book, book.account_id, 101, "2026-01-20", adjust=True)).adjustment.booked_on == "2026-01-20"


async def test_reconcile_account_of_what_is_not_there_is_not_found(book: BookOf, bob: Person) -> None:
    gone, private, theirs = await make(book), await make(book, private=True), await make_book(bob)
    await call("Delete", book, gone.id)
    for missing in (gone.id, theirs.account_id, new_id()):
        assert (await refusal_of(reconcile(book, missing, 0))).reason == "NOT_FOUND"
    household = await shared_with(book, bob)
    assert (await refusal_of(reconcile(household, private.id, 0, adjust=True))).reason == "NOT_FOUND"


async def test_reconcile_account_of_a_private_account_keeps_its_adjustment_private(book: BookOf, bob: Person) -> None:
    private = await opened(book, 100, private=True)
    household = await shared_with(book, bob)
    answer = await reconcile(book, private.id, 90, adjust=True)
    booked = answer.adjustment
    assert answer.reconciliation.private_to == booked.private_to == book.person.user.id
    assert (await reconcile(book, book.account_id, 0)).reconciliation.private_to == ""
    assert (await refusal_of(transaction(household, booked.id))).reason == "NOT_FOUND"


async def test_reconcile_account_does_not_lock_what_becomes_cleared_later(book: BookOf) -> None:
    waiting = await record(book, book.account_id, -50, "2026-01-20", status=PENDING)
    await reconcile(book, book.account_id, 0, ON)
    assert (await change(book, waiting, status=CLEARED)).status == CLEARED
    assert date.fromisoformat((await get(book, book.account_id)).reconciled_on) == date(2026, 1, 31)


async def test_reconcile_account_pages_of_drafts_are_locked_together(book: BookOf) -> None:
    """As many entries as fit in one commit."""
    await record_all(book, [draft(book.account_id, 1, "2026-01-15") for _ in range(400)])
    answer: pb.ReconcileAccountResponse = await reconcile(book, book.account_id, 401, ON, adjust=True)
    assert answer.reconciliation.entries_reconciled == 401
