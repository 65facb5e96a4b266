"""Does an archive come back as it was stored, or is it told that it does not?"""

from pathlib import Path
from typing import Any

import pytest

from backups.drive.cases import LABELS, NAME, content, fails, read_all
from backups.drive.faults import Effect, Kind
from backups.drive.running import RunningDrive, spool
from tallystick.backups.targets.target import TargetReason


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        (Effect.STATUS, {"status": 503}),
        (Effect.STATUS, {"status": 429, "reason": "rateLimitExceeded"}),
        (Effect.STATUS, {"status": 401, "reason": "authError"}),
        (Effect.RESET, {}),
        (Effect.DROP, {}),
        (Effect.TRUNCATE, {}),
    ],
    ids=["503", "429", "401", "reset", "drop", "truncate"],
)
async def test_it_goes_on_where_it_broke_off(
    drive: RunningDrive, tmp_path: Path, effect: Effect, said: dict[str, Any]
) -> None:
    target = drive.target()
    stored = await target.store(NAME, LABELS, spool(tmp_path, content(3.5)))
    drive.plan(Kind.MEDIA, effect, skip=1, **said)
    assert await read_all(target, stored.id) == content(3.5)
    assert drive.calls(Kind.MEDIA) == 5


async def test_what_was_changed_on_the_way_is_told(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    stored = await target.store(NAME, LABELS, spool(tmp_path, content(2)))
    drive.plan(Kind.MEDIA, Effect.CORRUPT, skip=1)
    await fails(read_all(target, stored.id), TargetReason.DAMAGED)


async def test_a_page_for_people_is_no_archive(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    stored = await target.store(NAME, LABELS, spool(tmp_path, content(2)))
    drive.plan(Kind.MEDIA, Effect.PAGE, skip=1)
    await fails(read_all(target, stored.id), TargetReason.DAMAGED)


async def test_what_google_takes_for_harmful_comes_back_all_the_same(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    stored = await target.store(NAME, LABELS, spool(tmp_path, content(2)))
    drive.world.files[stored.id].is_suspected = True
    assert await read_all(target, stored.id) == content(2)


async def test_what_nothing_is_known_of_is_not_trusted(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    stored = await target.store(NAME, LABELS, spool(tmp_path, content(1)))
    drive.world.checksums = ()
    await fails(read_all(target, stored.id), TargetReason.DAMAGED)


async def test_for_ever_has_an_end(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    stored = await target.store(NAME, LABELS, spool(tmp_path, content(2)))
    drive.plan(Kind.MEDIA, Effect.RESET, skip=1, times=99)
    await fails(read_all(target, stored.id), TargetReason.UNREACHABLE)


async def test_what_is_not_there_is_gone(drive: RunningDrive) -> None:
    await fails(read_all(drive.target(), "nothing"), TargetReason.GONE)


async def test_another_account_s_file_is_gone(drive: RunningDrive, tmp_path: Path) -> None:
    stored = await drive.target().store(NAME, LABELS, spool(tmp_path, content(1)))
    other = drive.target(drive.grant("bob@example.com"))
    await fails(read_all(other, stored.id), TargetReason.GONE)
    await other.delete(stored.id)
    assert len(drive.files()) == 1


async def test_a_reader_may_stop_in_the_middle(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    stored = await target.store(NAME, LABELS, spool(tmp_path, content(3)))
    pieces = target.read(stored.id)
    assert await anext(pieces) == content(3)[: 256 * 1024]
    await pieces.aclose()
    assert drive.calls(Kind.MEDIA) == 1
