"""What ListTemplates promises."""

from typing import Any

from people import BookOf, Person, make_book, refusal_of
from recurring import call, make_template
from rpc.ledger.promises import viewer_of
from tallystick_client.v1 import ledger_templates_pb2 as pb


async def pages_of(person: Person, book: BookOf, **fields: Any) -> list[list[str]]:
    """The names on each page."""
    pages, token = [], ""
    while True:
        page = await person.ledger.ListTemplates(pb.ListTemplatesRequest(book_id=book.id, page_token=token, **fields))
        pages.append([template.name for template in page.templates])
        token = page.next_page_token
        if not token:
            return pages


async def test_list_templates_is_in_the_order_they_were_made_page_by_page(book: BookOf) -> None:
    for name in ("one", "two", "three", "four", "five"):
        await make_template(book, name=name)
    assert await pages_of(book.person, book, page_size=2) == [["one", "two"], ["three", "four"], ["five"]]
    assert await pages_of(await viewer_of(book), book) == [["one", "two", "three", "four", "five"]]


async def test_list_templates_lists_deleted_ones_when_asked(book: BookOf) -> None:
    await make_template(book, name="one")
    await call("DeleteTemplate", await make_template(book, name="two"), book)
    assert await pages_of(book.person, book) == [["one"]]
    assert await pages_of(book.person, book, deleted=True) == [["two"]]


async def test_list_templates_shows_those_of_its_book_only(book: BookOf) -> None:
    await make_template(await make_book(book.person))
    assert await pages_of(book.person, book) == [[]]


async def test_list_templates_refuses_a_token_of_another_query(book: BookOf) -> None:
    await make_template(book)
    await make_template(book)
    ledger = book.person.ledger
    page = await ledger.ListTemplates(pb.ListTemplatesRequest(book_id=book.id, page_size=1))
    other = pb.ListTemplatesRequest(book_id=book.id, deleted=True, page_token=page.next_page_token)
    refusal = await refusal_of(ledger.ListTemplates(other))
    assert (refusal.reason, refusal.fields) == ("INVALID_PAGE_TOKEN", ("page_token",))


async def test_list_templates_is_for_members_only(book: BookOf, bob: Person) -> None:
    refusal = await refusal_of(bob.ledger.ListTemplates(pb.ListTemplatesRequest(book_id=book.id)))
    assert refusal.reason == "NOT_FOUND"
