"""What ListCategories promises."""

from people import BookOf, Person, make_book, refusal_of
from rpc.ledger.categories import EXPENSE, INCOME, archive, delete, listed, make
from tallystick_client.v1.ledger_categories_pb2 import ListCategoriesRequest


async def test_list_categories_is_by_position_then_id(book: BookOf) -> None:
    made = [await make(book, f"{position}", position=position) for position in (3, 1, 3, 2)]
    ordered = sorted(made, key=lambda one: (one.position, one.id))
    assert (await listed(book))[-4:] == [one.id for one in ordered]


async def test_list_categories_pages_follow_each_other(book: BookOf) -> None:
    for position in (2, 1, 1, 2, 5):
        await make(book, position=position)
    seen: list[str] = []
    token = ""
    for expected in (3, 3, 1):
        response = await book.person.ledger.ListCategories(
            ListCategoriesRequest(book_id=book.id, page_size=3, page_token=token)
        )
        assert len(response.categories) == expected
        seen += [one.id for one in response.categories]
        token = response.next_page_token
    assert (seen, token) == (await listed(book), "")


async def test_list_categories_of_one_kind(book: BookOf) -> None:
    assert await listed(book, kind=EXPENSE) == [book.spending_id]
    assert await listed(book, kind=INCOME) == [book.earning_id]


async def test_list_categories_leaves_out_archived_ones_and_fills_its_pages_all_the_same(book: BookOf) -> None:
    for position in (1, 2, 3):
        await archive(book, (await make(book, position=position)).id)
    last = await make(book, position=4)
    response = await book.person.ledger.ListCategories(ListCategoriesRequest(book_id=book.id, page_size=3))
    assert [one.id for one in response.categories] == [*sorted([book.spending_id, book.earning_id]), last.id]
    assert response.next_page_token == ""
    assert len(await listed(book, archived=True)) == 6


async def test_list_categories_lists_deleted_ones_instead_when_asked_for(book: BookOf) -> None:
    gone = await make(book)
    await delete(book, gone.id)
    assert gone.id not in await listed(book)
    assert await listed(book, deleted=True) == [gone.id]


async def test_list_categories_refuses_a_token_of_another_query(book: BookOf) -> None:
    first = await book.person.ledger.ListCategories(ListCategoriesRequest(book_id=book.id, page_size=1))
    refusal = await refusal_of(listed(book, page_token=first.next_page_token, kind=EXPENSE))
    assert refusal.reason == "INVALID_PAGE_TOKEN"


async def test_list_categories_of_a_foreign_book_is_not_found(book: BookOf, bob: Person) -> None:
    theirs = await make_book(bob)
    assert (await refusal_of(listed(book, book_id=theirs.id))).reason == "NOT_FOUND"
