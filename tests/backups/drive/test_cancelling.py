"""Does whoever is told to stop, stop soon, and does the server go on meanwhile?"""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from backups.drive.cases import LABELS, NAME, content, within_patience
from backups.drive.faults import Effect, Kind
from backups.drive.running import RunningDrive, spool
from tallystick.backups.targets.drive import connection
from tallystick.backups.targets.drive.drive import DriveTarget
from tallystick.backups.targets.remembering import Remembering


@pytest.mark.parametrize("kind", [Kind.LIST, Kind.BEGIN, Kind.CHUNK], ids=lambda kind: kind.name)
async def test_a_step_under_way_is_cut_off(
    drive: RunningDrive, tmp_path: Path, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing but being cut off ends it before the test loses patience.
    monkeypatch.setattr(connection, "LEAVE_S", 600.0)
    held, target = drive.plan(kind, Effect.HOLD), drive.target()
    patient = DriveTarget(replace(target.line, timeout_s=600.0), target.progress, chunk_bytes=target.chunk_bytes)
    storing = asyncio.create_task(patient.store(NAME, LABELS, spool(tmp_path, content(2))))
    # The server goes on: this would not return if the loop were blocked.
    await within_patience(asyncio.to_thread(held.reached.wait))
    storing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await within_patience(storing)
    # It was cut off while the Drive said nothing, and its thread went with it.
    assert not held.let_go.is_set()
    await within_patience(_until_no_thread())
    assert drive.files() == []


async def _until_no_thread() -> None:
    while any(thread.name.startswith("drive_") for thread in threading.enumerate()):
        await asyncio.sleep(0.01)


async def test_a_pause_is_cut_off(drive: RunningDrive, tmp_path: Path) -> None:
    napping = asyncio.Event()

    async def nap(seconds: float) -> None:
        napping.set()
        await asyncio.Event().wait()

    drive.naps = nap  # type: ignore[assignment]  # one that never ends
    drive.plan(Kind.CHUNK, times=99)
    storing = asyncio.create_task(drive.target().store(NAME, LABELS, spool(tmp_path, content(2))))
    await within_patience(napping.wait())
    storing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await within_patience(storing)


async def test_whoever_says_nothing_is_asked_again(drive: RunningDrive, tmp_path: Path) -> None:
    """A step has an end also when nobody cancels it."""
    target = drive.target()
    impatient = DriveTarget(replace(target.line, timeout_s=1.0), target.progress, chunk_bytes=target.chunk_bytes)
    held = drive.plan(Kind.CHUNK, Effect.HOLD)
    await impatient.store(NAME, LABELS, spool(tmp_path, content(2)))
    assert not held.let_go.is_set()
    assert len(drive.files()) == 1


async def test_a_connection_that_broke_is_not_used_again(drive: RunningDrive) -> None:
    """What comes late on it would be taken for the answer to the next question."""

    def breaks(_: object) -> None:
        raise TimeoutError

    async with drive.target().line.connected() as open_connection:
        await open_connection.run(lambda service: service.about.get(fields="user").execute())
        assert open_connection._http.connections
        with pytest.raises(TimeoutError):
            await open_connection.run(breaks)
        assert not open_connection._http.connections


async def test_several_at_once_do_not_meet(drive: RunningDrive, tmp_path: Path) -> None:
    target = drive.target()
    await target.check()
    sources = [spool(tmp_path, content(1.5, each), str(each)) for each in range(5)]
    await asyncio.gather(
        *(target.store(NAME, {**LABELS, "run_id": str(each)}, source) for each, source in enumerate(sources))
    )
    assert sorted(file.content for file in drive.files()) == sorted(content(1.5, each) for each in range(5))


async def test_what_was_cut_off_is_gone_on_with(drive: RunningDrive, tmp_path: Path) -> None:
    grant, progress, source = drive.grant(), Remembering(), spool(tmp_path, content(3))
    held = drive.plan(Kind.CHUNK, Effect.HOLD, skip=1)
    storing = asyncio.create_task(drive.target(grant, progress).store(NAME, LABELS, source))
    await within_patience(asyncio.to_thread(held.reached.wait))
    storing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await within_patience(storing)
    drive.mend()
    await drive.target(grant, progress).store(NAME, LABELS, source)
    assert drive.calls(Kind.BEGIN) == 1
    assert [file.content for file in drive.files()] == [content(3)]
