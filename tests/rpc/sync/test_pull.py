"""What Pull promises."""

import asyncio

import grpc
import pytest

import proof
from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.money import Purse, make_purse
from rpc.sync.copy import Copy
from tallystick_client.v1.ledger_pb2 import Transaction
from tallystick_client.v1.ledger_transactions_pb2 import DeleteTransactionRequest
from tallystick_client.v1.sync_pb2 import ResetReason
from tallystick_client.v1.sync_service_pb2 import PullRequest


@pytest.fixture
async def purse(ann: Person) -> Purse:
    return await make_purse(ann)


async def delete(book: BookOf, transaction_id: str) -> None:
    await book.person.ledger.DeleteTransaction(
        DeleteTransactionRequest(request_id=new_id(), book_id=book.id, transaction_id=transaction_id)
    )


async def pulling(person: Person, space_id: str, cursor: str = "", **other: int) -> None:
    async for _ in person.streams.Pull(PullRequest(space_id=space_id, cursor=cursor, **other)):
        pass


async def test_pull_without_a_cursor_sends_everything_once_as_it_is_now(book: BookOf) -> None:
    first = await book.spend(250)
    gone = await book.spend(100)
    await delete(book, gone.transaction.id)
    copy = await Copy(book.person, book.id).pull()
    assert copy.get(Transaction, "transaction", first.transaction.id) == first.transaction
    assert copy.rows["transaction", gone.transaction.id][1]
    assert {kind for kind, _ in copy.rows} == {"book", "account", "category", "transaction", "member"}


async def test_pull_from_a_cursor_sends_what_came_after_it(book: BookOf) -> None:
    copy = await Copy(book.person, book.id).pull()
    known = set(copy.rows)
    spent = await book.spend(100)
    await copy.pull()
    assert set(copy.rows) - known == {("transaction", spent.transaction.id)}


async def test_pull_at_the_head_sends_one_empty_page(book: BookOf) -> None:
    copy = await Copy(book.person, book.id).pull()
    before, pages = copy.cursor, copy.pages
    await copy.pull()
    assert (copy.cursor, copy.pages) == (before, pages + 1)


async def test_any_split_of_pulls_and_any_page_size_equals_one_pull(book: BookOf) -> None:
    spent = [await book.spend(100 + each) for each in range(12)]
    whole = await Copy(book.person, book.id).pull()
    for max_bytes in (1, 300, 1000, 5000):
        for pages in (1, 2, 3):
            copy = Copy(book.person, book.id)
            while copy.cursor != whole.cursor:
                await copy.pull(pages=pages, max_bytes=max_bytes)
            assert copy.rows == whole.rows
    # Also when the space goes on changing in between.
    copy = await Copy(book.person, book.id).pull(pages=2, max_bytes=500)
    await delete(book, spent[0].transaction.id)
    await delete(book, spent[11].transaction.id)
    assert (await copy.pull()).rows == (await whole.pull()).rows


async def test_a_new_copy_is_the_whole_journal_replayed(purse: Purse, database: proof.Connection) -> None:
    spent = await purse.spend(100)
    await purse.spend(200)
    await delete(purse.book, spent.id)
    copy = await Copy(purse.book.person, purse.id).pull()
    newest = database.execute(
        "SELECT DISTINCT ON (entity_kind, entity_id) entity_kind, entity_id, seq, op FROM journal"
        " WHERE space_id = %s ORDER BY entity_kind, entity_id, seq DESC, ordinal DESC",
        (purse.id,),
    ).fetchall()
    assert {(kind, str(entity_id)): (seq, op == 2) for kind, entity_id, seq, op in newest} == {
        key: row[:2] for key, row in copy.rows.items()
    }


async def test_pull_is_exact_while_sixteen_writers_write(book: BookOf) -> None:
    copy = Copy(book.person, book.id)
    versions: list[int] = []

    async def write() -> None:
        versions.extend([(await book.spend(1)).transaction.version for _ in range(10)])

    writers = asyncio.gather(*(write() for _ in range(16)))
    while not writers.done():
        await copy.pull()
    await writers
    await copy.pull()
    seen = sorted(version for (kind, _), (version, *_) in copy.rows.items() if kind == "transaction")
    assert seen == sorted(versions)


async def test_pull_resets_a_copy_of_another_epoch(book: BookOf, database: proof.Connection) -> None:
    copy = await Copy(book.person, book.id).pull()
    database.execute("UPDATE space SET epoch = gen_random_uuid() WHERE id = %s", (book.id,))
    before = dict(copy.rows)
    await copy.pull()
    assert (copy.resets, copy.rows) == ([ResetReason.RESET_REASON_EPOCH], before)


async def test_pull_resets_a_copy_that_is_ahead(book: BookOf, database: proof.Connection) -> None:
    await book.spend(100)
    copy = await Copy(book.person, book.id).pull()
    database.execute("UPDATE space SET seq = seq - 1 WHERE id = %s", (book.id,))
    try:
        await copy.pull()
    finally:
        database.execute("UPDATE space SET seq = seq + 1 WHERE id = %s", (book.id,))
    assert copy.resets == [ResetReason.RESET_REASON_AHEAD]


async def test_pull_of_what_the_caller_is_not_in_is_not_found(book: BookOf, bob: Person) -> None:
    for space_id in (book.id, new_id()):
        assert (await refusal_of(pulling(bob, space_id))).reason == "NOT_FOUND"


async def test_pull_refuses_what_is_no_cursor_of_the_space(book: BookOf) -> None:
    other = await make_book(book.person)
    foreign = (await Copy(book.person, other.id).pull()).cursor
    for cursor in ("x", "AAAA", foreign):
        refusal = await refusal_of(pulling(book.person, book.id, cursor))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_CURSOR")


async def test_pull_says_when_the_server_is_behind(book: BookOf) -> None:
    head = (await Copy(book.person, book.id).pull()).head
    await pulling(book.person, book.id, min_version=head)
    refusal = await refusal_of(pulling(book.person, book.id, min_version=head + 1))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAVAILABLE, "BEHIND")


async def test_what_a_device_knew_of_another_epoch_holds_no_pull_up(book: BookOf, database: proof.Connection) -> None:
    copy = await Copy(book.person, book.id).pull()
    database.execute("UPDATE space SET epoch = gen_random_uuid() WHERE id = %s", (book.id,))
    await pulling(book.person, book.id, copy.cursor, min_version=copy.head + 1000)
