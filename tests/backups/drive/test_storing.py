"""Is an archive in the Drive whole, once, and where its owner sees it?"""

import hashlib
from pathlib import Path

import pytest

from backups.drive.cases import LABELS, NAME, content, fails, read_all
from backups.drive.faults import Effect, Kind
from backups.drive.running import RunningDrive, spool
from tallystick.backups.targets.remembering import Remembering
from tallystick.backups.targets.target import LABELS_MAX, TargetReason


@pytest.mark.parametrize("chunks", [0, 0.001, 0.5, 1, 2, 2.5], ids=str)
async def test_it_is_stored_whole(drive: RunningDrive, tmp_path: Path, chunks: float) -> None:
    source = spool(tmp_path, content(chunks))
    target = drive.target()
    stored = await target.store(NAME, LABELS, source)
    (file,) = drive.files()
    assert (stored.id, stored.name, stored.size_bytes, stored.sha256) == (
        file.id,
        NAME,
        len(file.content),
        source.sha256,
    )
    assert stored.labels == LABELS
    assert file.content == source.path.read_bytes()
    assert await target.find(LABELS) == stored
    assert await read_all(target, stored.id) == file.content


async def test_no_more_than_a_chunk_is_sent_at_once(drive: RunningDrive, tmp_path: Path) -> None:
    await drive.target().store(NAME, LABELS, spool(tmp_path, content(3.5)))
    assert (drive.calls(Kind.BEGIN), drive.calls(Kind.CHUNK), drive.calls(Kind.QUERY)) == (1, 4, 0)
    assert drive.naps.taken_s == []


async def test_it_lies_in_a_visible_folder_with_labels_only_we_see(drive: RunningDrive, tmp_path: Path) -> None:
    await drive.target().store(NAME, LABELS, spool(tmp_path, content(1)))
    (folder,), (file,) = drive.folders(), drive.files()
    assert (folder.name, folder.parent_id) == ("Tallystick backups", "root-ann@example.com")
    assert file.parent_id == folder.id
    assert file.app_properties.items() >= LABELS.items()


async def test_a_repeat_for_the_same_run_makes_no_second(drive: RunningDrive, tmp_path: Path) -> None:
    source, progress = spool(tmp_path, content(1.5)), Remembering()
    grant = drive.grant()
    first = await drive.target(grant, progress).store(NAME, LABELS, source)
    assert await drive.target(grant, progress).store(NAME, LABELS, source) == first
    # And even when everything that was remembered is lost.
    assert await drive.target(grant).store(NAME, LABELS, source) == first
    assert len(drive.files()) == 1
    assert drive.calls(Kind.BEGIN) == 1


async def test_runs_are_told_apart(drive: RunningDrive, tmp_path: Path) -> None:
    source, target = spool(tmp_path, content(1)), drive.target()
    first = await target.store(NAME, LABELS, source)
    second = await target.store(NAME, {**LABELS, "run_id": "it's another \\ run"}, source)
    assert first.id != second.id
    assert await target.find({"run_id": "it's another \\ run"}) == second
    assert len(drive.folders()) == 1


