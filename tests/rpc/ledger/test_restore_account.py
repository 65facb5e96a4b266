"""What RestoreAccount promises."""

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.accounts import (
    call,
    close,
    create,
    delete_transaction,
    eur,
    get,
    held,
    history,
    listed,
    make,
    opened,
    reconcile,
    record,
    request,
    shared_with,
    transaction,
)
from rpc.ledger.promises import keeps_the_promises_of_a_write


async def test_restore_account_brings_it_back_as_it_was(book: BookOf) -> None:
    made = await make(book, name="Old", icon="bank", note="kept", position=3)
    made = await close(book, made.id, "2026-01-31")
    await call("Delete", book, made.id)
    back = await call("Restore", book, made.id)
    assert back.version > made.version
    back.version = made.version
    assert back == made
    assert await listed(book) == {book.account_id: 0, made.id: 0}
    assert await listed(book, deleted=True) == {}


async def test_restore_account_keeps_the_promises_of_a_write(book: BookOf) -> None:
    one, other = await opened(book, 5), await make(book)
    await call("Delete", book, one.id)
    await keeps_the_promises_of_a_write(book, "RestoreAccount", request("Restore", book, one.id), account_id=other.id)


async def test_restore_account_brings_back_its_opening_balance(book: BookOf) -> None:
    made = await create(book, opening_balance=eur(-300), opening_on="2026-01-15", private=True)
    account, opening = made.account, made.opening
    await reconcile(book, account.id, -300, "2026-01-31")
    before = await transaction(book, opening.id)
    for _ in range(2):
        await call("Delete", book, account.id)
        back = await call("Restore", book, account.id)
        assert back.opening_transaction_id == opening.id
        again = await transaction(book, opening.id)
        assert again.version == back.version
        again.version = before.version
        assert again == before
        assert await history(book, account.id, "2026-01-14", "2026-01-15") == [("2026-01-14", 0), ("2026-01-15", -300)]
    await record(book, account.id, 50, "2026-02-01")
    assert await held(book, account.id) == -250


async def test_restore_account_leaves_an_opening_balance_that_was_deleted_by_itself(book: BookOf) -> None:
    made = await create(book, opening_balance=eur(100), opening_on="2026-01-01")
    await delete_transaction(book, made.opening)
    await call("Delete", book, made.account.id)
    await call("Restore", book, made.account.id)
    assert (await refusal_of(transaction(book, made.opening.id))).reason == "NOT_FOUND"
    assert await held(book, made.account.id) == 0


async def test_restore_account_that_is_not_deleted_changes_nothing(book: BookOf) -> None:
    made = await opened(book, 100)
    assert await call("Restore", book, made.id) == made
    assert await get(book, made.id) == made
    assert await held(book, made.id) == 100


async def test_restore_account_of_what_is_not_there_is_not_found(book: BookOf, bob: Person) -> None:
    private, theirs = await make(book, private=True), await make_book(bob)
    await call("Delete", book, private.id)
    for missing in (theirs.account_id, new_id()):
        assert (await refusal_of(call("Restore", book, missing))).reason == "NOT_FOUND"
    assert (await refusal_of(call("Restore", await shared_with(book, bob), private.id))).reason == "NOT_FOUND"
    assert (await call("Restore", book, private.id)).private_to == book.person.user.id
