"""Whatever is spoiled in a book, one row at a time: does the proof find it, and call it by its name?"""

import os
from collections.abc import Iterator
from uuid import UUID

import pytest

import proof as tables
from ledger.corruptions import CORRUPTIONS
from ledger.spoiler import Spoiler, unguarded
from ledger.whole_book import make_whole_book
from people import Client, make_book, sign_up
from tallystick import schema
from tallystick.app import App
from tallystick.ledger.proof.proving import BookProof, Step, Verdict
from tallystick.proof.findings import Finding
from tallystick.proof.proving import entities_of
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.roles import DATABASE

TIMES = 3
SEED = int(os.environ.get("TALLYSTICK_TEST_SEED", "20260101"))


@pytest.fixture(scope="module")
def database(postgres: EmbeddedPostgres) -> Iterator[tables.Connection]:
    with tables.connect(postgres.superuser_dsn, dbname=DATABASE) as connection:
        yield connection


@pytest.fixture(scope="module")
async def whole_id(client: Client) -> UUID:
    """A book in which everything has happened."""
    book = await make_book(await sign_up(client))
    await make_whole_book(book)
    return UUID(book.id)


@pytest.fixture(scope="module")
def spoiler(server: App, database: tables.Connection, whole_id: UUID) -> Iterator[Spoiler]:
    with unguarded(database, tables.open_seal(database, server.store.keys, whole_id)) as spoiler:
        yield spoiler


@pytest.fixture(scope="module")
def proof(server: App) -> BookProof:
    return BookProof(server.store, entities_of(schema))


async def run(proof: BookProof, book_id: UUID) -> tuple[list[Finding], Verdict]:
    steps: list[Step] = []
    verdict = await proof.of_space(book_id, steps.append)
    return [step for step in steps if isinstance(step, Finding)], verdict


@pytest.mark.parametrize("name", CORRUPTIONS)
async def test_the_proof_finds(name: str, proof: BookProof, spoiler: Spoiler, whole_id: UUID) -> None:
    for time in range(TIMES):
        spoiler.dice.seed(f"{SEED} {name} {time}")
        try:
            wanted = CORRUPTIONS[name](spoiler)
            found, verdict = await run(proof, whole_id)
        finally:
            spoiler.put_back()
        told = [(finding.kind, finding.what) for finding in found]
        assert any(kind == wanted.kind and wanted.what in what for kind, what in told), (time, wanted, found)
        assert verdict.differences == len(found)


async def test_a_book_that_nobody_spoiled_holds(proof: BookProof, spoiler: Spoiler, whole_id: UUID) -> None:
    """Also after all that was spoiled was put back, so that no test above found what another had left."""
    found, verdict = await run(proof, whole_id)
    assert (found, verdict.differences) == ([], 0)


async def test_what_is_wrong_in_one_place_is_said_of_one_place(
    proof: BookProof, spoiler: Spoiler, whole_id: UUID
) -> None:
    """A column that repeats something is not believed, and what does not open is told by the journal."""
    account = spoiler.pick("account", "id IN (SELECT account_id FROM entry)")
    transaction = spoiler.pick("transaction", "deleted_at IS NULL")
    for table, row, column, value in (
        ("account", account, "currency", "CHF"),
        ("account", account, "private_to", UUID(int=7)),
        ("transaction", transaction, "body", b"nothing that opens"),
    ):
        spoiler.change(table, row, **{column: value})
        found, _ = await run(proof, whole_id)
        spoiler.put_back()
        assert {(each.what, each.subject) for each in found} <= {
            (f"{table}.{column}", str(row["id"])),
            ("account.private_to,journal.private_to", str(row["id"])),
        }, column


async def test_what_does_not_open_is_told_by_the_journal(proof: BookProof, spoiler: Spoiler, whole_id: UUID) -> None:
    entry = spoiler.pick("entry", "live")
    spoiler.change("transaction", spoiler.pick("transaction", f"id = '{entry['transaction_id']}'"), body=b"nothing")
    spoiler.drop("entry", entry)
    found, _ = await run(proof, whole_id)
    spoiler.put_back()
    assert {each.what for each in found} == {"transaction.body", "entry"}


async def test_of_a_transaction_that_nothing_can_read_the_sums_are_those_of_its_entries(
    proof: BookProof, spoiler: Spoiler, whole_id: UUID
) -> None:
    row = spoiler.pick("transaction", "deleted_at IS NULL")
    spoiler.change("transaction", row, body=b"nothing that opens", gist=None)
    spoiler.run("journal", "UPDATE journal SET body = 'nothing' WHERE entity_id = %s", row["id"])
    found, _ = await run(proof, whole_id)
    spoiler.put_back()
    assert {each.what for each in found} == {"transaction.body", "journal.body"}
