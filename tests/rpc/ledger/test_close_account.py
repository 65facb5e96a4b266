"""What CloseAccount promises."""

import grpc
import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.accounts import (
    TRANSFER,
    call,
    change,
    close,
    delete_transaction,
    draft,
    eur,
    get,
    held,
    make,
    opened,
    record,
    record_all,
    request,
    shared_with,
)
from rpc.ledger.promises import keeps_the_promises_of_a_write

CLOSED_ON = "2026-03-31"


async def test_close_account_says_when_and_keeps_all_that_was(book: BookOf) -> None:
    made = await opened(book, 700)
    closed = await close(book, made.id, CLOSED_ON)
    assert (closed.closed_on, closed.version > made.version) == (CLOSED_ON, True)
    assert await get(book, made.id) == closed
    assert await held(book, made.id) == 700


async def test_close_account_keeps_the_promises_of_a_write(book: BookOf) -> None:
    request_ = request("Close", book, book.account_id, closed_on=CLOSED_ON)
    await keeps_the_promises_of_a_write(book, "CloseAccount", request_, closed_on="2026-04-01")


@pytest.mark.parametrize("on", ["2026-02-30", "2026-13-01", "0000-01-01"])
async def test_close_account_needs_a_day_that_exists(book: BookOf, on: str) -> None:
    refusal = await refusal_of(close(book, book.account_id, on))
    assert (refusal.reason, refusal.fields) == ("INVALID_DATE", ("closed_on",))


async def test_close_account_cannot_be_before_something_that_is_booked(book: BookOf) -> None:
    spent = await record(book, book.account_id, -100, "2026-04-01")
    refusal = await refusal_of(close(book, book.account_id, CLOSED_ON))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_DATE")
    assert (await close(book, book.account_id, "2026-04-01")).closed_on == "2026-04-01"
    assert (await refusal_of(close(book, book.account_id, CLOSED_ON))).reason == "INVALID_DATE"
    await delete_transaction(book, spent)
    assert (await close(book, book.account_id, CLOSED_ON)).closed_on == CLOSED_ON


async def test_close_account_on_the_same_day_again_changes_nothing(book: BookOf) -> None:
    closed = await close(book, book.account_id, CLOSED_ON)
    assert await close(book, book.account_id, CLOSED_ON) == closed
    assert (await close(book, book.account_id, "2026-05-31")).closed_on == "2026-05-31"


async def test_close_account_lets_nothing_be_booked_after_that_day(book: BookOf) -> None:
    other = await make(book)
    await close(book, book.account_id, CLOSED_ON)
    late = "2026-04-01"
    for refused in (
        draft(book.account_id, -100, late),
        draft(book.account_id, 100, late),
        draft(other.id, 100, late, kind=TRANSFER, to_account_id=book.account_id),
        draft(book.account_id, 100, late, kind=TRANSFER, to_account_id=other.id),
    ):
        refusal = await refusal_of(record_all(book, [refused]))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ACCOUNT_CLOSED")
        assert refusal.metadata["closed_on"] == CLOSED_ON
    assert (await record(book, book.account_id, -100, CLOSED_ON)).booked_on == CLOSED_ON


async def test_close_account_leaves_its_history_open_to_corrections(book: BookOf) -> None:
    other = await make(book)
    spent = await record(book, book.account_id, -100, "2026-03-01")
    await close(book, book.account_id, CLOSED_ON)
    corrected = await change(book, spent, amount=eur(130), note="it was more", booked_on="2026-03-02")
    assert await held(book, book.account_id) == -130
    refusal = await refusal_of(change(book, corrected, booked_on="2026-04-01"))
    assert refusal.reason == "ACCOUNT_CLOSED"
    moved = await change(book, corrected, account_id=other.id, booked_on="2026-04-01")
    assert (await refusal_of(change(book, moved, account_id=book.account_id))).reason == "ACCOUNT_CLOSED"
    await change(book, moved, account_id=book.account_id, booked_on="2026-03-31")
    await delete_transaction(book, moved)
    assert await held(book, book.account_id) == 0


async def test_close_account_of_what_is_not_there_is_not_found(book: BookOf, bob: Person) -> None:
    gone, private, theirs = await make(book), await make(book, private=True), await make_book(bob)
    await call("Delete", book, gone.id)
    for missing in (gone.id, theirs.account_id, new_id()):
        assert (await refusal_of(close(book, missing, CLOSED_ON))).reason == "NOT_FOUND"
    assert (await refusal_of(close(await shared_with(book, bob), private.id, CLOSED_ON))).reason == "NOT_FOUND"
