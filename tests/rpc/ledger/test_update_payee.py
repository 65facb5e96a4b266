"""What UpdatePayee promises."""

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.categories import archive, delete, make
from rpc.ledger.labels import PAYEES, UpdateLabel


class TestUpdatePayee(UpdateLabel):
    kind = PAYEES


async def test_update_payee_changes_the_default_category(book: BookOf) -> None:
    payee = await PAYEES.make(book)
    after = await PAYEES.call("Update", book, payee_id=payee.id, default_category_id=book.spending_id.upper())
    assert (after.name, after.default_category_id) == (payee.name, book.spending_id)


async def test_update_payee_refuses_a_new_default_that_nothing_may_have(book: BookOf, bob: Person) -> None:
    payee, archived, gone = await PAYEES.make(book), await make(book), await make(book)
    await archive(book, archived.id)
    await delete(book, gone.id)
    theirs = await make_book(bob)
    cases = {
        archived.id: "CATEGORY_ARCHIVED",
        gone.id: "NOT_FOUND",
        theirs.spending_id: "NOT_FOUND",
        new_id(): "NOT_FOUND",
    }
    for category_id, reason in cases.items():
        refusal = await refusal_of(PAYEES.call("Update", book, payee_id=payee.id, default_category_id=category_id))
        assert refusal.reason == reason


async def test_update_payee_lets_a_default_stay_that_was_archived_since(book: BookOf) -> None:
    payee = await PAYEES.make(book, default_category_id=book.spending_id)
    await archive(book, book.spending_id)
    after = await PAYEES.call("Update", book, payee_id=payee.id, name="Baker", default_category_id=book.spending_id)
    assert (after.name, after.default_category_id) == ("Baker", book.spending_id)
