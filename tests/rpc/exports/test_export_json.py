"""What the JSON of a space promises: everything that the caller sees, one state of it, and a reader that notices what is missing."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from circle import Circle
from people import BookOf, Client, Person, refusal_of
from rpc.exports.taking import ALL, JSON, refused, take
from rpc.ledger import accounts
from rpc.ledger.crowded_book import CrowdedBook
from tallystick.app import App
from tallystick.caller import Caller
from tallystick.errors import Unavailable
from tallystick.exports import moment
from tallystick.exports.json_lines import ExportUnreadable, read_lines
from tallystick.exports.moment import Readers
from tallystick.exports.spaces import lines_of, moment_of
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.export_service_pb2 import ExportRequest
from tallystick_client.v1.ledger_service_pb2 import GetTransactionRequest
from tallystick_client.v1.sync_service_pb2 import PullRequest


def changes_of(data: bytes) -> list[bytes]:
    lines = list(read_lines(data.splitlines()))
    return [line.change.SerializeToString(deterministic=True) for line in lines if line.HasField("change")]


async def pulled(person: Client, space_id: str) -> list[bytes]:
    pages = [page async for page in person.streams.Pull(PullRequest(space_id=space_id))]
    return [change.SerializeToString(deterministic=True) for page in pages for change in page.changes]


async def test_a_book_is_what_a_new_copy_of_it_holds(crowd: CrowdedBook) -> None:
    person, book_id = crowd.book.person, crowd.book.id
    taken = await take(person, book_id=book_id, format=JSON)
    assert (taken.name, taken.content_type) == ("Home.jsonl", "application/x-ndjson")
    assert changes_of(taken.data) == await pulled(person, book_id)


async def test_every_transaction_is_the_one_of_the_api_and_deleted_ones_say_so(crowd: CrowdedBook) -> None:
    person, book_id = crowd.book.person, crowd.book.id
    lines = list(read_lines((await take(person, book_id=book_id, content=ALL)).data.splitlines()))
    found = {
        line.change.entity.transaction.id: (line.change.entity.transaction, line.change.deleted)
        for line in lines
        if line.change.entity.HasField("transaction")
    }
    assert {one for one, (_, deleted) in found.items() if deleted} == set(crowd.deleted)
    for one in crowd.live:
        answer = await person.ledger.GetTransaction(GetTransactionRequest(book_id=book_id, transaction_id=one))
        assert found[one][0].SerializeToString(deterministic=True) == answer.transaction.SerializeToString(
            deterministic=True
        )


async def test_a_group_is_what_a_new_copy_of_it_holds(circle: Circle) -> None:
    expense = await circle.spend()
    taken = await take(circle.person, group_id=circle.id, format=JSON)
    assert changes_of(taken.data) == await pulled(circle.person, circle.id)
    assert expense.id.encode() in taken.data


async def test_private_accounts_are_for_their_owner_alone(book: BookOf, bob: Person) -> None:
    secret = await accounts.make(book, name="Secret", private=True)
    await accounts.record(book, secret.id, 700, on="2026-02-03", payee="Jeweller")
    theirs = await accounts.shared_with(book, bob)
    own, others = [(await take(each, book_id=book.id, format=JSON)).data for each in (book.person, theirs.person)]
    assert (b"Jeweller" in own, b"Secret" in own) == (True, True)
    assert (b"Jeweller" in others, b"Secret" in others, secret.id.encode() in others) == (False, False, False)
    assert changes_of(others) == await pulled(theirs.person, book.id)


async def test_a_foreign_space_is_not_found(book: BookOf, circle: Circle, bob: Person) -> None:
    for fields in ({"book_id": book.id}, {"group_id": circle.id}, {"group_id": book.id}, {"book_id": circle.id}):
        assert (await refusal_of(refused(bob, format=JSON, **fields))).reason == "NOT_FOUND"


@pytest.fixture
def slowly(server: App, book: BookOf, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The pieces of an export of the book, each as late as the test takes it, with few rows in each."""
    monkeypatch.setattr(moment, "PAGE_ROWS", 3)

    async def begin() -> AsyncIterator[bytes]:
        user = book.person.user
        caller = Caller(UUID(user.id), UUID(user.home_id), None, "")
        at = await moment_of(Readers(server.store), caller, ExportRequest(book_id=book.id), UUID(book.id))
        return (piece.data async for piece in lines_of(at))

    return begin


async def test_what_happens_meanwhile_is_not_in_it(book: BookOf, slowly: Any) -> None:
    made = [(await book.spend(100 + number)).transaction for number in range(9)]
    before = await pulled(book.person, book.id)
    pieces = await slowly()
    data = await anext(pieces) + await anext(pieces)
    await accounts.change(book, made[0], payee="Changed")
    await accounts.delete_transaction(book, made[8])
    await book.spend(999)
    async for piece in pieces:
        data += piece
    assert changes_of(data) == before
    assert await pulled(book.person, book.id) != before


async def test_it_ends_when_what_the_caller_may_see_changes(book: BookOf, slowly: Any) -> None:
    bank = await accounts.make(book, name="Bank")
    pieces = await slowly()
    await anext(pieces)
    await anext(pieces)
    await accounts.update(book, bank.id, "private", private=True)
    with pytest.raises(Unavailable) as interrupted:
        async for _ in pieces:
            pass
    assert interrupted.value.reason == ErrorReason.ERROR_REASON_EXPORT_INTERRUPTED


async def test_a_file_that_was_cut_or_is_of_another_time_is_noticed(book: BookOf) -> None:
    lines = (await take(book.person, book_id=book.id, format=JSON)).data.splitlines()
    later = [lines[0].replace(b'"formatVersion":1', b'"formatVersion":2'), *lines[1:]]
    for broken in (lines[:-1], [*lines[:2], *lines[3:]], lines[1:], [*lines, lines[1]], [b"{", *lines], [], later):
        with pytest.raises(ExportUnreadable):
            list(read_lines(broken))
    assert len(list(read_lines(lines))) == len(lines)
