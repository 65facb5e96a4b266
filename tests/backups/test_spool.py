"""Is a spooled archive whole or not there, and does work aside end when nobody waits for it?"""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tallystick.backups import spool as spooling
from tallystick.backups.ahead import ahead, in_thread
from tallystick.backups.aside import aside
from tallystick.backups.errors import NoRoom
from tallystick.backups.spool import read_file, spool, sweep


async def pieces(*texts: bytes) -> AsyncIterator[bytes]:
    for text in texts:
        yield text


async def test_it_has_its_name_when_it_is_whole(tmp_path: Path) -> None:
    spooled = await spool(pieces(b"a" * 3_000_000, b"", b"b"), tmp_path / "archive")
    assert (spooled.size_bytes, spooled.path.stat().st_size, spooled.path.stat().st_mode & 0o777) == (
        3_000_001,
        3_000_001,
        0o600,
    )
    assert b"".join([piece async for piece in read_file(spooled.path)]) == b"a" * 3_000_000 + b"b"
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


async def test_nothing_is_left_of_a_source_that_fails(tmp_path: Path) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"a" * 2_000_000
        raise LookupError

    (tmp_path / "archive").write_bytes(b"the one before")
    with pytest.raises(LookupError):
        await spool(failing(), tmp_path / "archive")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("archive", b"the one before")]


async def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = False

    async def source() -> AsyncIterator[bytes]:
        nonlocal closed
        try:
            for _ in range(10):
                yield b"a" * 1_000_000
        finally:
            closed = True

    def full(descriptor: int, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spooling, "_write_all", full)
    with pytest.raises(NoRoom):
        await spool(source(), tmp_path / "archive")
    assert [*tmp_path.iterdir()] == []
    assert closed, "whoever writes the archive still holds a snapshot of the database"


async def test_what_the_dead_were_writing_goes_with_the_next_and_what_the_living_write_stays(tmp_path: Path) -> None:
    dead, others = tmp_path / f".first.{'0' * 16}.partial", tmp_path / ".somebody's.partial"
    for path in (dead, others):
        path.write_bytes(b"half")

    async def slow() -> AsyncIterator[bytes]:
        yield b"a" * 2_000_000
        # While it is written somebody else writes beside it.
        await spool(pieces(b"b"), tmp_path / "second")
        assert len([*tmp_path.glob(".first.*.partial")]) == 1
        yield b"a"

    await spool(slow(), tmp_path / "first")
    assert sorted(path.name for path in tmp_path.iterdir()) == [others.name, "first", "second"]


def test_the_sweep_leaves_what_is_new(tmp_path: Path) -> None:
    for name, at in (("old", 100), ("new", 300)):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (at, at))
    assert sweep(tmp_path, 200) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


async def test_a_reader_that_stops_leaves_no_thread_inside() -> None:
    inside, left = threading.Event(), threading.Event()

    def reading() -> Iterator[int]:
        try:
            yield 1
            inside.set()
            yield 2
        finally:
            left.set()

    stream = ahead(reading())
    assert await anext(stream) == 1
    await asyncio.to_thread(inside.wait, 30)
    await stream.aclose()
    assert left.is_set()


async def test_whoever_is_cancelled_waits_for_the_thread() -> None:
    began, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def step() -> None:
        began.set()
        may_end.wait(30)
        ended.set()

    waiting = asyncio.create_task(in_thread(step))
    await asyncio.to_thread(began.wait, 30)
    waiting.cancel()
    await asyncio.sleep(0)
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ended.is_set()


async def test_work_aside_ends_when_nobody_waits_for_it() -> None:
    began, cleaned = threading.Event(), threading.Event()

    async def work() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    waiting = asyncio.create_task(aside(work))
    await asyncio.to_thread(began.wait, 30)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert cleaned.is_set()
