"""Is what cannot be restored refused before anything is touched, and what must not be lost kept?"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from backups.drive.running import running_drive
from backups.full_disk import files_at_most
from backups.golden.make_server import FOLDER
from backups.household import PASSPHRASE, Installation, again, guards_of, install, rows_of
from backups.shelf import manifest, written
from files.ageing import age
from files.desk import bring, bring_parts
from fresh_database import fresh_database
from people import new_id, refusal_of, sign_up
from tallystick.backups.archive.errors import Damaged, NotAnArchive, Truncated, WrongPassphrase
from tallystick.backups.archive.passphrase import Cost, Passphrase
from tallystick.backups.archive.writer import Part, write_archive
from tallystick.backups.erased_lists import ErasedLists
from tallystick.backups.spool import read_file, spool
from tallystick.backups.targets.folder import FolderTarget
from tallystick.backups.whole import keys
from tallystick.backups.whole.erased import NAMES, read_erased
from tallystick.backups.whole.scratch import SCHEMA
from tallystick.config import Config
from tallystick.files.storage.folder import FolderStorage
from tallystick.files.storage.storage import StorageFull
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.store import migrate
from tallystick_client.v1.auth_service_pb2 import DeleteMeRequest

GOLDEN = FOLDER / "server-0012.tally"


@pytest.fixture(scope="module")
def kept() -> Path:
    """An archive of a small server."""
    return GOLDEN


@pytest.fixture
async def empty(postgres: EmbeddedPostgres, config: Config, tmp_path: Path) -> AsyncIterator[Installation]:
    async with fresh_database(postgres, is_migrated=False) as database:
        yield install(database, tmp_path, config)


def untouched(installation: Installation) -> bool:
    """Whether nothing is there: no table, no schema of ours, no keyring."""
    with installation.database.as_superuser() as connection:
        (tables,) = connection.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname IN ('public', %s)",
            [SCHEMA],
        ).fetchone() or (None,)
    return tables == 0 and not (installation.data_dir / "keyring.json").exists()


HARMS = ("truncated", "changed", "foreign", "other passphrase", "newer", "not of a server")
# Less than any archive has.
SMALL_BYTES = 8192


@pytest.mark.parametrize("harm", HARMS)
async def test_it_is_refused_whole(
    kept: Path,
    empty: Installation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    harm: str,
) -> None:
    archive, reason = await _harmed(kept, tmp_path / "harmed.tally", harm)
    assert await empty.command(monkeypatch, "restore", archive) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"{reason}: ")
    assert untouched(empty)


CONTENT = "contents/11111111-1111-4111-8111-111111111111/11111111-1111-4111-8111-111111111111/000000"


@pytest.mark.parametrize(
    ("name", "full", "reason"),
    [
        ("contents/of/somebody/else", False, "not_of_a_server"),
        (CONTENT.replace("000000", "note"), False, "not_of_a_server"),
        (CONTENT, True, "no_room"),
    ],
    ids=["foreign", "no object", "no room"],
)
async def test_contents_that_cannot_be_put_back_end_it(
    empty: Installation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    full: bool,
    reason: str,
) -> None:
    async def put(*_: object) -> None:
        raise StorageFull

    if full:
        monkeypatch.setattr(FolderStorage, "put", put)
    told = replace(manifest(), schema_revision=migrate.newest(), columns={"tag": ("id",)})
    archive = tmp_path / "forged.tally"
    await spool(
        write_archive(told, [keys_part(), Part(name, [b"x"])], Passphrase(PASSPHRASE), cost=Cost(log_n=1)), archive
    )
    assert await empty.command(monkeypatch, "restore", archive) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"{reason}: ")
    assert untouched(empty)


async def test_a_folder_that_is_not_there_makes_no_backup(
    postgres: EmbeddedPostgres,
    config: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As where a disk is not mounted: there are files, and nothing of them."""
    archive = tmp_path / "hollow.tally"
    async with fresh_database(postgres) as database:
        here = install(database, tmp_path, config)
        async with here.served() as (_, client):
            ann = await sign_up(client, "Ann")
            await bring_parts(ann, ann.user.home_id, b"on its way")
            (here.data_dir / "files").rename(tmp_path / "unmounted")
            assert await here.command(monkeypatch, "backup", "--to", archive) == 0, "nothing is lost yet"
            archive.unlink()
            await bring(ann, ann.user.home_id, b"a receipt")
        (here.data_dir / "files").rename(tmp_path / "unmounted, too")
        capsys.readouterr()
        assert await here.command(monkeypatch, "backup", "--to", archive) == 1
        assert capsys.readouterr().err.startswith("contents_away: ")
    assert not archive.exists()


