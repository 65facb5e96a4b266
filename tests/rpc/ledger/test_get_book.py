"""What GetBook promises."""

import grpc

from people import Person, new_id, refusal_of
from rpc.ledger import shelf
from rpc.spaces.sharing import VIEWER


async def test_get_book_returns_it_to_every_member_in_any_spelling_of_its_id(ann: Person) -> None:
    made = await shelf.make(ann)
    vic = await shelf.with_member(ann, made.id, VIEWER)
    assert await shelf.get(ann, made.id.upper()) == made
    assert await shelf.get(vic, made.id) == made


async def test_get_book_finds_neither_what_is_foreign_nor_what_is_missing(ann: Person, bob: Person) -> None:
    made = await shelf.make(ann)
    foreign, missing = [await refusal_of(shelf.get(bob, book_id)) for book_id in (made.id, new_id())]
    assert (foreign.code, foreign.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    assert foreign.raw == missing.raw


async def test_get_book_finds_no_book_in_a_home(ann: Person) -> None:
    assert (await refusal_of(shelf.get(ann, ann.user.home_id))).reason == "NOT_FOUND"
