"""What GetAccount promises."""

import grpc

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.accounts import call, get, make, record, shared_with
from rpc.spaces.sharing import VIEWER


async def test_get_account_shows_it_to_every_member(book: BookOf, bob: Person) -> None:
    made = await make(book)
    assert await get(book, made.id.upper()) == made
    assert await get(await shared_with(book, bob, VIEWER), made.id) == made


async def test_get_account_does_not_call_a_moved_balance_a_change(book: BookOf) -> None:
    made = await make(book)
    await record(book, made.id, 100, "2026-01-01")
    assert await get(book, made.id) == made


async def test_get_account_of_what_is_not_there_is_not_found(book: BookOf, bob: Person) -> None:
    gone, theirs = await make(book), await make_book(bob)
    await call("Delete", book, gone.id)
    for missing in (gone.id, theirs.account_id, book.spending_id, new_id()):
        refusal = await refusal_of(get(book, missing))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    assert (await refusal_of(get(theirs, book.account_id))).raw == (await refusal_of(get(theirs, new_id()))).raw


async def test_get_account_of_another_members_private_account_is_not_found(book: BookOf, bob: Person) -> None:
    private = await make(book, private=True)
    theirs = await shared_with(book, bob)
    refusal = await refusal_of(get(theirs, private.id))
    assert refusal.raw == (await refusal_of(get(theirs, new_id()))).raw
    assert await get(book, private.id) == private
