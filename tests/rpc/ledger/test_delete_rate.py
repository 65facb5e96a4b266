"""What DeleteRate promises."""

import grpc

import proof
from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger import exchange, shelf
from rpc.spaces.sharing import EDITOR, VIEWER
from tallystick.app import App


async def test_delete_rate_returns_it_as_it_was_and_takes_it_back(book: BookOf) -> None:
    kept = await exchange.set_rate(book, on="2026-02-02", rate="1.07")
    made = await exchange.set_rate(book, on="2026-02-03", rate="1.08")
    assert (await exchange.convert(book, 100, "EUR", "USD")).rate == "1.08"
    deleted = await exchange.delete_rate(book, made.id.upper())
    assert (deleted.id, deleted.rate, deleted.on) == (made.id, made.rate, made.on)
    assert await exchange.rates_in(book, currency="USD") == [kept]
    assert (await exchange.convert(book, 100, "EUR", "USD")).rate == "1.07"


async def test_delete_rate_of_the_books_own_lets_the_providers_show(
    book: BookOf, server: App, database: proof.Connection
) -> None:
    made = await exchange.set_rate(book, "FJD/TOP", "2026-02-03", "1.5")
    async with exchange.published(server, database, ("FJD/TOP", "2026-02-03", "1.25")):
        assert (await exchange.convert(book, 100, "FJD", "TOP")).rate == "1.5"
        await exchange.delete_rate(book, made.id)
        assert (await exchange.convert(book, 100, "FJD", "TOP")).rate == "1.25"


async def test_delete_rate_answers_a_repeat_with_the_first_answer(book: BookOf) -> None:
    made, other = await exchange.set_rate(book), await exchange.set_rate(book, on="2026-02-04")
    request = exchange.delete_request(book, made.id)
    first = await book.person.ledger.DeleteRate(request)
    await exchange.set_rate(book)
    assert await book.person.ledger.DeleteRate(request) == first
    assert len(await exchange.rates_in(book, currency="USD")) == 2
    request.rate_id = other.id
    assert (await refusal_of(book.person.ledger.DeleteRate(request))).reason == "REQUEST_ID_REUSED"


async def test_delete_rate_finds_neither_what_is_deleted_nor_foreign_nor_missing(book: BookOf, bob: Person) -> None:
    made = await exchange.set_rate(book)
    await exchange.delete_rate(book, made.id)
    theirs = await exchange.set_rate(await make_book(bob))
    for rate_id in (made.id, theirs.id, new_id()):
        refused = await refusal_of(exchange.delete_rate(book, rate_id))
        assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_delete_rate_is_for_editors(book: BookOf, ann: Person, bob: Person) -> None:
    made = await exchange.set_rate(book)
    vic = await shelf.with_member(ann, book.id, VIEWER)
    eve = await shelf.with_member(ann, book.id, EDITOR, "Eve")
    request = exchange.delete_request(book, made.id)
    assert (await refusal_of(vic.ledger.DeleteRate(request))).reason == "ROLE_TOO_LOW"
    assert (await refusal_of(bob.ledger.DeleteRate(request))).reason == "NOT_FOUND"
    assert (await eve.ledger.DeleteRate(request)).rate.id == made.id
