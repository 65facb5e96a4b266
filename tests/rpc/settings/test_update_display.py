"""What UpdateDisplay promises."""

from typing import Any
from uuid import UUID, uuid5

import grpc
import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.settings.home import (
    display_request,
    displays_of,
    keeps_the_promises_of_a_write,
    reset_request,
    show,
    thing_of,
)
from rpc.spaces.sharing import EDITOR, leave, share
from tallystick_client.v1.settings_displays_pb2 import BookThing, Display

LOOKS: dict[str, Any] = {
    "color": "#3366AA",
    "icon": "wallet",
    "hidden": True,
    "position": 3,
    "on_dashboard": True,
    "expanded": True,
}


async def test_update_display_promises_what_every_write_does(book: BookOf) -> None:
    thing = thing_of(book)
    answer = await keeps_the_promises_of_a_write(
        book, "UpdateDisplay", display_request(thing, **LOOKS), display_request(thing, hidden=True)
    )
    wanted = uuid5(UUID(book.person.user.home_id), f"display {book.id} {book.account_id}")
    assert answer.display == Display(id=str(wanted), version=answer.display.version, thing=thing, **LOOKS)


async def test_update_display_changes_only_what_the_mask_names(book: BookOf) -> None:
    first = await show(book.person, thing_of(book), **LOOKS)
    again = await show(book.person, thing_of(book), "hidden", "icon", color="#000000")
    assert (again.hidden, again.icon, again.color) == (False, "", "#3366AA")
    assert again.version > first.version
    assert await displays_of(book.person, book.id) == [again]


async def test_update_display_that_changes_nothing_makes_nothing(book: BookOf) -> None:
    shown = await show(book.person, thing_of(book), "hidden")
    assert (shown.version, shown.thing) == (0, thing_of(book))
    assert await displays_of(book.person, book.id) == []


async def test_update_display_is_about_one_thing_however_its_id_is_written(book: BookOf) -> None:
    first = await show(book.person, thing_of(book), icon="wallet")
    loud = BookThing(book_id=book.id.upper(), thing_id=book.account_id.upper())
    again = await show(book.person, loud, hidden=True)
    assert (again.id, again.icon, again.thing) == (first.id, "wallet", first.thing)


async def test_update_display_tells_things_of_two_books_apart_that_have_one_id(book: BookOf) -> None:
    other = await make_book(book.person)
    first = await show(book.person, thing_of(book), icon="wallet")
    second = await show(book.person, thing_of(other, book.account_id), icon="purse")
    assert first.id != second.id
    assert [each.icon for each in await displays_of(book.person, book.id)] == ["wallet"]


async def test_update_display_is_seen_by_nobody_else(book: BookOf, bob: Person) -> None:
    await share(book.person, book.id, bob, EDITOR)
    mine, his = await show(book.person, thing_of(book), hidden=True), await show(bob, thing_of(book), icon="x")
    assert mine.id != his.id
    assert [each.icon for each in await displays_of(bob, book.id)] == ["x"]


async def test_update_display_after_a_reset_begins_anew(book: BookOf) -> None:
    thing = thing_of(book)
    await show(book.person, thing, **LOOKS)
    await book.person.settings.ResetDisplay(reset_request(thing))
    again = await show(book.person, thing, icon="purse")
    assert (again.icon, again.color, again.hidden) == ("purse", "", False)
    assert await displays_of(book.person, book.id) == [again]


async def test_update_display_refuses_what_was_changed_since_the_version_it_was_made_on(book: BookOf) -> None:
    thing = thing_of(book)
    base = (await show(book.person, thing, icon="wallet")).version
    changed = await show(book.person, thing, color="#000000")
    stale = await refusal_of(
        book.person.settings.UpdateDisplay(display_request(thing, color="#FFFFFF", base_version=base))
    )
    assert (stale.reason, stale.metadata) == ("STALE_VERSION", {"current_version": str(changed.version)})
    assert (await show(book.person, thing, icon="purse", base_version=base)).color == "#000000"


async def test_update_display_refuses_what_was_reset_since(book: BookOf) -> None:
    thing = thing_of(book)
    base = (await show(book.person, thing, icon="wallet")).version
    await book.person.settings.ResetDisplay(reset_request(thing))
    stale = await refusal_of(
        book.person.settings.UpdateDisplay(display_request(thing, icon="purse", base_version=base))
    )
    assert stale.reason == "STALE_VERSION"
    assert (await show(book.person, thing, hidden=True, base_version=base)).icon == ""


@pytest.mark.parametrize(
    ("field", "value"), [("color", "red"), ("color", "#12345"), ("icon", "x" * 101), ("position", -1)]
)
async def test_update_display_refuses_and_names_a_wrong_field(book: BookOf, field: str, value: Any) -> None:
    refusal = await refusal_of(
        book.person.settings.UpdateDisplay(display_request(thing_of(book), hidden=True, **{field: value}))
    )
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", (field,))
    assert await displays_of(book.person, book.id) == []


@pytest.mark.parametrize("thing", [None, BookThing(), BookThing(book_id="x", thing_id=new_id())])
async def test_update_display_refuses_what_names_no_thing(book: BookOf, thing: BookThing | None) -> None:
    refusal = await refusal_of(book.person.settings.UpdateDisplay(display_request(thing, hidden=True)))  # type: ignore[arg-type]  # a client may forget it
    assert refusal.reason == "INVALID_FIELD"


@pytest.mark.parametrize("path", ["", "thing", "id", "version", "color.x"])
async def test_update_display_refuses_a_mask_with_a_field_that_cannot_be_changed(book: BookOf, path: str) -> None:
    refusal = await refusal_of(
        book.person.settings.UpdateDisplay(display_request(thing_of(book), "hidden", path, hidden=True))
    )
    assert (refusal.reason, refusal.fields) == ("INVALID_UPDATE_MASK", ("update_mask",))


async def test_update_display_tells_nothing_of_books_of_others(book: BookOf, bob: Person) -> None:
    """A foreign book and none are the same, byte for byte, whatever the thing is; and in an own book no thing is looked up."""
    refusals = [
        await refusal_of(bob.settings.UpdateDisplay(display_request(BookThing(book_id=book_id, thing_id=thing_id))))
        for book_id in (book.id, new_id())
        for thing_id in (book.account_id, new_id())
    ]
    assert {each.code for each in refusals} == {grpc.StatusCode.NOT_FOUND}
    assert len({each.raw for each in refusals}) == 1
    own = await make_book(bob)
    shown = [await show(bob, thing_of(own, thing_id), hidden=True) for thing_id in (book.account_id, new_id())]
    assert [each.hidden for each in shown] == [True, True]


async def test_update_display_of_a_book_that_the_caller_left_is_not_found_until_they_are_back(
    book: BookOf, bob: Person
) -> None:
    await share(book.person, book.id, bob, EDITOR)
    kept = await show(bob, thing_of(book), icon="wallet")
    await leave(bob, book.id)
    refusal = await refusal_of(bob.settings.UpdateDisplay(display_request(thing_of(book), hidden=True)))
    assert refusal.reason == "NOT_FOUND"
    await share(book.person, book.id, bob, EDITOR)
    assert await displays_of(bob, book.id) == [kept]
