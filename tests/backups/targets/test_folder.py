"""Is an archive in a folder there whole, or not at all, whatever happens while it is put there?"""

import asyncio
import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from backups.drive.cases import LABELS, NAME, fails, read_all, within_patience
from backups.full_disk import files_at_most
from tallystick.backups.archive.head import MAGIC
from tallystick.backups.targets import shelving
from tallystick.backups.targets.folder import FolderTarget, make_folder
from tallystick.backups.targets.target import SpooledArchive, Stored, TargetReason

CONTENT = MAGIC + bytes(range(256)) * 20_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "archives")


def spooled(tmp_path: Path, content: bytes = CONTENT) -> SpooledArchive:
    path = tmp_path / "spooled"
    path.write_bytes(content)
    return SpooledArchive(path, len(content), hashlib.sha256(content).digest())


async def list_all(folder: Path, **labels: str) -> list[Stored]:
    return [stored async for stored in FolderTarget(folder).list(labels)]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_it_is_stored_whole(folder: Path, tmp_path: Path) -> None:
    source, target = spooled(tmp_path), FolderTarget(folder)
    stored = await target.store(NAME, LABELS, source)
    assert (stored.id, stored.name, stored.size_bytes, stored.sha256) == (NAME, NAME, len(CONTENT), source.sha256)
    assert stored.labels == LABELS
    assert await read_all(target, stored.id) == CONTENT == (folder / NAME).read_bytes()
    assert await target.find({"run_id": "run-1"}) == stored
    assert await target.find({"run_id": "run-2"}) is None
    assert names(folder) == [NAME, f"{NAME}.labels"]
    assert (folder / NAME).stat().st_mode & 0o077 == 0


async def test_a_repeat_for_the_same_run_makes_no_second(folder: Path, tmp_path: Path) -> None:
    source, target = spooled(tmp_path), FolderTarget(folder)
    first = await target.store(NAME, LABELS, source)
    assert await target.store(NAME, LABELS, source) == first
    assert len(await list_all(folder)) == 1


async def test_an_archive_of_the_same_run_that_was_made_anew_takes_the_place_of_the_first(
    folder: Path, tmp_path: Path
) -> None:
    target = FolderTarget(folder)
    await target.store(NAME, LABELS, spooled(tmp_path))
    second = await target.store(NAME, LABELS, spooled(tmp_path, CONTENT + b"!"))
    assert await list_all(folder) == [second]


async def test_nothing_is_written_over(folder: Path, tmp_path: Path) -> None:
    target = FolderTarget(folder)
    first = await target.store(NAME, LABELS, spooled(tmp_path))
    second = await target.store(NAME, {**LABELS, "run_id": "2"}, spooled(tmp_path, CONTENT + b"2"))
    (folder / "letter.txt").write_text("not an archive")
    third = await target.store("letter.txt", {**LABELS, "run_id": "3"}, spooled(tmp_path, CONTENT + b"3"))
    assert [first.id, second.id, third.id] == [NAME, NAME.replace("01.tally", "01-2.tally"), "letter-2.txt"]
    assert (folder / "letter.txt").read_text() == "not an archive"
    assert await list_all(folder) == [third, second, first]


async def test_what_is_not_an_archive_is_not_listed(folder: Path, tmp_path: Path) -> None:
    (folder / "notes.tally").write_text("mine")
    (folder / "sub").mkdir()
    (folder / ".hidden").write_bytes(CONTENT)
    (folder / "empty").touch()
    (folder / "broken link").symlink_to("nowhere")
    target = FolderTarget(folder)
    await target.store(NAME, LABELS, spooled(tmp_path))
    assert [stored.id for stored in await list_all(folder)] == [NAME]
    for name in (
        "notes.tally",
        "sub",
        ".hidden",
        "empty",
        "nothing",
        "../spooled",
        "/etc/passwd",
        "",
        "..",
        f"{NAME}.labels",
    ):
        await fails(read_all(target, name), TargetReason.GONE)
        await target.delete(name)
    assert (folder / "notes.tally").exists()
    assert (folder / ".hidden").exists()
    assert (tmp_path / "spooled").exists()


@pytest.mark.parametrize("text", [None, b"", b"{", b"[]", b'{"labels": 1}', b"\xff\xff", b"x" * 100_000])
async def test_labels_that_are_lost_lose_no_archive(folder: Path, tmp_path: Path, text: bytes | None) -> None:
    target = FolderTarget(folder)
    stored = await target.store(NAME, LABELS, spooled(tmp_path))
    labels = folder / f"{NAME}.labels"
    if text is None:
        labels.unlink()
    else:
        labels.write_bytes(text)
    (found,) = await list_all(folder)
    assert (found.id, found.size_bytes, found.sha256, found.labels) == (stored.id, len(CONTENT), None, {})
    assert await read_all(target, found.id) == CONTENT


async def test_an_archive_that_was_copied_there_by_hand_is_one(folder: Path) -> None:
    (folder / "from my Drive.bin").write_bytes(CONTENT)
    (found,) = await list_all(folder)
    assert await read_all(FolderTarget(folder), found.id) == CONTENT


async def test_what_was_changed_on_the_disk_is_told(folder: Path, tmp_path: Path) -> None:
    target = FolderTarget(folder)
    stored = await target.store(NAME, LABELS, spooled(tmp_path))
    (folder / NAME).write_bytes(CONTENT[:-1] + b"?")
    await fails(read_all(target, stored.id), TargetReason.DAMAGED)


