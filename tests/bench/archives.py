"""What does it cost to keep an archive safely? Next to merely writing it, and to merely sending it.

Into a folder: copied, hashed, brought to the disk, read back and compared, next to a copy that is brought to the disk. Into a Drive on this
machine: through Google's client with all that is asked before and compared after, next to the same chunks by hand.
"""

import asyncio
import hashlib
import http.client
import json
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from urllib.parse import urlsplit

from backups.drive.running import RunningDrive, running_drive
from bench.effort import Effort
from bench.figures import Figure, at_least
from bench.place import Place
from tallystick.backups.archive.head import MAGIC
from tallystick.backups.targets.drive.drive import DriveTarget
from tallystick.backups.targets.drive.uploading import CHUNK_BYTES
from tallystick.backups.targets.folder import FolderTarget
from tallystick.backups.targets.target import SpooledArchive, Target

NAMES = ("archive_to_folder", "archive_to_drive")
SIZE_BYTES = 64 * 2**20
MB = 10**6

Keep = Callable[[int], Awaitable[None]]


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    figures = []
    with tempfile.TemporaryDirectory() as folder, running_drive() as drive:
        source = _spool(Path(folder) / "spooled")
        if NAMES[0] in wanted:
            kept = Path(folder) / "kept"
            kept.mkdir()
            ours, floor = await _compare(
                _storing(FolderTarget(kept), source), _copying(source, Path(folder) / "copy"), effort.rounds
            )
            figures.append(at_least(NAMES[0], ours, floor, "MB/s", 0.25))
        if NAMES[1] in wanted:
            target = drive.target()
            usual = DriveTarget(target.line, target.progress, chunk_bytes=CHUNK_BYTES)
            ours, floor = await _compare(_storing(usual, source), _sending(drive, source), effort.rounds)
            figures.append(at_least(NAMES[1], ours, floor, "MB/s", 0.3))
    return figures


async def _compare(ours: Keep, floor: Keep, rounds: int) -> tuple[list[float], list[float]]:
    rates: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        for keep, into in [(ours, rates[0]), (floor, rates[1])][:: 1 if number % 2 else -1]:
            started = time.perf_counter()
            await keep(number)
            into.append(SIZE_BYTES / MB / (time.perf_counter() - started))
    return rates


def _spool(path: Path) -> SpooledArchive:
    content = MAGIC + os.urandom(SIZE_BYTES - len(MAGIC))
    path.write_bytes(content)
    return SpooledArchive(path, SIZE_BYTES, hashlib.sha256(content).digest())


def _storing(target: Target, source: SpooledArchive) -> Keep:
    async def keep(number: int) -> None:
        stored = await target.store(f"{number}.tally", {"run_id": str(number)}, source)
        await target.delete(stored.id)

    return keep


def _copying(source: SpooledArchive, copy: Path) -> Keep:
    def work() -> None:
        shutil.copyfile(source.path, copy)
        with copy.open("rb") as opened:
            os.fsync(opened.fileno())
        copy.unlink()

    async def keep(_: int) -> None:
        await asyncio.to_thread(work)

    return keep


def _sending(drive: RunningDrive, source: SpooledArchive) -> Keep:
    token = drive.world.accounts.pass_token()

    def work() -> None:
        line = http.client.HTTPConnection(*drive.server.server_address[:2])  # type: ignore[arg-type]  # a host and a port
        headers = {"Authorization": f"Bearer {token}"}
        begun = {**headers, "X-Upload-Content-Length": str(SIZE_BYTES)}
        line.request("POST", "/upload/drive/v3/files?uploadType=resumable", json.dumps({"name": "floor"}), begun)
        answer = line.getresponse()
        answer.read()
        parts = urlsplit(answer.headers["Location"])
        with source.path.open("rb") as opened:
            for at in range(0, SIZE_BYTES, CHUNK_BYTES):
                chunk = {**headers, "Content-Range": f"bytes {at}-{at + CHUNK_BYTES - 1}/{SIZE_BYTES}"}
                line.request("PUT", f"{parts.path}?{parts.query}", opened.read(CHUNK_BYTES), chunk)
                line.getresponse().read()
        line.close()
        drive.world.files.clear()

    async def keep(_: int) -> None:
        await asyncio.to_thread(work)

    return keep
