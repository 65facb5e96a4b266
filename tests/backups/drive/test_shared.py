"""Does a service account write to a shared drive, and only there?"""

from pathlib import Path

from backups.drive.cases import LABELS, NAME, content, fails, read_all
from backups.drive.faults import Kind
from backups.drive.running import RunningDrive, spool
from tallystick.backups.targets.drive.connection import Line
from tallystick.backups.targets.drive.drive import DriveTarget
from tallystick.backups.targets.drive.grant import compose_service_credentials
from tallystick.backups.targets.remembering import Remembering
from tallystick.backups.targets.target import TargetReason


async def test_it_is_stored_in_the_shared_drive(drive: RunningDrive, tmp_path: Path) -> None:
    key, shared = drive.shared_drive()
    target = drive.shared_target(key, shared)
    await target.check()
    stored = await target.store(NAME, LABELS, spool(tmp_path, content(1.5)))
    (folder,), (file,) = drive.folders(), drive.files()
    assert (file.owner, folder.parent_id, file.parent_id) == (shared.id, shared.id, folder.id)
    assert await target.find(LABELS) == stored
    assert await read_all(target, stored.id) == content(1.5)
    await target.delete(stored.id)
    assert drive.files() == []


async def test_two_shared_drives_are_told_apart(drive: RunningDrive, tmp_path: Path) -> None:
    key, first = drive.shared_drive()
    _, second = drive.shared_drive()
    second.roles[key["client_email"]] = "organizer"
    await drive.shared_target(key, first).store(NAME, LABELS, spool(tmp_path, content(1)))
    assert await drive.shared_target(key, second).find(LABELS) is None
    await drive.shared_target(key, second).store(NAME, LABELS, spool(tmp_path, content(1)))
    assert sorted(file.owner for file in drive.files()) == sorted([first.id, second.id])


async def test_who_may_not_delete_is_told_before_the_first_backup(drive: RunningDrive) -> None:
    key, shared = drive.shared_drive(role="fileOrganizer")
    await fails(drive.shared_target(key, shared).check(), TargetReason.REFUSED)


async def test_who_was_not_let_in_is_told(drive: RunningDrive) -> None:
    key, _ = drive.shared_drive()
    _, other = drive.shared_drive()
    await fails(drive.shared_target(key, other).check(), TargetReason.GONE)


async def test_a_service_account_has_no_room_of_its_own(drive: RunningDrive, tmp_path: Path) -> None:
    key, _ = drive.shared_drive()
    alone = drive.hurried(DriveTarget(Line(compose_service_credentials(key), drive.root_url), Remembering()))
    await fails(alone.store(NAME, LABELS, spool(tmp_path, content(1))), TargetReason.FULL)
    assert (drive.files(), drive.calls(Kind.CHUNK)) == ([], 0)