async def test_an_archive_that_was_made_anew_takes_the_place_of_the_first(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    await target.store(NAME, LABELS, spool(tmp_path, content(1)))
    second = await target.store(NAME, LABELS, spool(tmp_path, content(1, seed=2)))
    assert [file.id for file in drive.files()] == [second.id]


async def test_the_folder_is_found_again_by_the_next_connection(drive: RunningDrive, tmp_path: Path) -> None:
    grant = drive.grant()
    await drive.target(grant).store(NAME, LABELS, spool(tmp_path, content(1)))
    (folder,) = drive.folders()
    folder.name = "Renamed by its owner"
    await drive.target(grant).store(NAME, {**LABELS, "run_id": "run-2"}, spool(tmp_path, content(1)))
    assert [file.parent_id for file in drive.files()] == [folder.id] * 2


async def test_a_folder_that_was_deleted_is_made_anew(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    await target.store(NAME, LABELS, spool(tmp_path, content(1)))
    drive.world.files.clear()
    await target.store(NAME, LABELS, spool(tmp_path, content(1)))
    assert [file.parent_id for file in drive.files()] == [folder.id for folder in drive.folders()]


async def test_a_folder_that_is_deleted_while_it_is_looked_for_is_made_anew(
    drive: RunningDrive, tmp_path: Path
) -> None:
    target = drive.target()
    await target.check()
    drive.plan(Kind.BEGIN, status=404, reason="notFound")
    (folder,) = drive.folders()
    drive.plan(Kind.GET, status=404, reason="notFound", skip=1)
    await target.store(NAME, LABELS, spool(tmp_path, content(1)))
    assert len(drive.files()) == 1
    assert folder.id in drive.world.files


async def test_a_folder_that_always_vanishes_is_told(drive: RunningDrive, tmp_path: Path) -> None:
    drive.plan(Kind.BEGIN, status=404, reason="notFound", times=99)
    await fails(drive.target().store(NAME, LABELS, spool(tmp_path, content(1))), TargetReason.GONE)
    assert drive.files() == []


async def test_nothing_is_put_into_the_trash(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    await target.store(NAME, LABELS, spool(tmp_path, content(1)))
    drive.throw_away(drive.folders()[0])
    assert (drive.files(), await target.find(LABELS)) == ([], None)
    await target.store(NAME, LABELS, spool(tmp_path, content(1)))
    assert len(drive.files()) == 1
    assert len(drive.folders()) == 2


async def test_an_upload_whose_file_was_thrown_away_is_sent_as_another(drive: RunningDrive, tmp_path: Path) -> None:
    grant, progress, source = drive.grant(), Remembering(), spool(tmp_path, content(1))
    drive.plan(Kind.LIST, status=401, reason="authError", skip=2, times=9)
    drive.plan(Kind.CHUNK, Effect.DROP)
    drive.plan(Kind.QUERY, status=400, reason="badRequest")
    await fails(drive.target(grant, progress).store(NAME, LABELS, source), TargetReason.REFUSED)
    drive.mend()
    drive.throw_away(drive.files()[0])
    stored = await drive.target(grant, progress).store(NAME, LABELS, source)
    assert [file.id for file in drive.files()] == [stored.id]


async def test_where_the_drive_knows_no_sha256_the_older_checksum_is_compared(
    drive: RunningDrive, tmp_path: Path
) -> None:
    drive.world.checksums = ("md5",)
    target = drive.target()
    stored = await target.store(NAME, LABELS, spool(tmp_path, content(1.5)))
    assert stored.sha256 is None
    assert await read_all(target, stored.id) == content(1.5)
    drive.plan(Kind.CHUNK, Effect.CORRUPT)
    await fails(target.store(NAME, {**LABELS, "run_id": "run-2"}, spool(tmp_path, content(0.5))), TargetReason.DAMAGED)


async def test_what_nothing_is_known_of_is_not_stored(drive: RunningDrive, tmp_path: Path) -> None:
    drive.world.checksums = ()
    await fails(drive.target().store(NAME, LABELS, spool(tmp_path, content(1))), TargetReason.DAMAGED)
    assert drive.files() == []


@pytest.mark.parametrize("chunks", [0.5, 2], ids=str)
async def test_what_arrives_as_something_else_is_not_kept(drive: RunningDrive, tmp_path: Path, chunks: float) -> None:
    drive.plan(Kind.CHUNK, Effect.CORRUPT)
    target, source = drive.target(), spool(tmp_path, content(chunks))
    await fails(target.store(NAME, LABELS, source), TargetReason.DAMAGED)
    assert drive.files() == []
    stored = await target.store(NAME, LABELS, source)
    assert hashlib.sha256(drive.files()[0].content).digest() == stored.sha256 == source.sha256


async def test_what_is_damaged_and_cannot_be_deleted_is_not_seen(drive: RunningDrive, tmp_path: Path) -> None:
    drive.plan(Kind.CHUNK, Effect.CORRUPT)
    drive.plan(Kind.DELETE, times=99)
    target, source = drive.target(), spool(tmp_path, content(1))
    await fails(target.store(NAME, LABELS, source), TargetReason.UNREACHABLE)
    assert len(drive.files()) == 1
    assert await target.find(LABELS) is None
    drive.mend()
    stored = await target.store(NAME, LABELS, source)
    assert [file.id for file in drive.files()] == [stored.id]


async def test_labels_that_the_drive_could_not_keep_are_a_mistake(drive: RunningDrive, tmp_path: Path) -> None:
    source = spool(tmp_path, b"")
    for labels in (
        {"kind": "daily"},
        {**LABELS, "sha256": "ours"},
        {**LABELS, "owner": "é" * 60},
        {**LABELS, **{str(each): "" for each in range(LABELS_MAX)}},
    ):
        with pytest.raises(ValueError, match="Labels"):
            await drive.target().store(NAME, labels, source)
