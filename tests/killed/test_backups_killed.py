"""What does kill -9 leave of a backup? Nothing that is taken for one, nothing that can be read, and the next one is made."""

from dataclasses import replace
from pathlib import Path

import pytest

from backups.household import PASSPHRASE
from killed.conftest import Settled
from killed.processes import Slow, started
from tallystick import app
from tallystick.backups import rules
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.targets.folder import FolderTarget
from tallystick.backups.whole.examining import examine_stream
from tallystick.config import Config
from turned_clock import TurnedClock

DAILY = Path(__file__).with_name("daily.py")
# It comes after all others, so all of them are written when it is asked for.
LAST_CONTENT = "ffffffff-ffff-4fff-bfff-ffffffffffff/ffffffff-ffff-4fff-bfff-ffffffffffff/000000"
WRITTEN_BYTES = 2**20
# A server that nobody calls.
NOWHERE = {"TALLYSTICK_LISTEN": "127.0.0.1:0", "TALLYSTICK_METRICS_LISTEN": "127.0.0.1:0", "TALLYSTICK_DRAIN_S": "0"}


def partials_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.partial") if path.stat().st_size > WRITTEN_BYTES]


async def listed_in(folder: Path) -> list[str]:
    """The archives that a target has. Each is read to its end."""
    target = FolderTarget(folder)
    names = [stored.id async for stored in target.list({})]
    for name in names:
        await examine_stream(target.read(name), Passphrase(PASSPHRASE))
    return names


def runs_of(settled: Settled) -> list[int]:
    with settled.here.database.as_superuser() as connection:
        return [state for (state,) in connection.execute("SELECT state FROM backup_run")]


def forget_runs(settled: Settled) -> None:
    with settled.here.database.as_superuser() as connection:
        connection.execute("DELETE FROM backup_run")
        connection.execute("DELETE FROM job_run WHERE job LIKE 'backup%'")


async def test_a_backup_by_hand(settled: Settled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(settled.here.data_dir / "files" / LAST_CONTENT)
    secret = ("--passphrase-file", str(settled.here.passphrase_file))
    try:
        with started(settled.here, "backup", "--to", str(tmp_path), *secret) as running:
            await running.until(lambda: bool(partials_in(tmp_path)), "a good part of it is written")
            running.kill()
    finally:
        slow.close()
    assert partials_in(tmp_path), "it was killed in the middle"
    assert await listed_in(tmp_path) == []
    assert settled.in_plain() == []
    assert await settled.here.command(monkeypatch, "backup", "--to", tmp_path) == 0
    assert len(await listed_in(tmp_path)) == 1
    assert not partials_in(tmp_path), "what the killed one left is taken away by the next"


@pytest.mark.parametrize(
    ("moment", "listed"),
    [("tallystick.backups.targets.shelving._take_name", 0), ("tallystick.backups.job.examine_stream", 1)],
    ids=["before it has its name", "before it is read back"],
)
async def test_the_daily_backup(
    settled: Settled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, listed: int
) -> None:
    # Proofs by restoring have tests of their own.
    monkeypatch.setattr(rules, "is_proof_due", lambda *_: False)
    settings = {"TALLYSTICK_BACKUP_TO": str(tmp_path), "TALLYSTICK_BACKUP_PASSPHRASE": PASSPHRASE} | NOWHERE
    forget_runs(settled)
    with started(settled.here, str(DAILY), moment, **settings) as running:
        await running.until_said("held there")
        running.kill()
    assert len(await listed_in(tmp_path)) == listed, "whole, or not there"
    assert settled.in_plain() == []
    assert runs_of(settled) == [], "nobody says that it was made"
    # Somebody else makes it, when nobody can be at work on it any more.
    clock = TurnedClock()
    config = Config.read(settled.here.environment() | settings)
    with clock.later(hours=4):
        async with app.running(replace(config, jobs=False), clock) as server:
            assert server.backups.job is not None
            await server.backups.job.run()
    assert runs_of(settled) == [1]
    assert len(await listed_in(tmp_path)) == listed + 1
    assert not [*tmp_path.glob(".*.partial")]
