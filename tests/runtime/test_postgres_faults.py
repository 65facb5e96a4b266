"""What must survive: whatever is killed, and whatever is left lying about, nothing acknowledged is lost."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from runtime.probes import IS_ROOT, Parent, count_rows, is_alive, list_processes_naming, until
from tallystick.runtime import exec_child
from tallystick.runtime import postgres as postgres_module
from tallystick.runtime.account import choose_account
from tallystick.runtime.binaries import find_packaged_bin_dir
from tallystick.runtime.cluster import make_cluster
from tallystick.runtime.data_dir import make_data_dir
from tallystick.runtime.errors import DataDirectoryInUse, PostgresDidNotStart
from tallystick.runtime.orphans import list_server_processes
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.process import spawn

OTHER_DEFAULT_TIMEOUT_S = 10.5

StartParent = Callable[..., Parent]


@pytest.fixture
def start_parent() -> Iterator[StartParent]:
    parents: list[Parent] = []

    def start(data_dir: Path, **options: Any) -> Parent:
        parents.append(Parent(data_dir, **options))
        return parents[-1]

    yield start
    for parent in parents:
        parent.close()


def as_server_account(argv: list[str], data_dir: Path) -> subprocess.Popen[bytes]:
    """A process of the account that owns the cluster, whose stale pid PostgreSQL itself would believe."""
    account = choose_account(data_dir / "cluster", None)
    if account is None:
        return subprocess.Popen(argv, cwd="/")
    return subprocess.Popen(argv, cwd="/", user=account.uid, group=account.gid, extra_groups=[])


def write_stale_pid_file(data_dir: Path, pid: int) -> None:
    lines = [
        str(pid),
        str(data_dir / "cluster"),
        "1700000000",
        "5432",
        str(data_dir / "run"),
        "",
        "  1234 56",
        "ready",
    ]
    (data_dir / "cluster" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    (data_dir / "run").mkdir(mode=0o700, exist_ok=True)
    (data_dir / "run" / ".s.PGSQL.5432.lock").write_text("\n".join(lines) + "\n")
    shutil.copystat(data_dir / "cluster", data_dir / "run")
    if IS_ROOT:
        state = (data_dir / "cluster").stat()
        for path in (
            data_dir / "cluster" / "postmaster.pid",
            data_dir / "run",
            *(data_dir / "run").iterdir(),
        ):
            os.chown(path, state.st_uid, state.st_gid)


async def require_rows(data_dir: Path, acknowledged: int) -> None:
    async with EmbeddedPostgres(data_dir) as postgres:
        rows, highest = count_rows(postgres.owner_dsn)
    assert highest >= acknowledged
    # No hole: each row was written after the one before it was acknowledged.
    assert rows == highest


def test_a_stale_pid_that_lives_again_as_another_program_is_not_believed_and_not_touched(
    data_dir: Path,
) -> None:
    stranger = as_server_account(["/bin/sleep", "600"], data_dir)
    try:
        write_stale_pid_file(data_dir, stranger.pid)

        async def scenario() -> None:
            async with EmbeddedPostgres(data_dir) as postgres:
                assert postgres.pid != stranger.pid

        asyncio.run(scenario())
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_stale_pid_that_lives_again_as_the_postgres_of_another_directory_is_not_touched(
    template: Path, data_dir: Path, place: Path
) -> None:
    subprocess.run(["cp", "-a", str(template), str(place / "other")], check=True)

    async def scenario() -> None:
        async with EmbeddedPostgres(place / "other") as other:
            write_stale_pid_file(data_dir, other.pid)
            async with EmbeddedPostgres(data_dir) as postgres:
                assert postgres.pid != other.pid
            assert is_alive(other.pid)
            with psycopg.connect(other.app_dsn) as connection:
                connection.execute("SELECT 1")

    asyncio.run(scenario())


def test_somebody_else_at_work_in_the_cluster_directory_is_not_touched(data_dir: Path) -> None:
    stranger = subprocess.Popen(["/bin/sleep", "600"], cwd=data_dir / "cluster")
    try:
        write_stale_pid_file(data_dir, stranger.pid)
        asyncio.run(require_start(data_dir))
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_postmaster_left_without_supervisor_is_taken_over(data_dir: Path) -> None:
    orphan = start_bare_postgres(data_dir)
    try:
        until(lambda: bool(list_server_processes(data_dir / "cluster")), "the orphan runs")
        until((data_dir / ".s.PGSQL.5432").exists, "the orphan listens")
        asyncio.run(require_start(data_dir))
        assert orphan.wait(5) == 0
    finally:
        orphan.kill()


def test_a_postmaster_whose_pid_file_is_gone_is_still_found(data_dir: Path) -> None:
    orphan = start_bare_postgres(data_dir)
    try:
        until((data_dir / ".s.PGSQL.5432").exists, "the orphan listens")
        (data_dir / "cluster" / "postmaster.pid").unlink()
        asyncio.run(require_start(data_dir))
        orphan.wait(5)
    finally:
        orphan.kill()


def start_bare_postgres(data_dir: Path) -> subprocess.Popen[bytes]:
    cluster = data_dir / "cluster"
    if IS_ROOT:
        state = cluster.stat()
        os.chown(data_dir, state.st_uid, state.st_gid)
    return as_server_account(
        [
            str(find_packaged_bin_dir() / "postgres"),
            "-D",
            str(cluster),
            "-k",
            str(data_dir),
            "-c",
            "listen_addresses=",
        ],
        data_dir,
    )


async def require_start(data_dir: Path) -> None:
    async with EmbeddedPostgres(data_dir) as postgres:
        with psycopg.connect(postgres.app_dsn) as connection:
            connection.execute("SELECT 1")


def test_kill_9_of_the_parent_while_writing_leaves_no_postgres_and_loses_nothing(
    data_dir: Path, start_parent: StartParent
) -> None:
    parent = start_parent(data_dir)
    parent.wait_for_writes()
    parent.end(signal.SIGKILL)
    until(lambda: not list_processes_naming(str(data_dir)), "postgres follows its parent")
    asyncio.run(require_rows(data_dir, parent.said("written")[-1]))


def test_start_waits_for_a_postgres_that_is_still_shutting_down(data_dir: Path, start_parent: StartParent) -> None:
    parent = start_parent(data_dir)
    parent.wait_for_writes()
    parent.end(signal.SIGKILL)
    asyncio.run(require_rows(data_dir, parent.said("written")[-1]))


@pytest.mark.parametrize("stops_in_order", [True, False])
def test_sigterm_of_the_parent_leaves_no_postgres_and_loses_nothing(
    data_dir: Path, start_parent: StartParent, stops_in_order: bool
) -> None:
    parent = start_parent(data_dir, stops_in_order=stops_in_order)
    parent.wait_for_writes()
    assert parent.end(signal.SIGTERM) == (0 if stops_in_order else -signal.SIGTERM)
    until(lambda: not list_processes_naming(str(data_dir)), "postgres has ended")
    asyncio.run(require_rows(data_dir, parent.said("written")[-1]))


def test_kill_9_of_the_postmaster_while_writing_can_be_started_again_by_the_same_parent(
    data_dir: Path,
) -> None:
    async def scenario() -> None:
        postgres = EmbeddedPostgres(data_dir)
        await postgres.start()
        address = postgres.owner_dsn
        acknowledged = await write_until_it_breaks(postgres)
        assert await postgres.wait() == -signal.SIGKILL
        await postgres.start()
        assert postgres.owner_dsn == address
        rows, highest = count_rows(address)
        assert highest >= acknowledged
        assert rows == highest
        await postgres.stop()

    asyncio.run(scenario())


async def write_until_it_breaks(postgres: EmbeddedPostgres) -> int:
    """Write, kill the postmaster in the middle, and answer the last acknowledged row."""
    acknowledged: list[int] = []

    async def write(connection: psycopg.AsyncConnection) -> None:
        while True:
            await connection.execute("INSERT INTO written (id) VALUES (%s)", [len(acknowledged) + 1])
            acknowledged.append(len(acknowledged) + 1)
            if len(acknowledged) == 50:
                os.kill(postgres.pid, signal.SIGKILL)

    async with await psycopg.AsyncConnection.connect(postgres.owner_dsn, autocommit=True) as connection:
        await connection.execute("CREATE TABLE written (id bigint PRIMARY KEY)")
        with pytest.raises(psycopg.OperationalError):
            await write(connection)
    return acknowledged[-1]


def test_kill_9_of_parent_and_postmaster_loses_nothing(data_dir: Path, start_parent: StartParent) -> None:
    parent = start_parent(data_dir)
    parent.wait_for_writes()
    os.kill(parent.wait_for("pid"), signal.SIGKILL)
    parent.end(signal.SIGKILL)
    asyncio.run(require_rows(data_dir, parent.said("written")[-1]))


def test_kill_9_of_every_server_process_loses_nothing(data_dir: Path, start_parent: StartParent) -> None:
    parent = start_parent(data_dir)
    parent.wait_for_writes()
    for process in list_server_processes(data_dir / "cluster"):
        os.kill(process.pid, signal.SIGKILL)
    parent.popen.wait(20)
    asyncio.run(require_rows(data_dir, parent.said("written")[-1]))


def test_start_refuses_a_directory_that_another_process_holds(data_dir: Path, start_parent: StartParent) -> None:
    parent = start_parent(data_dir, idle=True)
    pid = parent.wait_for("pid")
    with pytest.raises(DataDirectoryInUse) as refused:
        asyncio.run(EmbeddedPostgres(data_dir).start())
    assert refused.value.holder_pid == parent.pid
    assert is_alive(pid)


def test_a_held_directory_is_free_again_after_kill_9_of_its_holder(data_dir: Path, start_parent: StartParent) -> None:
    parent = start_parent(data_dir, idle=True)
    parent.wait_for("pid")
    parent.end(signal.SIGKILL)
    asyncio.run(require_start(data_dir))


def test_kill_9_during_the_first_start_leaves_nothing_half_made(place: Path, start_parent: StartParent) -> None:
    data_dir = place / "data"
    parent = start_parent(data_dir)
    until((data_dir / "cluster.partial" / "PG_VERSION").exists, "initdb is at work")
    parent.end(signal.SIGKILL)
    assert not (data_dir / "cluster").exists()
    asyncio.run(require_start(data_dir))
    assert not (data_dir / "cluster.partial").exists()


def test_a_start_slower_than_ten_seconds_does_not_fail(data_dir: Path, place: Path) -> None:
    slow = make_slow_programs(place / "slow", OTHER_DEFAULT_TIMEOUT_S)

    async def scenario() -> None:
        async with EmbeddedPostgres(data_dir, bin_dir=slow) as postgres:
            with psycopg.connect(postgres.app_dsn) as connection:
                connection.execute("SELECT 1")

    asyncio.run(scenario())


def test_a_start_beyond_its_limit_fails_and_leaves_nothing(
    data_dir: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The shell that delays the start is deaf to every signal but SIGKILL, which reaches its whole group.
    slow = make_slow_programs(place / "slow", 600)
    monkeypatch.setattr(postgres_module, "ABANDON_TIMEOUT_S", 0.2)
    monkeypatch.setattr(postgres_module, "STOP_IMMEDIATE_TIMEOUT_S", 0.2)
    with pytest.raises(PostgresDidNotStart) as failed:
        asyncio.run(EmbeddedPostgres(data_dir, bin_dir=slow, start_timeout_s=0.3).start())
    assert failed.value.exit_code is None
    until(lambda: not list_processes_naming(str(place)), "the slow program has ended too")


def make_slow_programs(directory: Path, delay_s: float) -> Path:
    """Real programs, of which the server takes its time before it begins."""
    directory.mkdir()
    real = find_packaged_bin_dir()
    (directory / "initdb").symlink_to(real / "initdb")
    script = f'#!/bin/sh\n[ "$1" = --version ] || sleep {delay_s}\nexec {real}/postgres "$@"\n'
    (directory / "postgres").write_text(script)
    (directory / "postgres").chmod(0o755)
    return directory


def test_a_recovery_interrupted_by_kill_9_is_finished_by_the_next_start(
    data_dir: Path, start_parent: StartParent
) -> None:
    parent = start_parent(data_dir)
    parent.wait_for_writes(200)
    os.kill(parent.wait_for("pid"), signal.SIGKILL)
    parent.end(signal.SIGKILL)
    second = start_parent(data_dir, idle=True)
    second.wait_for("starting")
    until(lambda: bool(list_server_processes(data_dir / "cluster")), "recovery begins")
    second.end(signal.SIGKILL)
    asyncio.run(require_rows(data_dir, parent.said("written")[-1]))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells children of a parent's death only on Linux")
def test_a_child_whose_parent_died_before_it_could_ask_does_not_run(place: Path) -> None:
    # The spec names a parent that is not the one running it, which is what the child of a dead parent sees.
    spec = (
        '{"parent_pid": 1073741824, "death_signal": 9, "uid": null, "gid": null,'
        ' "cwd": "/", "umask": 18, "reach": null}'
    )
    marker = place / "ran"
    done = subprocess.run(
        [sys.executable, "-I", "-S", exec_child.__file__, spec, "/usr/bin/touch", str(marker)], check=False
    )
    assert done.returncode == exec_child.PARENT_IS_GONE
    assert not marker.exists()


def test_initdb_that_fails_tells_its_words_and_leaves_nothing(place: Path) -> None:
    programs = place / "bin"
    programs.mkdir()
    (programs / "postgres").symlink_to(find_packaged_bin_dir() / "postgres")
    (programs / "initdb").write_text("#!/bin/sh\necho the disk is full >&2\nexit 3\n")
    (programs / "initdb").chmod(0o755)
    account = choose_account(place / "data" / "cluster", None)
    make_data_dir(place / "data", account)
    (place / "data" / "log").mkdir()
    with pytest.raises(PostgresDidNotStart) as failed:
        asyncio.run(make_cluster(place / "data", programs, account, "secret", 20))
    assert failed.value.exit_code == 3
    assert "the disk is full" in failed.value.log_tail
    assert not (place / "data" / "cluster").exists()
    assert not (place / "data" / "initdb-password").exists()


def test_spawned_children_outlive_the_thread_that_asked_for_them() -> None:
    """A death signal belongs to the thread that forks: a pool of short threads must not kill PostgreSQL."""
    with ThreadPoolExecutor(1) as pool:
        child = pool.submit(lambda: spawn(["/bin/sleep", "600"], env={}, death_signal=signal.SIGKILL)).result()
        # Only now the signal has been asked for.
        until(lambda: Path(f"/proc/{child.pid}/comm").read_text() == "sleep\n", "the program runs")

    async def scenario() -> None:
        assert not await child.wait_at_most(0.3)
        assert await child.stop((signal.SIGTERM, 5)) == -signal.SIGTERM

    asyncio.run(scenario())
