"""How one child process is started, watched, signalled and never lost."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO

from tallystick.runtime import exec_child
from tallystick.runtime.account import Account

PRIVATE_UMASK = 0o077
ORDINARY_UMASK = 0o022


class Spawner:
    """One thread that starts every child and lives as long as this process.

    The kernel sends a child's death signal when the *thread* that started it ends. A thread of our own keeps
    a child independent of whoever happened to call, and ends with the interpreter: then the children go too.
    """

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spawner")

    def start(self, launch: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        return self._thread.submit(launch).result()


_spawner = Spawner()
# A forked copy of us has the object, but not the thread.
os.register_at_fork(after_in_child=_spawner.renew)


class ChildProcess:
    """A child in its own session, reaped by a thread of its own."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self.pid = popen.pid
        self._popen = popen
        self._lock = threading.Lock()
        self._exit: Future[int] = Future()
        # A running future cannot be cancelled, so a cancelled waiter cannot spoil it for the others.
        self._exit.set_running_or_notify_cancel()
        threading.Thread(target=self._reap, name=f"reaper-{popen.pid}", daemon=True).start()

    @property
    def exit_code(self) -> int | None:
        """As subprocess gives it: negative for a signal, None while it runs."""
        return self._exit.result() if self._exit.done() else None

    async def wait(self) -> int:
        return await asyncio.wrap_future(self._exit)

    async def wait_at_most(self, timeout_s: float) -> bool:
        """True if it ended within the time."""
        try:
            await asyncio.wait_for(self.wait(), timeout_s)
        except TimeoutError:
            return False
        return True

    def send(self, signal_number: int) -> None:
        with self._lock:
            if self._popen.returncode is None:
                os.kill(self.pid, signal_number)

    def feed(self, text: bytes) -> None:
        """Everything the child will ever read on its standard input."""
        if self._popen.stdin is not None:
            self._popen.stdin.write(text)
            self._popen.stdin.close()

    async def stop(self, *steps: tuple[int, float]) -> int:
        """Send each signal and give it its seconds; whoever is left in the group then dies."""
        for signal_number, timeout_s in steps:
            self.send(signal_number)
            if await self.wait_at_most(timeout_s):
                break
        else:
            with self._lock:
                if self._popen.returncode is None:
                    _kill_group(self.pid)
        return await self.wait()

    def _reap(self) -> None:
        if hasattr(os, "waitid"):
            # While the leader is an unreaped zombie its group number cannot be given to anyone else.
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
            _kill_group(self.pid)
        else:
            self._popen.wait()
        with self._lock:
            code = self._popen.wait()
        self._exit.set_result(code)


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # Gone, or (macOS) nothing but the zombie is left in it.
        return


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    death_signal: int,
    account: Account | None = None,
    cwd: Path = Path("/"),
    umask: int = ORDINARY_UMASK,
    output: IO[bytes] | int | None = None,
    stdin: int = subprocess.DEVNULL,
) -> ChildProcess:
    """Start a program that gets `death_signal` when this process dies (Linux), whatever kills it.

    Not a coroutine on purpose: nothing can be cancelled between the fork and the child having an owner.
    """
    spec = {
        "parent_pid": os.getpid(),
        "death_signal": death_signal,
        "uid": account.uid if account else None,
        "gid": account.gid if account else None,
        "cwd": str(cwd),
        "umask": umask,
        "reach": None,
    }
    command = [sys.executable, "-I", "-S", exec_child.__file__, json.dumps(spec), *argv]

    def launch() -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  # The words come from our own descriptions of children.
            command,
            env=dict(env),
            stdin=stdin,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
        )

    return ChildProcess(_spawner.start(launch))
