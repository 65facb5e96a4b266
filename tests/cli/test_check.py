"""Does `tallystick check` prove every book, name what differs, and fail then?"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import pytest

import proof as tables
from fresh_database import FreshDatabase, fresh_database
from ledger.corruptions import CORRUPTIONS
from ledger.spoiler import Spoiler
from sample_book import SampleBook, make_book
from tallystick.caller import Caller
from tallystick.cli import main
from tallystick.clock import Clock
from tallystick.groups.profiles.commands import create_group
from tallystick.groups.settlements.commands import record_settlement
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.store.keyring import load_or_create
from tallystick.store.pool import open_pool
from tallystick.store.store import Store
from tallystick.v1.group_pb2 import CreateGroupRequest, CreateGroupResponse
from tallystick.v1.group_settlements_pb2 import RecordSettlementRequest, RecordSettlementResponse
from tallystick.v1.money_pb2 import Money
from tallystick.v1.space_pb2 import SpaceKind

Run = Callable[..., Awaitable[int]]


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[FreshDatabase]:
    async with fresh_database(postgres) as made:
        yield made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    load_or_create(tmp_path / "keyring.json")
    return tmp_path / "keyring.json"


@pytest.fixture
async def books(database: FreshDatabase, path: Path) -> AsyncIterator[list[SampleBook]]:
    async with open_pool(database.app_dsn, 4) as pool:
        store = Store(pool, load_or_create(path), Clock(), nudge=lambda space_id: None)
        made = [await make_book(store) for _ in range(3)]
        for book in made:
            await book.spend_often(3)
        yield made


@pytest.fixture
def run(database: FreshDatabase, path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`tallystick check …` on this database and keyring."""
    monkeypatch.setenv("DATABASE_URL", database.app_dsn)
    monkeypatch.setenv("TALLYSTICK_DATA_DIR", str(path.parent))

    async def check(*words: object) -> int:
        # In a thread of its own, because the test's loop is running.
        return await asyncio.to_thread(main.main, ["check", *map(str, words)])

    return check


async def test_it_says_when_the_next_backup_is_due(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TALLYSTICK_BACKUP_TO", str(tmp_path))
    monkeypatch.setenv("TALLYSTICK_BACKUP_PASSPHRASE", "correct horse battery staple")
    monkeypatch.setenv("TALLYSTICK_BACKUP_AT", "30 6 * * 1-5")
    monkeypatch.setenv("TALLYSTICK_BACKUP_ZONE", "Asia/Tokyo")
    assert await run() == 0
    (line,) = [each for each in capsys.readouterr().out.splitlines() if "the next is due" in each]
    assert line.endswith("T06:30+09:00, by '30 6 * * 1-5' in Asia/Tokyo")


def spoil(database: FreshDatabase, book: SampleBook, name: str) -> None:
    with tables.connect(database.superuser_dsn) as connection:
        connection.execute("SET session_replication_role = replica")
        seal = tables.open_seal(connection, book.store.keys, book.space_id)
        CORRUPTIONS[name](Spoiler(connection, seal, Random(1)))


async def test_check_proves_every_book(run: Run, books: list[SampleBook], capsys: pytest.CaptureFixture[str]) -> None:
    assert await run() == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in said] == [
        "settings",
        "drives",
        "contract",
        "keyring",
        "schema",
        "files",
        "books",
        "groups",
    ]
    assert said[-2] == "books: 3 with 9 transactions and 21 changes, 0 of them differ"


