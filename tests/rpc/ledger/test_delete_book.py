"""What DeleteBook promises."""

import asyncio
from typing import Any
from uuid import UUID

import grpc

import proof
from people import PASSWORD, BookOf, Client, Person, make_book, new_id, refusal_of
from rpc.ledger import shelf
from rpc.spaces.sharing import EDITOR, OWNER, VIEWER, invite, join, leave, may_read, outcome_of, spaces_of
from rpc.test_foreign_ids import PAIRS, _call, _case, make_world
from tallystick_client.v1 import auth_service_pb2, space_service_pb2


async def test_delete_book_returns_it_as_it_was_and_hides_it(ann: Person) -> None:
    book = await shelf.make(ann)
    deleted = await shelf.delete(ann, book.id)
    assert deleted.version == book.version + 1
    deleted.version = book.version
    assert deleted == book
    assert (await refusal_of(shelf.get(ann, book.id))).reason == "NOT_FOUND"
    assert await shelf.books_of(ann) == []


async def test_delete_book_hides_it_from_every_call_as_if_it_had_never_been(client: Client) -> None:
    world = await make_world(client, "Ann")
    # What is in a backup is not gone with the book.
    bring_back = {"RestoreBook", "RestoreBackup"}
    calls = [(name, field) for name, field in PAIRS if field in ("book_id", "space_id") and name not in bring_back]
    requests = [(name, field, _case(name, field, world)) for name, field in calls]
    await shelf.delete(world.person, world.book.id)
    for name, field, request in requests:
        hidden = await refusal_of(_call(world.person, name)(request))
        setattr(request, field, new_id())
        missing = await refusal_of(_call(world.person, name)(request))
        assert (name, hidden.reason) == (name, "NOT_FOUND")
        assert hidden.raw == missing.raw


async def test_delete_book_hides_it_from_every_member_and_from_programs(ann: Person) -> None:
    book = await shelf.make(ann)
    vic = await shelf.with_member(ann, book.id, VIEWER)
    program = await shelf.with_key(ann, book.id)
    await shelf.delete(ann, book.id)
    for reader in (vic, program):
        assert (await refusal_of(shelf.get(reader, book.id))).reason == "NOT_FOUND"


async def test_delete_book_leaves_the_list_of_spaces_whole(ann: Person) -> None:
    gone, kept = await shelf.make(ann), await shelf.make(ann)
    await shelf.delete(ann, gone.id)
    assert [space.id for space in await spaces_of(ann)] == [ann.user.home_id, kept.id]
    assert not await may_read(ann, gone.id)
    seen, token = [], ""
    while True:
        page = await ann.spaces.ListSpaces(space_service_pb2.ListSpacesRequest(page_size=1, page_token=token))
        seen += [space.id for space in page.spaces]
        token = page.next_page_token
        assert len(seen) <= 2
        if not token:
            break
    assert seen == [ann.user.home_id, kept.id]


async def test_delete_book_shuts_the_door_that_an_invitation_opens(ann: Person, bob: Person) -> None:
    book = await shelf.make(ann)
    code = (await invite(ann, book.id)).code
    await shelf.delete(ann, book.id)
    assert (await refusal_of(join(bob, code))).reason == "NOT_FOUND"
    await shelf.restore(ann, book.id)
    assert (await join(bob, code)).id == book.id


async def test_delete_book_keeps_the_first_answer_of_whoever_left_before(ann: Person) -> None:
    book = await shelf.make(ann)
    vic = await shelf.with_member(ann, book.id, VIEWER)
    leaving = space_service_pb2.LeaveSpaceRequest(request_id=new_id(), space_id=book.id)
    first = await vic.spaces.LeaveSpace(leaving)
    await shelf.delete(ann, book.id)
    assert await vic.spaces.LeaveSpace(leaving) == first
    assert (await refusal_of(leave(vic, book.id))).reason == "NOT_FOUND"


async def test_delete_book_answers_a_repeat_with_the_first_answer(ann: Person, bob: Person) -> None:
    book = await shelf.make(ann)
    vic = await shelf.with_member(ann, book.id, OWNER)
    request = shelf.delete_request(book.id)
    answers = await asyncio.gather(*(ann.ledger.DeleteBook(request) for _ in range(4)))
    assert len({answer.SerializeToString(deterministic=True) for answer in answers}) == 1
    assert (await refusal_of(bob.ledger.DeleteBook(request))).reason == "NOT_FOUND"
    assert (await refusal_of(vic.ledger.DeleteBook(request))).reason == "NOT_FOUND"
    await shelf.restore(ann, book.id)
    assert await ann.ledger.DeleteBook(request) == answers[0]
    assert [one.id for one in await shelf.books_of(ann)] == [book.id]


