"""How a cluster directory comes into being, whole or not at all, and whether these programs may open it."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from tallystick.durable import sync_directory
from tallystick.runtime.account import Account
from tallystick.runtime.binaries import get_major_version
from tallystick.runtime.errors import PostgresDidNotStart, WrongPostgresVersion
from tallystick.runtime.log_file import RotatedLog
from tallystick.runtime.orphans import end_server_processes
from tallystick.runtime.process import PRIVATE_UMASK, ChildProcess, spawn

CLUSTER_DIR = "cluster"
LOG_DIR = "log"
PARTIAL_DIR = "cluster.partial"
PWFILE = "initdb-pwfile"
INITDB_LOG = "initdb.log"
SUPERUSER = "postgres"
# A clean environment: no PG* variable of the caller may point our programs elsewhere or change the language.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def require_same_version(cluster_dir: Path, bin_dir: Path) -> None:
    found = (cluster_dir / "PG_VERSION").read_text().strip()
    expected = get_major_version(bin_dir)
    if found != expected:
        raise WrongPostgresVersion(cluster_dir, found, expected)


async def make_cluster(data_dir: Path, bin_dir: Path, account: Account | None, password: str, timeout_s: float) -> None:
    """initdb into a partial directory, renamed when complete: a kill in between leaves nothing half-made."""
    partial = data_dir / PARTIAL_DIR
    if partial.exists():
        await end_server_processes(partial, fast_timeout_s=0)
        shutil.rmtree(partial)
    partial.mkdir(mode=0o700)
    pwfile = data_dir / PWFILE
    pwfile.unlink(missing_ok=True)
    try:
        _write_private(pwfile, password)
        if account is not None:
            for path in (partial, pwfile):
                os.chown(path, account.uid, account.gid)
        await _run_initdb(data_dir, bin_dir, account, timeout_s)
    finally:
        pwfile.unlink(missing_ok=True)
    partial.rename(data_dir / CLUSTER_DIR)
    sync_directory(data_dir)


async def _run_initdb(data_dir: Path, bin_dir: Path, account: Account | None, timeout_s: float) -> None:
    with (data_dir / LOG_DIR / INITDB_LOG).open("wb") as log:
        child = spawn(
            compose_initdb(bin_dir, data_dir),
            env=ENVIRONMENT,
            death_signal=signal.SIGKILL,
            account=account,
            umask=PRIVATE_UMASK,
            output=log,
        )
    await finish(child, "initdb", data_dir, timeout_s)


def compose_initdb(bin_dir: Path, data_dir: Path) -> list[str]:
    # The operating system's locale stays C, which exists everywhere; the rules for text come with PostgreSQL.
    return [
        str(bin_dir / "initdb"),
        f"--pgdata={data_dir / PARTIAL_DIR}",
        f"--username={SUPERUSER}",
        f"--pwfile={data_dir / PWFILE}",
        "--auth-local=scram-sha-256",
        "--auth-host=reject",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--data-checksums",
    ]


async def reset_superuser_password(
    data_dir: Path, bin_dir: Path, account: Account | None, password: str, timeout_s: float
) -> None:
    """Let ourselves in again when the password file is gone: whoever owns the files owns the cluster."""
    with (data_dir / LOG_DIR / INITDB_LOG).open("wb") as log:
        child = spawn(
            [str(bin_dir / "postgres"), "--single", "-D", str(data_dir / CLUSTER_DIR), "postgres"],
            env=ENVIRONMENT,
            death_signal=signal.SIGKILL,
            account=account,
            umask=PRIVATE_UMASK,
            output=log,
            stdin=subprocess.PIPE,
        )
    child.feed(f"ALTER ROLE {SUPERUSER} PASSWORD '{password}'\n".encode())
    await finish(child, "postgres --single", data_dir, timeout_s)


async def finish(child: ChildProcess, name: str, data_dir: Path, timeout_s: float) -> None:
    """Wait for a program that runs to its end."""
    try:
        in_time = await child.wait_at_most(timeout_s)
    finally:
        code = await child.stop()
    if not in_time or code != 0:
        what = f"{name} ended with {code}." if in_time else f"{name} did not end within {timeout_s:g} s."
        raise PostgresDidNotStart(
            what, exit_code=code, log_tail=RotatedLog(data_dir / LOG_DIR / INITDB_LOG).read_tail()
        )


def _write_private(path: Path, text: str) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(text)
