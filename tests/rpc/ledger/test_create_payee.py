"""What CreatePayee promises."""

import grpc

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.categories import archive, delete, make
from rpc.ledger.labels import PAYEES, CreateLabel


class TestCreatePayee(CreateLabel):
    kind = PAYEES


async def test_create_payee_keeps_a_default_category_in_its_one_form(book: BookOf) -> None:
    made = await PAYEES.make(book, default_category_id=book.spending_id.upper())
    assert made.default_category_id == book.spending_id


async def test_create_payee_refuses_an_archived_default(book: BookOf) -> None:
    await archive(book, book.spending_id)
    refusal = await refusal_of(PAYEES.make(book, default_category_id=book.spending_id))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CATEGORY_ARCHIVED")


async def test_create_payee_refuses_a_default_that_is_not_there(book: BookOf, bob: Person) -> None:
    gone, theirs = await make(book), await make_book(bob)
    await delete(book, gone.id)
    for missing in (gone.id, theirs.spending_id, new_id()):
        assert (await refusal_of(PAYEES.make(book, default_category_id=missing))).reason == "NOT_FOUND"
