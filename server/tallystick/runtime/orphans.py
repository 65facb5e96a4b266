"""Which processes still work on a cluster, and how they are ended without ever touching anyone else's.

Only called while the directory lock is held: then no living supervisor can own what is found here.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
PROGRAM = "postgres"
PID_FILE = "postmaster.pid"
FAST_TIMEOUT_S = 60.0
IMMEDIATE_TIMEOUT_S = 10.0
KILL_TIMEOUT_S = 10.0
POLL_INTERVAL_S = 0.02
# The pid file's start time is taken a moment after the process began. A process that took over a used number
# began later.
START_TIME_SLACK_S = 5.0


@dataclass(frozen=True)
class ServerProcess:
    pid: int
    is_postmaster: bool


def list_server_processes(cluster_dir: Path) -> list[ServerProcess]:
    """Every living PostgreSQL process of this cluster, postmaster first.

    Identified by program and working directory, which a postmaster and its children keep in the cluster; not
    by the pid file, which may be stale, name somebody else by now, or be missing. Zombies have no program.
    """
    if sys.platform != "linux":
        return _list_without_proc(cluster_dir)
    place = cluster_dir.stat()
    found = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and _works_on(entry, cluster_dir, (place.st_dev, place.st_ino)):
            found[int(entry.name)] = _parent_pid(entry)
    processes = [ServerProcess(pid, parent not in found) for pid, parent in found.items()]
    return sorted(processes, key=lambda process: not process.is_postmaster)


def _works_on(entry: Path, cluster_dir: Path, place: tuple[int, int]) -> bool:
    try:
        program = (entry / "exe").readlink().name.removesuffix(" (deleted)")
        current = (entry / "cwd").stat()
    except PermissionError:
        # Root in a container without CAP_SYS_PTRACE sees another account's words, but not its links.
        return _says_it_works_on(entry, cluster_dir)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return program == PROGRAM and (current.st_dev, current.st_ino) == place


def _says_it_works_on(entry: Path, cluster_dir: Path) -> bool:
    try:
        words = (entry / "cmdline").read_bytes().split(b"\0")
        started_at = _started_at(entry)
    except (PermissionError, FileNotFoundError, ProcessLookupError):
        return False
    is_ours = Path(os.fsdecode(words[0])).name == PROGRAM and os.fsencode(cluster_dir) in words
    recorded = _recorded_start(cluster_dir)
    return is_ours and (recorded is None or started_at <= recorded + START_TIME_SLACK_S)


def _started_at(entry: Path) -> float:
    """Seconds since the epoch."""
    ticks = int((entry / "stat").read_text().rpartition(")")[2].split()[19])
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + ticks / os.sysconf("SC_CLK_TCK")


def _recorded_start(cluster_dir: Path) -> float | None:
    try:
        lines = (cluster_dir / PID_FILE).read_text().splitlines()
        return float(lines[2])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _parent_pid(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _list_without_proc(cluster_dir: Path) -> list[ServerProcess]:
    """Where there is no /proc (macOS): the recorded pid, if that process says it serves this directory."""
    try:
        pid = int((cluster_dir / PID_FILE).read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return []
    said = subprocess.run(  # noqa: S603  # Fixed words and a number.
        ["/bin/ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    is_ours = PROGRAM in said.stdout and str(cluster_dir) in said.stdout
    return [ServerProcess(pid, is_postmaster=True)] if is_ours else []


async def end_server_processes(cluster_dir: Path, *, fast_timeout_s: float = FAST_TIMEOUT_S) -> int:
    """End what works on the cluster, in order if possible. Answers how many there were."""
    first_seen = list_server_processes(cluster_dir)
    for signal_number, timeout_s in (
        (signal.SIGINT, fast_timeout_s),
        (signal.SIGQUIT, IMMEDIATE_TIMEOUT_S),
        (signal.SIGKILL, KILL_TIMEOUT_S),
    ):
        remaining = list_server_processes(cluster_dir)
        if not remaining:
            break
        # A postmaster ends its children itself. Backends whose postmaster is dead count as heads of their own
        # here: SIGINT only cancels their query, SIGQUIT ends them.
        for process in remaining:
            if process.is_postmaster or signal_number == signal.SIGKILL:
                _signal_if_ours(process.pid, signal_number, cluster_dir)
        await _wait_until_none(cluster_dir, timeout_s)
    return len(first_seen)


async def _wait_until_none(cluster_dir: Path, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while list_server_processes(cluster_dir):
        if time.monotonic() > deadline:
            return
        await asyncio.sleep(POLL_INTERVAL_S)


def _signal_if_ours(pid: int, signal_number: int, cluster_dir: Path) -> None:
    """Look again after taking a handle on the process, so that a reused number can never be hit."""
    if not hasattr(os, "pidfd_open"):
        if pid in {process.pid for process in list_server_processes(cluster_dir)}:
            os.kill(pid, signal_number)
        return
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if pid in {process.pid for process in list_server_processes(cluster_dir)}:
            signal.pidfd_send_signal(handle, signal_number)
    except ProcessLookupError:
        return
    finally:
        os.close(handle)
