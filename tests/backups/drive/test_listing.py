"""Is everything listed that is there, and nothing that is not ours?"""

from pathlib import Path

from backups.drive.cases import LABELS, NAME, content, fails
from backups.drive.faults import Effect, Kind
from backups.drive.running import ANN, RunningDrive, spool
from backups.drive.world import FOLDER_TYPE
from tallystick.backups.targets.drive.drive import DriveTarget
from tallystick.backups.targets.target import TargetReason


async def store_runs(target: DriveTarget, tmp_path: Path, count: int) -> list[str]:
    return [
        (await target.store(NAME, {**LABELS, "run_id": str(each)}, spool(tmp_path, content(0.01, each)))).id
        for each in range(count)
    ]


async def list_ids(target: DriveTarget, **labels: str) -> list[str]:
    return [stored.id async for stored in target.list(labels)]


async def test_pages_may_be_short(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    ids = await store_runs(target, tmp_path, 7)
    for page_max in (1, 3, 7):
        drive.world.page_max = page_max
        assert await list_ids(target) == ids[::-1]
    assert await list_ids(target, run_id="3") == [ids[3]]
    assert await list_ids(target, run_id="3", owner="bob") == []


async def test_a_page_that_fails_is_asked_for_again(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    ids = await store_runs(target, tmp_path, 5)
    drive.world.page_max = 2
    drive.plan(Kind.LIST, Effect.RESET, skip=1, times=2)
    assert await list_ids(target) == ids[::-1]


async def test_what_is_in_the_trash_is_not_there(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    ids = await store_runs(target, tmp_path, 3)
    drive.throw_away(drive.world.files[ids[1]])
    assert await list_ids(target) == [ids[2], ids[0]]


async def test_files_of_others_and_folders_are_not_listed(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    (stored_id,) = await store_runs(target, tmp_path, 1)
    world = drive.world
    for client_id in ("another.app", world.accounts.client_id):
        access = next(iter(world.accounts._lasting.values()))
        world.make(type(access)(ANN, client_id, access.scope), {"name": "letter.txt"}, {}, b"hello")
    assert await list_ids(target) == [stored_id]
    assert any(file.mime_type == FOLDER_TYPE for file in world.files.values())


async def test_deleting_is_for_good_and_may_be_repeated(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    ids = await store_runs(target, tmp_path, 2)
    drive.plan(Kind.DELETE, Effect.DROP)
    await target.delete(ids[0])
    await target.delete(ids[0])
    assert [file.id for file in drive.files()] == [ids[1]]
    assert (await target.look()).trash_bytes == 0


async def test_a_moved_archive_is_found(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    (stored_id,) = await store_runs(target, tmp_path, 1)
    drive.world.files[stored_id].parent_id = f"root-{ANN}"
    drive.world.files[stored_id].name = "My backup"
    found = await target.find({"run_id": "0"})
    assert found is not None
    assert (found.id, found.name) == (stored_id, "My backup")


async def test_room_is_told_with_what_the_trash_takes(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target(drive.grant(limit_bytes=10**6))
    ids = await store_runs(target, tmp_path, 2)
    drive.throw_away(drive.world.files[ids[0]])
    room = await target.look()
    each = len(content(0.01))
    assert (room.owner_email, room.used_bytes, room.trash_bytes, room.limit_bytes) == (ANN, 2 * each, each, 10**6)
    assert (await drive.target(drive.grant("bob@example.com")).look()).limit_bytes is None


async def test_check_leaves_nothing_but_the_folder(drive: RunningDrive) -> None:
    await drive.target().check()
    assert (drive.files(), len(drive.folders())) == ([], 1)


async def test_check_tells_a_full_drive(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target(drive.grant(limit_bytes=len(content(0.01))))
    await store_runs(target, tmp_path, 1)
    await fails(target.check(), TargetReason.FULL)


async def test_a_full_drive_takes_nothing(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target(drive.grant(limit_bytes=1000))
    await fails(target.store(NAME, LABELS, spool(tmp_path, content(1))), TargetReason.FULL)
    assert (drive.files(), drive.calls(Kind.CHUNK), drive.naps.taken_s) == ([], 0, [])
