"""What ListDisplays promises."""

from typing import Any

import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.settings.home import displays_of, is_for_sessions_only, reset_request, show, thing_of
from rpc.spaces.sharing import EDITOR, leave, share
from tallystick_client.v1.ledger_books_pb2 import DeleteBookRequest
from tallystick_client.v1.settings_displays_pb2 import ListDisplaysRequest


async def test_list_displays_has_those_of_one_book_in_the_order_of_ids(book: BookOf) -> None:
    other = await make_book(book.person)
    await show(book.person, thing_of(other), hidden=True)
    shown = [await show(book.person, thing_of(book, new_id()), hidden=True) for _ in range(3)]
    assert await displays_of(book.person, book.id) == sorted(shown, key=lambda each: each.id)


async def test_list_displays_leaves_out_what_was_reset(book: BookOf) -> None:
    await show(book.person, thing_of(book), hidden=True)
    await book.person.settings.ResetDisplay(reset_request(thing_of(book)))
    assert await displays_of(book.person, book.id) == []


async def test_list_displays_goes_on_where_the_page_before_ended(book: BookOf) -> None:
    shown = {(await show(book.person, thing_of(book, new_id()), position=n)).id for n in range(1, 6)}
    found, token, sizes = list[str](), "", list[int]()
    while True:
        asked = ListDisplaysRequest(book_id=book.id, page_size=2, page_token=token)
        page = await book.person.settings.ListDisplays(asked)
        found += [each.id for each in page.displays]
        sizes.append(len(page.displays))
        token = page.next_page_token
        if not token:
            break
    assert (found, sizes) == (sorted(shown), [2, 2, 1])


async def test_list_displays_refuses_a_token_of_another_list(book: BookOf) -> None:
    for _ in range(2):
        await show(book.person, thing_of(book, new_id()), hidden=True)
    page = await book.person.settings.ListDisplays(ListDisplaysRequest(book_id=book.id, page_size=1))
    other = await make_book(book.person)
    asked = ListDisplaysRequest(book_id=other.id, page_token=page.next_page_token)
    assert (await refusal_of(book.person.settings.ListDisplays(asked))).reason == "INVALID_PAGE_TOKEN"


@pytest.mark.parametrize("fields", [{"page_size": -1}, {"book_id": "x"}, {"book_id": ""}])
async def test_list_displays_refuses_a_wrong_field(book: BookOf, fields: dict[str, Any]) -> None:
    asked = ListDisplaysRequest(**{"book_id": book.id} | fields)
    assert (await refusal_of(book.person.settings.ListDisplays(asked))).reason == "INVALID_FIELD"


async def test_list_displays_of_a_book_that_the_caller_is_not_in_is_not_found(book: BookOf, bob: Person) -> None:
    await share(book.person, book.id, bob, EDITOR)
    await show(bob, thing_of(book), hidden=True)
    await leave(bob, book.id)
    foreign, missing = [
        await refusal_of(bob.settings.ListDisplays(ListDisplaysRequest(book_id=each))) for each in (book.id, new_id())
    ]
    assert foreign.reason == "NOT_FOUND"
    assert foreign.raw == missing.raw


async def test_list_displays_of_a_deleted_book_is_not_found(book: BookOf) -> None:
    await show(book.person, thing_of(book), hidden=True)
    await book.person.ledger.DeleteBook(DeleteBookRequest(request_id=new_id(), book_id=book.id))
    assert (
        await refusal_of(book.person.settings.ListDisplays(ListDisplaysRequest(book_id=book.id)))
    ).reason == "NOT_FOUND"


async def test_list_displays_needs_a_session(book: BookOf) -> None:
    await is_for_sessions_only(book, "ListDisplays", ListDisplaysRequest(book_id=book.id))
