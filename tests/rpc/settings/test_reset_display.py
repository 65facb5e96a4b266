"""What ResetDisplay promises."""

from people import BookOf, Person, new_id, refusal_of
from rpc.settings.home import displays_of, head_of, keeps_the_promises_of_a_write, reset_request, show, thing_of
from tallystick_client.v1.settings_displays_pb2 import BookThing


async def test_reset_display_promises_what_every_write_does(book: BookOf) -> None:
    shown = await show(book.person, thing_of(book), icon="wallet", hidden=True)
    answer = await keeps_the_promises_of_a_write(
        book, "ResetDisplay", reset_request(thing_of(book)), reset_request(thing_of(book, new_id()))
    )
    assert (answer.display.id, answer.display.icon) == (shown.id, "wallet")
    assert answer.display.version > shown.version
    assert await displays_of(book.person, book.id) == []


async def test_reset_display_of_what_looks_as_the_book_has_it_does_nothing(book: BookOf) -> None:
    for thing in (thing_of(book), thing_of(book, new_id())):
        assert not (await book.person.settings.ResetDisplay(reset_request(thing))).HasField("display")
    await show(book.person, thing_of(book), hidden=True)
    await book.person.settings.ResetDisplay(reset_request(thing_of(book)))
    again = await book.person.settings.ResetDisplay(reset_request(thing_of(book)))
    assert not again.HasField("display")


async def test_reset_display_leaves_other_things_alone(book: BookOf) -> None:
    other = await show(book.person, thing_of(book, book.spending_id), expanded=True)
    await show(book.person, thing_of(book), hidden=True)
    await book.person.settings.ResetDisplay(reset_request(thing_of(book)))
    assert await displays_of(book.person, book.id) == [other]


async def test_reset_display_tells_nothing_of_books_of_others(book: BookOf, bob: Person) -> None:
    before = await head_of(bob)
    refusals = [
        await refusal_of(bob.settings.ResetDisplay(reset_request(BookThing(book_id=each, thing_id=book.account_id))))
        for each in (book.id, new_id())
    ]
    assert [each.reason for each in refusals] == ["NOT_FOUND", "NOT_FOUND"]
    assert refusals[0].raw == refusals[1].raw
    assert await head_of(bob) == before
