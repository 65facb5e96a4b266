"""Does a proof look at everything, and leave room for others while it does?"""

import asyncio
import time
from collections.abc import Iterator
from types import ModuleType
from uuid import UUID, uuid4

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from ledger.whole_book import WholeBook, make_whole_book
from people import Client, make_book, new_id, sign_up
from tallystick import schema
from tallystick.app import App
from tallystick.errors import NotVisible
from tallystick.groups.proof.rules import NAMED_BY as NAMED_IN_GROUPS
from tallystick.ledger.proof.proving import BookProof, Verdict
from tallystick.ledger.proof.rules import NAMED_BY
from tallystick.proof import proving
from tallystick.proof.proving import Progress, entities_of
from tallystick.store.metadata import STAMPED, metadata
from tallystick_client.v1 import ledger_pb2, ledger_transactions_pb2

TRANSACTIONS = 1200
# What no other call should have to wait for.
BLOCKED_MAX_S = 0.020
# Fields that name what is no entity of the book, or the entity itself.
NAMES_NOTHING_HERE = {
    *("id", "book_id", "space_id", "user_id", "request_id", "transaction_id"),
    # What a bank calls a row.
    "bank_id",
    # What a book says of a group that it follows is in another space.
    *("group_id", "member_id", "followed_id"),
    # Only an import of a group makes members.
    "created_member_ids",
}


def test_every_entity_of_the_schema_is_proven() -> None:
    with_body = {table.name for table in metadata.tables.values() if table.info.get(STAMPED) and "body" in table.c}
    assert {entity.kind for entity in entities_of(schema)} == with_body


def test_an_entity_is_found_in_any_module_of_a_schema() -> None:
    odd, part = ModuleType("odd"), ModuleType("part")
    odd.part, part.TAG = part, schema.ledger.TAG  # type: ignore[attr-defined]  # a module has what it is given
    assert entities_of(odd) == (schema.ledger.TAG,)


def fields_of(message: Descriptor) -> Iterator[FieldDescriptor]:
    for field in message.fields:
        yield field
        if field.message_type is not None:
            yield from fields_of(field.message_type)


def test_every_field_that_names_something_is_followed() -> None:
    """If you are here because this failed, a message names something in a field that the proof does not know. To fix: add the field to
    NAMED_BY in ledger/proof/rules.py, or in groups/proof/rules.py."""
    books = ModuleType("books")
    for each in ("ledger", "budgets", "files", "imports"):
        setattr(books, each, getattr(schema, each))
    found = {
        field.name
        for entity in entities_of(books)
        for field in fields_of(entity.message_type.DESCRIPTOR)
        if field.name.endswith(("_id", "_ids")) or field.name == "id"
    }
    assert found - set(NAMED_BY) <= NAMES_NOTHING_HERE
    assert set(NAMED_BY) <= found


def test_every_field_that_names_something_in_a_group_is_followed() -> None:
    groups = ModuleType("groups")
    groups.groups = schema.groups  # type: ignore[attr-defined]  # as above
    found = {
        field.name
        for entity in entities_of(groups)
        for field in fields_of(entity.message_type.DESCRIPTOR)
        if field.name.endswith(("_id", "_ids")) or field.name == "id"
    }
    assert found - set(NAMED_IN_GROUPS) <= {"id", "group_id", "user_id"}
    assert set(NAMED_IN_GROUPS) <= found


@pytest.fixture(scope="module")
async def large(client: Client) -> WholeBook:
    whole = await make_whole_book(await make_book(await sign_up(client)))
    for _ in range(TRANSACTIONS // 400):
        drafts = [ledger_pb2.TransactionDraft(**whole.spending(tag_ids=whole.tag_ids)) for _ in range(400)]
        await whole.book.person.ledger.BatchCreateTransactions(
            ledger_transactions_pb2.BatchCreateTransactionsRequest(
                request_id=new_id(), book_id=whole.book.id, transactions=drafts
            )
        )
    return whole


async def longest_block_s(proof: BookProof, book_id: UUID) -> float:
    """How long nobody else had a turn, counted in the time that this thread works: what else the machine does is not the proof's."""
    is_over = False
    longest_s = 0.0

    async def watch() -> None:
        nonlocal longest_s
        last_s = time.thread_time()
        while not is_over:
            await asyncio.sleep(0)
            now_s = time.thread_time()
            longest_s, last_s = max(longest_s, now_s - last_s), now_s

    watcher = asyncio.create_task(watch())
    verdict = await proof.of_space(book_id, lambda step: None)
    is_over = True
    await watcher
    assert verdict.transactions > TRANSACTIONS
    assert verdict.differences == 0
    return longest_s


async def test_a_proof_never_holds_up_the_other_calls(server: App, large: WholeBook) -> None:
    """The least of a few runs: the tests' own garbage and the server's other work are in the same thread."""
    proof = BookProof(server.store, entities_of(schema))
    blocks_s = [await longest_block_s(proof, UUID(large.book.id)) for _ in range(5)]
    assert min(blocks_s) < BLOCKED_MAX_S


async def test_slices_hide_nothing_at_their_edges(
    server: App, large: WholeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the size of a slice, all rows of an id come together."""
    small_id = UUID((await make_book(large.book.person)).id)
    for size in (1, 2, 7):
        monkeypatch.setattr("tallystick.proof.walking.SLICE_ROWS", size)
        book_id = small_id if size == 1 else UUID(large.book.id)
        verdict = await BookProof(server.store, entities_of(schema)).of_space(book_id, lambda step: None)
        assert verdict.differences == 0, size


async def test_only_so_many_proofs_hold_a_connection(
    server: App, large: WholeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "PROOFS_AT_ONCE", 1)
    proof = BookProof(server.store, entities_of(schema))
    order: list[str] = []

    async def prove(name: str) -> None:
        await proof.of_space(UUID(large.book.id), lambda step: order.append(name))

    await asyncio.gather(prove("one"), prove("other"))
    assert order == sorted(order, key=order.index)


async def test_a_proof_waits_for_no_reader(server: App, large: WholeBook) -> None:
    """Who stops reading holds neither a connection nor one of the few turns."""
    proof = BookProof(server.store, entities_of(schema))
    steps = proof.steps(UUID(large.book.id))
    assert isinstance(await anext(steps), Progress)
    async with asyncio.timeout(60):
        while proof.turns._value < proving.PROOFS_AT_ONCE:
            await asyncio.sleep(0.01)
    assert [type(step) async for step in steps][-1] is Verdict


async def test_a_proof_of_what_is_not_there_is_refused(server: App) -> None:
    with pytest.raises(NotVisible):
        await BookProof(server.store, entities_of(schema)).of_space(uuid4(), lambda step: None)


async def test_a_proof_that_is_given_up_leaves_nothing_behind(server: App, large: WholeBook) -> None:
    """Wherever it is cut off: while it waits, reads, computes, or has slices on their way."""
    proof = BookProof(server.store, entities_of(schema))
    for turns in (0, 1, 2, 5, 10, 20, 50, 100, 200):
        given_up = asyncio.create_task(proof.of_space(UUID(large.book.id), lambda step: None))
        for _ in range(turns):
            await asyncio.sleep(0)
        # On a slow machine it may be done by then.
        if given_up.cancel():
            with pytest.raises(asyncio.CancelledError):
                await given_up
    assert proof.turns._value == proving.PROOFS_AT_ONCE
    assert (await proof.of_space(UUID(large.book.id), lambda step: None)).differences == 0
    stats = server.store.pool.get_stats()
    assert stats["pool_available"] == stats["pool_size"]