async def test_delete_book_refuses_a_reused_request_id_before_and_after(ann: Person) -> None:
    book = await shelf.make(ann)
    renaming = shelf.update_request(book.id, name="Nest")
    await ann.ledger.UpdateBook(renaming)
    request = shelf.delete_request(book.id)
    request.request_id = renaming.request_id
    assert (await refusal_of(ann.ledger.DeleteBook(request))).reason == "REQUEST_ID_REUSED"
    await shelf.delete(ann, book.id)
    assert (await refusal_of(ann.ledger.DeleteBook(request))).reason == "REQUEST_ID_REUSED"


async def test_delete_book_of_a_deleted_one_is_not_found(ann: Person) -> None:
    book = await shelf.make(ann)
    await shelf.delete(ann, book.id)
    assert (await refusal_of(shelf.delete(ann, book.id))).reason == "NOT_FOUND"


async def test_delete_book_is_for_owners(ann: Person, bob: Person, database: proof.Connection) -> None:
    book = await shelf.make(ann)
    eve = await shelf.with_member(ann, book.id, EDITOR, "Eve")
    before = proof.count_rows(database)
    refused = await refusal_of(shelf.delete(eve, book.id))
    assert (refused.code, refused.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_TOO_LOW")
    assert (await refusal_of(shelf.delete(bob, book.id))).reason == "NOT_FOUND"
    assert (await refusal_of(shelf.delete(ann, new_id()))).reason == "NOT_FOUND"
    assert proof.count_rows(database) == before


async def test_delete_book_and_writes_at_once_leave_nothing_half_done(book: BookOf) -> None:
    spending = [outcome_of(book.spend(100)) for _ in range(8)]
    outcomes = await asyncio.gather(*spending[:4], outcome_of(shelf.delete(book.person, book.id)), *spending[4:])
    assert outcomes[4] == "OK"
    spent = [*outcomes[:4], *outcomes[5:]]
    assert set(spent) <= {"OK", "NOT_FOUND"}
    await shelf.restore(book.person, book.id)
    assert await book.balance() == -100 * spent.count("OK")


async def test_delete_book_is_audited_and_tells_clients_to_look_again(ann: Person, database: proof.Connection) -> None:
    book = await shelf.make(ann)

    def look() -> tuple[Any, ...]:
        (row,) = database.execute(
            "SELECT access_revision, deleted_at IS NULL FROM space WHERE id = %s", (UUID(book.id),)
        ).fetchall()
        return row

    before = look()
    await shelf.delete(ann, book.id)
    assert look() == (before[0] + 1, False)
    actions = database.execute("SELECT action FROM audit WHERE scope_id = %s ORDER BY seq", (UUID(book.id),)).fetchall()
    assert actions[-1] == ("book_deleted",)


def erasing() -> auth_service_pb2.DeleteMeRequest:
    return auth_service_pb2.DeleteMeRequest(request_id=new_id(), password=PASSWORD)


async def test_delete_book_does_not_save_it_when_its_only_member_is_erased(
    ann: Person, database: proof.Connection
) -> None:
    book = await make_book(ann)
    await shelf.delete(ann, book.id)
    await ann.auth.DeleteMe(erasing())
    assert database.execute("SELECT 1 FROM space_key WHERE space_id = %s", (UUID(book.id),)).fetchall() == []
    erased = database.execute("SELECT erased_at IS NOT NULL FROM space WHERE id = %s", (UUID(book.id),)).fetchall()
    assert erased == [(True,)]
    assert database.execute("SELECT 1 FROM user_space WHERE user_id = %s", (UUID(ann.user.id),)).fetchall() == []


async def test_delete_book_keeps_no_name_of_a_member_who_is_erased_and_has_an_heir(ann: Person) -> None:
    book = await shelf.make(ann)
    vic = await shelf.with_member(ann, book.id, VIEWER)
    await shelf.delete(ann, book.id)
    await ann.auth.DeleteMe(erasing())
    await shelf.restore(vic, book.id)
    found = await vic.spaces.ListMembers(space_service_pb2.ListMembersRequest(space_id=book.id))
    assert sorted((member.user_id, member.display_name, member.role) for member in found.members) == [
        ("", "", OWNER),
        (vic.user.id, "Vic", OWNER),
    ]
