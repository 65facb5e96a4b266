"""What RestoreBook promises."""

import asyncio
from uuid import UUID

import grpc

import proof
from people import BookOf, Person, new_id, refusal_of
from rpc.ledger import shelf
from rpc.spaces.sharing import EDITOR, VIEWER, may_read


async def test_restore_book_brings_it_back_with_all_that_is_in_it(book: BookOf) -> None:
    ann = book.person
    vic = await shelf.with_member(ann, book.id, VIEWER)
    before = await shelf.get(ann, book.id)
    await book.spend(250)
    deleted = await shelf.delete(ann, book.id)
    back = await shelf.restore(ann, book.id)
    assert (back.name, back.base_currency, back.created_at) == (before.name, before.base_currency, before.created_at)
    assert back.version == deleted.version + 1
    assert await shelf.get(vic, book.id) == back
    assert await book.balance() == -250
    assert await shelf.books_of(ann, deleted=True) == []
    assert await may_read(vic, book.id)
    assert (await book.spend(50)).balance.balance.minor == -300


async def test_restore_book_of_one_that_is_not_deleted_leaves_it_as_it_is(
    ann: Person, database: proof.Connection
) -> None:
    book = await shelf.make(ann)
    assert await shelf.restore(ann, book.id) == book
    assert await shelf.get(ann, book.id) == book
    actions = database.execute("SELECT action FROM audit WHERE scope_id = %s", (UUID(book.id),)).fetchall()
    assert ("book_restored",) not in actions


async def test_restore_book_answers_a_repeat_with_the_first_answer_also_when_deleted_again(ann: Person) -> None:
    book = await shelf.make(ann)
    await shelf.delete(ann, book.id)
    request = shelf.restore_request(book.id)
    answers = await asyncio.gather(*(ann.ledger.RestoreBook(request) for _ in range(4)))
    assert len({answer.book.version for answer in answers}) == 1
    await shelf.delete(ann, book.id)
    assert await ann.ledger.RestoreBook(request) == answers[0]
    assert await shelf.books_of(ann) == []


async def test_restore_book_refuses_a_reused_request_id(ann: Person) -> None:
    book = await shelf.make(ann)
    deleting = shelf.delete_request(book.id)
    await ann.ledger.DeleteBook(deleting)
    request = shelf.restore_request(book.id)
    request.request_id = deleting.request_id
    assert (await refusal_of(ann.ledger.RestoreBook(request))).reason == "REQUEST_ID_REUSED"


async def test_restore_book_is_for_owners(ann: Person, bob: Person) -> None:
    book = await shelf.make(ann)
    eve = await shelf.with_member(ann, book.id, EDITOR, "Eve")
    await shelf.delete(ann, book.id)
    refused = await refusal_of(shelf.restore(eve, book.id))
    assert (refused.code, refused.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_TOO_LOW")
    assert (await refusal_of(shelf.restore(bob, book.id))).reason == "NOT_FOUND"
    assert (await refusal_of(shelf.restore(ann, new_id()))).reason == "NOT_FOUND"
    assert (await refusal_of(shelf.restore(ann, ann.user.home_id))).reason == "NOT_FOUND"


async def test_restore_book_is_audited_and_tells_clients_to_look_again(ann: Person, database: proof.Connection) -> None:
    book = await shelf.make(ann)
    await shelf.delete(ann, book.id)
    sql = "SELECT access_revision FROM space WHERE id = %s"
    ((before,),) = database.execute(sql, (UUID(book.id),)).fetchall()
    await shelf.restore(ann, book.id)
    assert database.execute(sql, (UUID(book.id),)).fetchall() == [(before + 1,)]
    actions = database.execute("SELECT action FROM audit WHERE scope_id = %s ORDER BY seq", (UUID(book.id),)).fetchall()
    assert actions[-2:] == [("book_deleted",), ("book_restored",)]
