"""What GetCategory promises."""

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.categories import delete, get, make


async def test_get_category_returns_one(book: BookOf) -> None:
    made = await make(book)
    assert await get(book, made.id.upper()) == made


async def test_get_category_does_not_find_what_is_not_there(book: BookOf, bob: Person) -> None:
    gone, theirs = await make(book), await make_book(bob)
    await delete(book, gone.id)
    for missing in (gone.id, theirs.spending_id, new_id()):
        assert (await refusal_of(get(book, missing))).reason == "NOT_FOUND"