async def test_check_needs_no_books(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run() == 0
    assert "books: 0" in capsys.readouterr().out


async def test_check_names_files_without_content_and_counts_contents_without_a_file(
    run: Run, books: list[SampleBook], database: FreshDatabase, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    space_id, file_id = books[0].space_id, uuid4()
    nobodys = path.parent / "files" / str(space_id) / str(uuid4())
    nobodys.mkdir(parents=True)
    (nobodys / "000000").write_bytes(b"sealed")
    assert await run() == 0
    assert "files: 1 contents belong to none, with 6 bytes" in capsys.readouterr().out
    with database.as_superuser() as connection:
        connection.execute(
            "INSERT INTO file_content (space_id, file_id, content_id, size_bytes, part_bytes, started_at, finished_at) "
            "VALUES (%s, %s, %s, 100, 1048576, now(), now())",
            [space_id, file_id, uuid4()],
        )
    assert await run() == 1
    said = capsys.readouterr().out
    assert f"differs: {space_id} file {file_id} " in said
    assert "files: 1, 1 of them without their content" in said


async def test_check_names_what_differs_without_amounts_and_fails(
    run: Run, books: list[SampleBook], database: FreshDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(database, books[0], "a balance")
    spoil(database, books[1], "an old cell of a total")
    held = await books[0].held_minor()
    assert await run() == 1
    said = capsys.readouterr().out
    differing = sorted(line.split() for line in said.splitlines() if line.startswith("differs:"))
    assert differing[0][1:4] in (
        [str(books[0].space_id), "balance", "balance.amount"],
        [str(books[1].space_id), "cell", "total.amount"],
    )
    assert {line[1] for line in differing} == {str(books[0].space_id), str(books[1].space_id)}
    assert "3 with 9 transactions" in said
    assert "2 of them differ" in said
    assert str(held) not in said.replace(str(books[0].account_id), "")


async def test_check_proves_one_book(
    run: Run, books: list[SampleBook], database: FreshDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(database, books[0], "a total")
    assert await run("--book", books[1].space_id) == 0
    assert "books: 1 with 3 transactions and 7 changes, 0 of them differ" in capsys.readouterr().out
    assert await run("--book", books[0].space_id) == 1
    assert f"differs: {books[0].space_id} total total.amount" in capsys.readouterr().out


async def test_check_proves_groups_as_well(
    run: Run, database: FreshDatabase, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    group_id, gone = await make_group(database, path), uuid4()
    assert await run("--group", group_id) == 0
    said = capsys.readouterr().out
    assert "groups: 1 with 0 expenses, 1 settlements and" in said
    assert "books:" not in said
    with database.as_superuser() as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM tally WHERE space_id = %s", (group_id,))
    assert await run() == 1
    said = capsys.readouterr().out
    assert f"differs: {group_id} net tally.amount" in said
    assert "1 of them differ" in said
    assert await run("--group", gone) == 1
    assert "no group" in capsys.readouterr().err


async def make_group(database: FreshDatabase, path: Path) -> UUID:
    """A group in which somebody owes somebody something."""
    async with open_pool(database.app_dsn, 2) as pool:
        store = Store(pool, load_or_create(path), Clock(), nudge=lambda space_id: None)
        user_id, group_id = uuid4(), uuid4()
        caller = Caller(user_id, user_id, None, "")
        request = CreateGroupRequest(request_id=str(uuid4()), name="Trip", default_currency="EUR", guests=["Gus"])
        kind = SpaceKind.SPACE_KIND_GROUP
        made = await store.found(caller, kind, group_id, "Ann", request, create_group, CreateGroupResponse)
        settling = RecordSettlementRequest(
            request_id=str(uuid4()), to_member_id=made.members[1].id, amount=Money(currency="EUR", minor=5)
        )
        await store.write(caller, group_id, settling, record_settlement, RecordSettlementResponse)
        return group_id


async def test_check_says_when_there_is_no_such_book(
    run: Run, books: list[SampleBook], capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run("--book", uuid4()) == 1
    assert "no book" in capsys.readouterr().err


async def test_check_proves_deleted_books_and_passes_over_erased_ones(
    run: Run, books: list[SampleBook], database: FreshDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.as_superuser() as connection:
        connection.execute("UPDATE space SET deleted_at = now() WHERE id = %s", (books[0].space_id,))
        connection.execute("UPDATE space SET erased_at = now() WHERE id = %s", (books[1].space_id,))
        connection.execute("DELETE FROM space_key WHERE space_id = %s", (books[1].space_id,))
    assert await run() == 0
    assert "books: 2" in capsys.readouterr().out
    assert await run("--book", books[1].space_id) == 1


async def test_check_says_how_many_more_differ(
    run: Run,
    books: list[SampleBook],
    database: FreshDatabase,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tallystick.proof.proving.NAMED_MAX", 2)
    monkeypatch.setattr("tallystick.cli.check.NAMED_MAX", 2)
    with database.as_superuser() as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM entry WHERE space_id = %s", (books[0].space_id,))
    assert await run() == 1
    assert f"differs: {books[0].space_id} and 1 more" in capsys.readouterr().out
