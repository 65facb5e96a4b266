"""Do backups keep pace with PostgreSQL's own? A whole server into an archive next to pg_dump -Fc, and back next to pg_restore."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Collection
from pathlib import Path
from uuid import uuid4

import psycopg

from bench.books import fill, make_books, make_owner
from bench.effort import Effort
from bench.figures import Figure, at_least
from bench.place import SERVER, SERVER_DATA, TESTS, Place
from fresh_database import fresh_database
from tallystick.runtime.binaries import find_packaged_bin_dir

NAMES = ("backup_vs_pg_dump", "restore_vs_pg_restore", "backup_grown_mb")
BACKUP_TARGET, RESTORE_TARGET, GROWN_TARGET_MB = 0.7, 0.5, 150.0
_ENVIRONMENT = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join((str(SERVER), str(TESTS)))}


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    _, owner = await make_owner(place.server)
    (book,) = await make_books(place, owner, 1)
    await fill(place, owner, book, effort.backed_up)
    await place.analyze()
    count = await _transactions(place)
    ours, floor, back, back_floor, grown = [], [], [], [], []
    for _ in range(effort.backup_rounds):
        archive, dump = place.folder / f"{uuid4()}.tally", place.folder / f"{uuid4()}.dump"
        made = await _child("backup", _database(place), str(place.folder / SERVER_DATA / "keyring.json"), str(archive))
        ours.append(count / made["seconds"])
        grown.append(made["grown_mb"])
        floor.append(count / await _program("pg_dump", "-Fc", "-f", str(dump), _database(place)))
        restored, least = await _restore(place, archive, dump)
        back.append(count / restored)
        back_floor.append(count / least)
        archive.unlink()
        dump.unlink()
    return [
        at_least(NAMES[0], ours, floor, "transactions/s", BACKUP_TARGET),
        at_least(NAMES[1], back, back_floor, "transactions/s", RESTORE_TARGET),
        Figure(NAMES[2], max(grown), "MB", target=f"<= {GROWN_TARGET_MB:g}", met=max(grown) <= GROWN_TARGET_MB),
    ]


async def _restore(place: Place, archive: Path, dump: Path) -> tuple[float, float]:
    """Seconds of ours, and of pg_restore: each into an empty database."""
    async with fresh_database(place.postgres, is_migrated=False) as database:
        data_dir = place.folder / uuid4().hex
        data_dir.mkdir()
        restored = await _child("restore", database.app_dsn, database.owner_dsn, str(data_dir), str(archive))
    async with fresh_database(place.postgres, is_migrated=False) as database:
        least = await _program("pg_restore", "--exit-on-error", "-d", database.superuser_dsn, str(dump))
    return restored["seconds"], least


def _database(place: Place) -> str:
    return place.postgres.reader_dsn


async def _transactions(place: Place) -> int:
    async with await psycopg.AsyncConnection.connect(_database(place)) as connection:
        row = await (await connection.execute("SELECT count(*) FROM transaction")).fetchone()
    assert row is not None, "one row was asked for"
    return int(row[0])


async def _child(*words: str) -> dict[str, float]:
    argv = (sys.executable, "-m", "bench.backup_child", *words)
    child = await asyncio.create_subprocess_exec(*argv, env=_ENVIRONMENT, stdout=asyncio.subprocess.PIPE)
    said, _ = await child.communicate()
    assert child.returncode == 0, "a backup or restore failed, and has said why"
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


async def _program(name: str, *words: str) -> float:
    started = time.perf_counter()
    child = await asyncio.create_subprocess_exec(str(find_packaged_bin_dir() / name), *words, env=_ENVIRONMENT)
    assert await child.wait() == 0, f"{name} failed, and has said why"
    return time.perf_counter() - started