async def _harmed(kept: Path, path: Path, harm: str) -> tuple[Path, str]:
    whole = kept.read_bytes()
    if harm == "truncated":
        path.write_bytes(whole[:-1000])
        return path, Truncated.reason
    if harm == "changed":
        path.write_bytes(whole[:-1000] + bytes([whole[-1000] ^ 1]) + whole[-999:])
        return path, Damaged.reason
    if harm == "foreign":
        path.write_bytes(b"PGDMP" + whole)
        return path, NotAnArchive.reason
    if harm == "other passphrase":
        path.write_bytes(await written([], manifest()))
        return path, WrongPassphrase.reason
    told = replace(manifest(), schema_revision="9999", columns={"tag": ("id",)})
    parts = [] if harm == "not of a server" else [keys_part()]
    source = write_archive(told, parts, Passphrase(PASSPHRASE), cost=Cost(log_n=1))
    await spool(source, path)
    return path, "not_of_a_server" if harm == "not of a server" else "newer_schema"


async def keys_of_nobody() -> AsyncIterator[bytes]:
    yield keys.compose_common(keys.Common(bytes(32), 0))


def keys_part() -> Part:
    return Part(keys.PART, keys_of_nobody())


async def test_what_is_there_is_replaced_only_when_asked_and_after_a_backup(
    kept: Path,
    postgres: EmbeddedPostgres,
    config: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    archive = tmp_path / "early.tally"
    async with fresh_database(postgres) as database:
        here = install(database, tmp_path, config)
        async with here.served() as (_, client):
            ann = await sign_up(client, "Ann")
            cyd = await sign_up(client, "Cyd")
            assert await here.command(monkeypatch, "backup", "--to", archive) == 0
            early = rows_of(database)
            bob = await sign_up(client, "Bob")
            await bring(bob, bob.user.home_id, b"of somebody who is not in the archive")
            await cyd.auth.DeleteMe(DeleteMeRequest(request_id=new_id(), password=cyd.password))
            # While the server works, nobody may take the database away under it.
            assert await here.command(monkeypatch, "restore", archive, "--replace") == 1
            assert "in_use: " in capsys.readouterr().err
        late, guards = rows_of(database), guards_of(database)
        assert await here.command(monkeypatch, "restore", archive) == 1
        assert "not_empty: " in capsys.readouterr().err
        for harm in HARMS:
            harmed, reason = await _harmed(kept, tmp_path / "harmed.tally", harm)
            assert await here.command(monkeypatch, "restore", harmed, "--replace") == 1
            assert capsys.readouterr().err.splitlines()[-1].startswith(f"{reason}: ")
        here.passphrase_file.write_text(PASSPHRASE)
        with files_at_most(SMALL_BYTES):
            assert await here.command(monkeypatch, "restore", archive, "--replace") == 1
        assert "no_room: " in capsys.readouterr().err, "what is there cannot be backed up"
        assert [*(here.data_dir / "backups").iterdir()] == []
        assert rows_of(database) == late
        assert await here.command(monkeypatch, "restore", archive, "--replace") == 0
        assert guards_of(database) == guards
        assert rows_of(database)["user_space"] != early["user_space"], "Cyd was erased, and is still in her home"
        homes = here.data_dir / "files"
        assert (homes / bob.user.home_id).exists()
        age(homes)
        async with here.served() as (server, client):
            await server.files.sweeping.run()
            assert not (homes / bob.user.home_id).exists(), "nobody will come for it"
            await again(client, ann)
            for gone in (bob, cyd):
                # Bob came later than the archive. Cyd is in it, and was erased.
                assert (await refusal_of(again(client, gone))).reason == "WRONG_CREDENTIALS"
        (safety,) = (here.data_dir / "backups").iterdir()
        capsys.readouterr()
        assert await here.command(monkeypatch, "verify", safety) == 0
        # Bob is in it, and so what was replaced can come back in the same way.
        assert f"login: {len(late['login'])}" in capsys.readouterr().out


async def test_whoever_was_erased_since_does_not_come_back_on_an_empty_machine(
    postgres: EmbeddedPostgres,
    config: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    archives = tmp_path / "archives"
    archives.mkdir()
    archive = archives / "early.tally"
    async with fresh_database(postgres) as database:
        here = install(database, tmp_path / "first", config)
        async with here.served() as (_, client):
            ann, cyd = await sign_up(client, "Ann"), await sign_up(client, "Cyd")
            assert await here.command(monkeypatch, "backup", "--to", archive) == 0
            await cyd.auth.DeleteMe(DeleteMeRequest(request_id=new_id(), password=cyd.password))
            lists = ErasedLists(database.superuser_dsn, Passphrase(PASSPHRASE), here.data_dir / "backup-spool")
            for _ in range(2):
                await lists.keep("folder", FolderTarget(archives))
            with running_drive() as drive:
                await lists.keep("drive", drive.target())
                dan = await sign_up(client, "Dan")
                await dan.auth.DeleteMe(DeleteMeRequest(request_id=new_id(), password=dan.password))
                await lists.keep("drive", drive.target())
                (file,) = drive.files()
            found = await read_erased([bytes(file.content)], Passphrase(PASSPHRASE))
            assert {*map(str, found.users)} == {cyd.user.id, dan.user.id}, "in the place of the one before"
            # Another server knows of nobody who is not in it, and what the list has it keeps.
            await ErasedLists(database.superuser_dsn, Passphrase(PASSPHRASE), here.data_dir).keep(
                "folder", FolderTarget(archives)
            )
        (kept,) = archives.glob(NAMES)
        found = await read_erased(read_file(kept), Passphrase(PASSPHRASE))
        assert {*map(str, found.users)} == {cyd.user.id, dan.user.id}
        assert cyd.user.id.encode() not in kept.read_bytes()
    async with fresh_database(postgres, is_migrated=False) as database:
        second = install(database, tmp_path / "second", config)
        whole = kept.read_bytes()
        kept.write_bytes(whole[:-10])
        assert await second.command(monkeypatch, "restore", archive) == 1
        assert untouched(second), "who must not come back is not known"
        kept.write_bytes(whole)
        assert await second.command(monkeypatch, "restore", archive) == 0
        async with second.served() as (_, client):
            await again(client, ann)
            assert (await refusal_of(again(client, cyd))).reason == "WRONG_CREDENTIALS"
        assert len(rows_of(database)["login"]) == 2


async def test_a_role_that_does_not_see_every_row_makes_no_backup(
    postgres: EmbeddedPostgres,
    config: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with fresh_database(postgres) as database:
        here = install(database, tmp_path, config)
        async with here.served() as (_, client):
            await sign_up(client, "Ann")
        # The owner, whom row-level security binds as well.
        blind = replace(here, database=replace(database, superuser_dsn=database.owner_dsn))
        assert await blind.command(monkeypatch, "backup", "--to", tmp_path / "blind.tally") == 1
        assert capsys.readouterr().err.startswith("rows_hidden: ")
        assert [path.name for path in tmp_path.iterdir() if "blind" in path.name] == []


async def test_a_kill_leaves_nothing_and_the_next_one_finishes(
    kept: Path, empty: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a restore prints on its way. In the middle of loading, and when all but the switch is done.
    for line in ("account: ", "proven: "):
        await _kill_after(line, kept, empty)
        with empty.database.as_superuser() as connection:
            (there,) = connection.execute("SELECT to_regclass('public.login')").fetchone() or (None,)
        if there is not None:
            # It was quicker than the signal: then it is all there.
            break
    else:
        assert await empty.command(monkeypatch, "restore", kept) == 0
    assert len(rows_of(empty.database)["login"]) == 2


async def _kill_after(line: str, archive: Path, installation: Installation) -> None:
    installation.passphrase_file.write_text(PASSPHRASE)
    secret = str(installation.passphrase_file)
    words = [sys.executable, "-u", "-m", "tallystick", "restore", str(archive), "--passphrase-file", secret]
    environment = {**os.environ, **installation.environment()}
    running = await asyncio.create_subprocess_exec(*words, env=environment, stdout=asyncio.subprocess.PIPE)
    assert running.stdout is not None
    while line not in (said := (await running.stdout.readline()).decode()):
        assert said, "it ended before it could be killed"
    running.kill()
    await running.wait()
