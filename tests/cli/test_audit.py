"""Does whoever changes, removes, adds or swaps anything in the audit get caught?"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from fresh_database import FreshDatabase, fresh_database
from sample_book import make_book
from tallystick import schema
from tallystick.cli import main
from tallystick.clock import Clock
from tallystick.identity.audit_chain import Head, verify_all, verify_chain
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.store import audit, door
from tallystick.store.apart import Apart
from tallystick.store.keyring import load_or_create
from tallystick.store.pool import open_pool
from tallystick.store.reseal import Resealing
from tallystick.store.store import Store

CORRUPTIONS = 1_000
SEED = 20_260_101
LINKS = 12


@dataclass
class Chains:
    """Two chains in a database of their own, and where an operator would look at them from."""

    database: FreshDatabase
    store: Store
    apart: Apart
    scopes: tuple[UUID, UUID]


@pytest.fixture(scope="module")
async def chains(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chains]:
    path = tmp_path_factory.mktemp("data") / "keyring.json"
    async with fresh_database(postgres) as database, open_pool(database.app_dsn, 4) as pool:
        store = Store(pool, load_or_create(path), Clock(), nudge=lambda space_id: None)
        scopes = (uuid4(), uuid4())
        for scope in scopes:
            await append(store, scope, LINKS)
        yield Chains(database, store, Apart(store), scopes)


async def append(store: Store, scope: UUID, count: int) -> None:
    """Links with and without everything that a link may lack."""
    for number in range(count):
        async with store.connection() as connection:
            context = door.CONTEXT(user_id=scope, space_id=scope)
            *_, head = await connection.batch([door.BEGIN(), context, audit.HEAD(scope_id=scope)])
            some = number % 2 == 0
            origin = audit.Origin(
                uuid4() if some else None, uuid4() if some else None, uuid4(), bytes(16) if some else None
            )
            notes = [audit.AuditNote("signed_in" if some else "role_changed", None if some else uuid4())]
            calls = audit.compose_calls(scope, [(seq, link) for seq, link in head], notes, origin, store.clock.now())
            await connection.batch([*calls, door.COMMIT()])


async def broken_in(chains: Chains, kept: dict[UUID, Head]) -> set[UUID]:
    return {walk.head.scope_id async for walk in verify_all(chains.apart, kept) if walk.broken}


Corruption = Callable[[random.Random, psycopg.Connection, UUID], None]
COLUMNS: dict[str, Callable[[random.Random], Any]] = {
    "scope_id": lambda _: uuid4(),
    "seq": lambda dice: dice.randint(1_000, 2_000),
    "at": lambda dice: f"2020-01-01 00:00:00.{dice.randint(0, 999_999):06}+00",
    "action": lambda dice: f"forged_{dice.random()}",
    "actor_id": lambda dice: dice.choice([None, uuid4()]),
    "session_id": lambda dice: dice.choice([None, uuid4()]),
    "subject_id": lambda dice: dice.choice([None, uuid4()]),
    "request_id": lambda dice: dice.choice([None, uuid4()]),
    "address_hash": lambda dice: dice.choice([None, dice.randbytes(16)]),
    "previous_hash": lambda dice: dice.randbytes(32),
    "hash": lambda dice: dice.randbytes(32),
}


def change(dice: random.Random, connection: psycopg.Connection, scope: UUID) -> None:
    column = dice.choice(sorted(COLUMNS))
    value = COLUMNS[column](dice)
    seq = dice.randint(1, LINKS)
    statement = f"UPDATE audit SET {column} = %s WHERE scope_id = %s AND seq = %s AND {column} IS DISTINCT FROM %s"
    if not connection.execute(statement.encode(), [value, scope, seq, value]).rowcount:
        change(dice, connection, scope)


def turn_a_bit(dice: random.Random, connection: psycopg.Connection, scope: UUID) -> None:
    column = dice.choice(["hash", "previous_hash"])
    connection.execute(
        f"UPDATE audit SET {column} = set_bit({column}, %s, 1 - get_bit({column}, %s)) WHERE scope_id = %s AND seq = %s".encode(),
        [bit := dice.randrange(256), bit, scope, dice.randint(1, LINKS)],
    )


def move_by_a_microsecond(dice: random.Random, connection: psycopg.Connection, scope: UUID) -> None:
    connection.execute(
        "UPDATE audit SET at = at + interval '1 microsecond' WHERE scope_id = %s AND seq = %s",
        [scope, dice.randint(1, LINKS)],
    )


def remove(dice: random.Random, connection: psycopg.Connection, scope: UUID) -> None:
    connection.execute("DELETE FROM audit WHERE scope_id = %s AND seq = %s", [scope, dice.randint(1, LINKS)])


def cut_off(dice: random.Random, connection: psycopg.Connection, scope: UUID) -> None:
    connection.execute("DELETE FROM audit WHERE scope_id = %s AND seq >= %s", [scope, dice.randint(1, LINKS)])


def swap(dice: random.Random, connection: psycopg.Connection, scope: UUID) -> None:
    one, two = dice.sample(range(1, LINKS + 1), 2)
    for before, after in ((one, -1), (two, one), (-1, two)):
        connection.execute("UPDATE audit SET seq = %s WHERE scope_id = %s AND seq = %s", [after, scope, before])


def swap_contents(dice: random.Random, connection: psycopg.Connection, scope: UUID) -> None:
    """What the links say changes places; their numbers and hashes stay."""
    one, two = dice.sample(range(1, LINKS + 1), 2)
    connection.execute(
        """
        UPDATE audit SET at = o.at, actor_id = o.actor_id, request_id = o.request_id, subject_id = o.subject_id
        FROM audit o WHERE o.scope_id = audit.scope_id AND audit.scope_id = %s
          AND (audit.seq, o.seq) IN ((%s, %s), (%s, %s))
        """,
        [scope, one, two, two, one],
    )


def put_in(dice: random.Random, connection: psycopg.Connection, scope: UUID) -> None:
    """A link that nobody wrote, in the middle, with every later one moved up."""
    seq = dice.randint(1, LINKS)
    connection.execute("UPDATE audit SET seq = -seq WHERE scope_id = %s AND seq >= %s", [scope, seq])
    connection.execute("UPDATE audit SET seq = 1 - seq WHERE scope_id = %s AND seq < 0", [scope])
    connection.execute(
        "INSERT INTO audit (scope_id, seq, at, action, previous_hash, hash) VALUES (%s, %s, now(), 'forged', %s, %s)",
        [scope, seq, dice.randbytes(32), dice.randbytes(32)],
    )


def give_to_another(dice: random.Random, connection: psycopg.Connection, scope: UUID) -> None:
    connection.execute("UPDATE audit SET scope_id = %s WHERE scope_id = %s", [uuid4(), scope])


CORRUPTION_KINDS: tuple[Corruption, ...] = (
    change, change, change, change, turn_a_bit, move_by_a_microsecond, remove, cut_off, swap, swap_contents, put_in, give_to_another,
)  # fmt: skip


async def test_every_one_of_1000_corruptions_is_found(chains: Chains) -> None:
    dice = random.Random(SEED)
    kept = {walk.head.scope_id: walk.head async for walk in verify_all(chains.apart)}
    with chains.database.as_superuser() as connection:
        connection.execute("CREATE TEMPORARY TABLE sound AS SELECT * FROM audit")
        for number in range(CORRUPTIONS):
            corrupt, scope = dice.choice(CORRUPTION_KINDS), dice.choice(chains.scopes)
            corrupt(dice, connection, scope)
            try:
                assert scope in await broken_in(chains, kept), f"{corrupt.__name__}, number {number}, was not found"
            finally:
                connection.execute("DELETE FROM audit")
                connection.execute("INSERT INTO audit SELECT * FROM sound")
    assert await broken_in(chains, kept) == set()


async def test_what_was_removed_before_the_end_is_found_without_a_kept_head(chains: Chains) -> None:
    scope = uuid4()
    await append(chains.store, scope, 3)
    with chains.database.as_superuser() as connection:
        connection.execute("DELETE FROM audit WHERE scope_id = %s AND seq = 1", [scope])
        broken = (await verify_chain(chains.apart, scope)).broken
        connection.execute("DELETE FROM audit WHERE scope_id = %s", [scope])
    assert broken is not None
    assert broken.seq == 1


@pytest.fixture
def run(chains: Chains, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Makes `tallystick audit …` look at the chains. The keyring is one that never saw them: verifying needs no keys."""
    load_or_create(tmp_path / "keyring.json")
    monkeypatch.setenv("DATABASE_URL", chains.database.app_dsn)
    monkeypatch.setenv("TALLYSTICK_DATA_DIR", str(tmp_path))
    return tmp_path


