"""What RestoreCategory promises."""

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.categories import chain, delete, get, make, restore, update
from rpc.ledger.promises import keeps_the_promises_of_a_write
from tallystick_client.v1.ledger_categories_pb2 import RestoreCategoryRequest

DEPTH_MAX = 10


async def test_restore_category_brings_it_back_where_it_was(book: BookOf) -> None:
    made = await make(book, parent_id=book.spending_id, icon="loaf", position=4)
    await delete(book, made.id)
    back = await restore(book, made.id)
    assert (back.parent_id, back.icon, back.position) == (book.spending_id, "loaf", 4)
    assert await get(book, made.id) == back


async def test_restore_category_goes_to_the_top_when_its_parent_is_gone(book: BookOf) -> None:
    below = await make(book, parent_id=book.spending_id)
    await delete(book, below.id)
    await delete(book, book.spending_id)
    assert (await restore(book, below.id)).parent_id == ""
    # The parent comes back alone: what is at the top stays there.
    await restore(book, book.spending_id)
    assert (await get(book, below.id)).parent_id == ""


async def test_restore_category_goes_to_the_top_when_its_parent_went_too_deep(book: BookOf) -> None:
    parent, below = await chain(book, 2)
    await delete(book, below)
    deep = await chain(book, DEPTH_MAX - 1)
    await update(book, parent, parent_id=deep[-1])
    assert (await restore(book, below)).parent_id == ""


async def test_restore_category_that_is_not_deleted_stays_as_it_is(book: BookOf) -> None:
    made = await make(book)
    assert await restore(book, made.id) == made


async def test_restore_category_keeps_the_promises_of_a_write(book: BookOf) -> None:
    made = await make(book)
    await delete(book, made.id)
    request = RestoreCategoryRequest(request_id=new_id(), book_id=book.id, category_id=made.id)
    await keeps_the_promises_of_a_write(book, "RestoreCategory", request, category_id=book.spending_id)


async def test_restore_category_does_not_see_what_was_never_there(book: BookOf, bob: Person) -> None:
    theirs = await make_book(bob)
    for missing in (theirs.spending_id, new_id()):
        assert (await refusal_of(restore(book, missing))).reason == "NOT_FOUND"
