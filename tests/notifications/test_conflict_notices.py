"""Who is told of a conflict? The one whose change waits."""

from dataclasses import replace

from inbox import CONFLICT, told
from meeting import make_conflict
from people import BookOf, Person
from rpc.spaces.sharing import leave, share
from tallystick.app import App


async def test_it_is_told_to_whose_change_waits(server: App, book: BookOf, ann: Person, bob: Person) -> None:
    await share(ann, book.id, bob)
    conflict = await make_conflict(replace(book, person=bob))
    (one,) = await told(server, bob, CONFLICT)
    said = one.conflict
    assert (said.conflict_id, said.target_kind, said.target_id) == (conflict.id, "transaction", conflict.target_id)
    assert (one.space_id, one.space_name) == (book.id, "Home")
    assert await told(server, ann, CONFLICT) == []


async def test_who_has_left_is_not_told(server: App, book: BookOf, ann: Person, bob: Person) -> None:
    await share(ann, book.id, bob)
    await make_conflict(replace(book, person=bob))
    await leave(bob, book.id)
    assert await told(server, bob, CONFLICT) == []