async def test_what_arrives_as_something_else_is_not_kept(folder: Path, tmp_path: Path) -> None:
    source = spooled(tmp_path)
    source.path.write_bytes(CONTENT[:-1])
    await fails(FolderTarget(folder).store(NAME, LABELS, source), TargetReason.DAMAGED)
    assert names(folder) == []


async def test_deleting_may_be_repeated(folder: Path, tmp_path: Path) -> None:
    target = FolderTarget(folder)
    stored = await target.store(NAME, LABELS, spooled(tmp_path))
    await target.delete(stored.id)
    await target.delete(stored.id)
    assert names(folder) == []


async def test_a_full_disk_is_told_and_nothing_stays(folder: Path, tmp_path: Path) -> None:
    source = spooled(tmp_path)
    with files_at_most(2 * 2**20):
        await fails(FolderTarget(folder).store(NAME, LABELS, source), TargetReason.FULL)
    assert names(folder) == []
    await FolderTarget(folder).store(NAME, LABELS, source)


async def test_a_folder_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    target = FolderTarget(tmp_path / "unmounted")
    for doing in (target.check(), target.store(NAME, LABELS, spooled(tmp_path)), target.find({}), target.delete(NAME)):
        await fails(doing, TargetReason.GONE)
    assert not (tmp_path / "unmounted").exists()
    (tmp_path / "file").touch()
    await fails(FolderTarget(tmp_path / "file").check(), TargetReason.REFUSED)


async def test_check_leaves_nothing(folder: Path) -> None:
    await FolderTarget(folder).check()
    assert names(folder) == []


async def test_whoever_is_told_to_stop_stops(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copying, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    copy = shelving._copy

    def slowly(*given: object) -> None:
        copying.set()
        go_on.wait()
        try:
            copy(*given)  # type: ignore[arg-type]  # as they came
        finally:
            ended.set()

    monkeypatch.setattr(shelving, "_copy", slowly)
    storing = asyncio.create_task(FolderTarget(folder).store(NAME, LABELS, spooled(tmp_path)))
    await within_patience(asyncio.to_thread(copying.wait))
    storing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await within_patience(storing)
    go_on.set()
    await within_patience(asyncio.to_thread(ended.wait))
    assert await list_all(folder) == []


KILLED = """
import asyncio, hashlib, os, signal, sys
from pathlib import Path
from tallystick.backups.targets import shelving
from tallystick.backups.targets.folder import FolderTarget
from tallystick.backups.targets.target import SpooledArchive

def dying(module, name, after):
    def call(*given, _real=getattr(module, name), **more):
        if not after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = _real(*given, **more)
        if after:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    setattr(module, name, call)

folder, spooled = Path(sys.argv[1]), Path(sys.argv[2])
source = SpooledArchive(spooled, spooled.stat().st_size, hashlib.sha256(spooled.read_bytes()).digest())
children = []
for at, (name, after) in enumerate(
    [(name, after) for name in ("_copy", "_require_same", "_take_name", "_write_labels", "sync_directory") for after in (False, True)]
    + [("_write_all", True)]
):
    inside = folder / str(at)
    inside.mkdir()
    child = os.fork()
    if not child:
        dying(shelving, name, after)
        asyncio.run(FolderTarget(inside).store("a.tally", {"run_id": "1"}, source))
        os._exit(1)
    children.append(child)
for child in children:
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
"""


async def test_whenever_it_is_killed_there_is_an_archive_or_none(folder: Path, tmp_path: Path) -> None:
    source = spooled(tmp_path)
    words = [sys.executable, "-c", KILLED, str(folder), str(source.path)]
    await asyncio.to_thread(subprocess.run, words, check=True, timeout=120)
    left = sorted(folder.iterdir())
    assert len(left) == 11
    for inside in left:
        seen = await list_all(inside)
        assert len(seen) <= 1
        if seen:
            assert (seen[0].sha256, seen[0].labels) == (source.sha256, {"run_id": "1"})
            assert await read_all(FolderTarget(inside), seen[0].id) == CONTENT
        # What is left over is hidden or labels, and the next run clears it up and stores it once.
        stored = await FolderTarget(inside).store("a.tally", {"run_id": "1"}, source)
        assert await list_all(inside) == [stored]
        assert [name for name in names(inside) if name.endswith(".partial")] == []


async def test_what_another_process_is_writing_is_not_swept(folder: Path, tmp_path: Path) -> None:
    with shelving._writing(folder, "theirs") as (partial, written):
        written.write(MAGIC)
        (folder / ".dead.partial").write_bytes(MAGIC)
        await FolderTarget(folder).store(NAME, LABELS, spooled(tmp_path))
        assert partial.exists()
        assert not (folder / ".dead.partial").exists()


async def test_labels_whose_archive_never_came_are_swept_in_time(folder: Path) -> None:
    for name, age_s in (("young", 0), ("old", 2 * shelving.ORPHAN_S)):
        path = folder / f"{name}.tally.labels"
        path.touch()
        os.utime(path, (path.stat().st_mtime - age_s,) * 2)
    await FolderTarget(folder).check()
    assert names(folder) == ["young.tally.labels"]


async def test_many_at_once_get_names_of_their_own(folder: Path, tmp_path: Path) -> None:
    source = spooled(tmp_path, CONTENT[:10_000])
    target = FolderTarget(folder)
    await asyncio.gather(*(target.store(NAME, {"run_id": str(each)}, source) for each in range(20)))
    found = await list_all(folder)
    assert sorted(stored.labels["run_id"] for stored in found) == sorted(str(each) for each in range(20))
    for stored in found:
        assert await read_all(target, stored.id) == CONTENT[:10_000]
