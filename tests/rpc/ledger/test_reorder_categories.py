"""What ReorderCategories promises."""

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.categories import Category, delete, get, listed, make
from rpc.ledger.promises import keeps_the_promises_of_a_write
from tallystick_client.v1.ledger_categories_pb2 import ReorderCategoriesRequest


def compose(book: BookOf, *ids: str) -> ReorderCategoriesRequest:
    return ReorderCategoriesRequest(request_id=new_id(), book_id=book.id, category_ids=ids)


async def reorder(book: BookOf, *ids: str) -> list[Category]:
    return list((await book.person.ledger.ReorderCategories(compose(book, *ids))).categories)


async def test_reorder_categories_puts_them_in_the_order_and_leaves_others(book: BookOf) -> None:
    other = await make(book, position=9)
    made = [(await make(book)).id for _ in range(3)]
    wanted = [made[2], made[0], made[1]]
    answer = await reorder(book, *(one.upper() for one in wanted))
    assert [(one.id, one.position) for one in answer] == [(one, place) for place, one in enumerate(wanted, 1)]
    assert [one for one in await listed(book) if one in made] == wanted
    assert await get(book, other.id) == other


async def test_reorder_categories_changes_only_what_moves(book: BookOf) -> None:
    first, second, third = [await make(book, position=place) for place in (1, 2, 7)]
    after = await reorder(book, first.id, second.id, third.id)
    assert after[:2] == [first, second]
    assert after[2].version > third.version


async def test_reorder_categories_keeps_the_promises_of_a_write(book: BookOf) -> None:
    request = compose(book, book.earning_id, book.spending_id)
    await keeps_the_promises_of_a_write(book, "ReorderCategories", request, category_ids=[book.spending_id])


async def test_reorder_categories_does_not_see_what_is_not_there_and_moves_nothing(book: BookOf, bob: Person) -> None:
    gone, theirs = await make(book), await make_book(bob)
    await delete(book, gone.id)
    before = await get(book, book.spending_id)
    for missing in (gone.id, theirs.spending_id, new_id()):
        assert (await refusal_of(reorder(book, book.earning_id, book.spending_id, missing))).reason == "NOT_FOUND"
    assert await get(book, book.spending_id) == before


async def test_reorder_categories_refuses_one_that_is_named_twice(book: BookOf) -> None:
    made = await make(book, category_id=f"{new_id()[:-1]}a")
    refusal = await refusal_of(reorder(book, made.id, made.id.upper()))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("category_ids",))
