"""What ReopenAccount promises."""

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.accounts import call, close, get, make, record, request, shared_with
from rpc.ledger.promises import keeps_the_promises_of_a_write


async def test_reopen_account_takes_bookings_again(book: BookOf) -> None:
    closed = await close(book, book.account_id, "2026-03-31")
    assert (await refusal_of(record(book, book.account_id, -100, "2026-04-01"))).reason == "ACCOUNT_CLOSED"
    reopened = await call("Reopen", book, book.account_id)
    assert (reopened.closed_on, reopened.version > closed.version) == ("", True)
    assert await get(book, book.account_id) == reopened
    await record(book, book.account_id, -100, "2026-04-01")


async def test_reopen_account_that_is_open_changes_nothing(book: BookOf) -> None:
    made = await make(book)
    assert await call("Reopen", book, made.id) == made
    assert await get(book, made.id) == made


async def test_reopen_account_keeps_the_promises_of_a_write(book: BookOf) -> None:
    other = await make(book)
    await close(book, book.account_id, "2026-03-31")
    request_ = request("Reopen", book, book.account_id)
    await keeps_the_promises_of_a_write(book, "ReopenAccount", request_, account_id=other.id)


async def test_reopen_account_of_what_is_not_there_is_not_found(book: BookOf, bob: Person) -> None:
    gone, private, theirs = await make(book), await make(book, private=True), await make_book(bob)
    await call("Delete", book, gone.id)
    for missing in (gone.id, theirs.account_id, new_id()):
        assert (await refusal_of(call("Reopen", book, missing))).reason == "NOT_FOUND"
    assert (await refusal_of(call("Reopen", await shared_with(book, bob), private.id))).reason == "NOT_FOUND"