async def command(*words: object) -> int:
    return await asyncio.to_thread(main.main, ["audit", *(str(word) for word in words)])


async def test_verify_succeeds_on_sound_chains(run: Path) -> None:
    assert await command("verify") == 0


async def test_verify_names_the_first_broken_link_of_each_chain(
    run: Path, chains: Chains, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = chains.scopes
    with chains.database.as_superuser() as connection:
        connection.execute("CREATE TEMPORARY TABLE sound AS SELECT * FROM audit")
        connection.execute("UPDATE audit SET action = 'forged' WHERE scope_id = %s AND seq IN (3, 5)", [one])
        connection.execute("DELETE FROM audit WHERE scope_id = %s AND seq = 2", [two])
        try:
            assert await command("verify") == 1
            printed = capsys.readouterr().out
            assert f"broken: {one} 3 " in printed
            assert f"broken: {two} 2 " in printed
            assert await command("verify", "--scope", one) == 1
            assert str(two) not in capsys.readouterr().out
            assert await command("head") == 1
            assert capsys.readouterr().out == ""
        finally:
            connection.execute("DELETE FROM audit")
            connection.execute("INSERT INTO audit SELECT * FROM sound")


async def test_heads_that_were_kept_show_what_was_cut_off(
    run: Path, chains: Chains, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await command("head") == 0
    kept = run / "heads"
    kept.write_text(capsys.readouterr().out)
    assert len(kept.read_text().splitlines()) == 2
    assert await command("verify", "--heads", kept) == 0
    scope = chains.scopes[0]
    with chains.database.as_superuser() as connection:
        connection.execute("CREATE TEMPORARY TABLE sound AS SELECT * FROM audit")
        try:
            connection.execute("DELETE FROM audit WHERE scope_id = %s AND seq = %s", [scope, LINKS])
            assert await command("verify") == 0
            assert await command("verify", "--heads", kept) == 1
            connection.execute("DELETE FROM audit WHERE scope_id = %s", [scope])
            assert await command("verify", "--heads", kept) == 1
        finally:
            connection.execute("DELETE FROM audit")
            connection.execute("INSERT INTO audit SELECT * FROM sound")


async def test_a_chain_may_grow_after_its_head_was_kept(
    run: Path, chains: Chains, capsys: pytest.CaptureFixture[str]
) -> None:
    scope = uuid4()
    await append(chains.store, scope, 3)
    assert await command("head", "--scope", scope) == 0
    kept = run / "heads"
    kept.write_text(capsys.readouterr().out)
    await append(chains.store, scope, 3)
    assert await command("verify", "--heads", kept, "--scope", scope) == 0
    with chains.database.as_superuser() as connection:
        connection.execute("DELETE FROM audit WHERE scope_id = %s", [scope])


async def test_a_chain_rewritten_as_a_whole_is_found_by_its_kept_head(chains: Chains) -> None:
    scope = uuid4()
    await append(chains.store, scope, 3)
    kept = (await verify_chain(chains.apart, scope)).head
    with chains.database.as_superuser() as connection:
        connection.execute("DELETE FROM audit WHERE scope_id = %s", [scope])
    await append(chains.store, scope, 4)
    assert (await verify_chain(chains.apart, scope)).broken is None
    assert (await verify_chain(chains.apart, scope, kept)).broken is not None
    with chains.database.as_superuser() as connection:
        connection.execute("DELETE FROM audit WHERE scope_id = %s", [scope])


async def test_heads_that_are_no_heads_are_refused(run: Path) -> None:
    (run / "heads").write_text("something else")
    assert await command("verify", "--heads", run / "heads") == 1
    assert await command("verify", "--heads", run / "missing") == 1


async def test_what_the_door_and_resealing_write_verifies(chains: Chains) -> None:
    book = await make_book(chains.store)
    await Resealing(chains.store, schema.SEALED).reseal([book.space_id], grace_s=0)
    walk = await verify_chain(chains.apart, book.space_id)
    assert walk.broken is None
    assert walk.head.seq >= 2
    with chains.database.as_superuser() as connection:
        connection.execute("DELETE FROM audit WHERE scope_id = %s", [book.space_id])


async def test_an_absent_part_made_empty_is_found(chains: Chains) -> None:
    scope = uuid4()
    await append(chains.store, scope, 2)
    with chains.database.as_superuser() as connection:
        connection.execute("UPDATE audit SET address_hash = '' WHERE scope_id = %s AND seq = 2", [scope])
    try:
        assert (await verify_chain(chains.apart, scope)).broken is not None
    finally:
        with chains.database.as_superuser() as connection:
            connection.execute("DELETE FROM audit WHERE scope_id = %s", [scope])


async def test_a_link_put_in_front_of_a_chain_is_found(chains: Chains) -> None:
    scope = uuid4()
    await append(chains.store, scope, 2)
    with chains.database.as_superuser() as connection:
        connection.execute(
            "INSERT INTO audit SELECT scope_id, 0, at, action, actor_id, session_id, subject_id, request_id, address_hash,"
            " previous_hash, hash FROM audit WHERE scope_id = %s AND seq = 1",
            [scope],
        )
    try:
        assert (await verify_chain(chains.apart, scope)).broken is not None
    finally:
        with chains.database.as_superuser() as connection:
            connection.execute("DELETE FROM audit WHERE scope_id = %s", [scope])
