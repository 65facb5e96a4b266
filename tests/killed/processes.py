"""How does a test kill what really runs? It starts the command as a process of its own, waits for a state, and sends SIGKILL.

Nothing here waits for a time: what is to be killed stands still where it was held, by a pipe that nobody fills, a lock, or a Drive that
does not answer.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backups.household import PASSPHRASE, Installation
from runtime.probes import child_environment
from up.stack import SETTING_PREFIXES

DEADLINE_S, PAUSE_S = 120.0, 0.02


class Running:
    """A process, and what it has said."""

    def __init__(self, words: list[str], environment: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as output:
            self._popen = subprocess.Popen(words, env=environment, stdout=output, stderr=output)

    def said(self) -> str:
        return self._log.read_text()

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert self._popen.poll() is None, f"it ended with {self._popen.returncode} before {what}:\n{self.said()}"
            assert time.monotonic() < end, f"did not happen: {what}\n{self.said()}"
            await asyncio.sleep(PAUSE_S)

    async def until_said(self, text: str) -> None:
        await self.until(lambda: text in self.said(), f"it said {text}")

    def kill(self) -> None:
        self._popen.send_signal(signal.SIGKILL)
        assert self._popen.wait(DEADLINE_S) == -signal.SIGKILL, self.said()

    async def ended(self) -> int:
        return await asyncio.to_thread(self._popen.wait, DEADLINE_S)

    def close(self) -> None:
        if self._popen.poll() is None:
            self._popen.kill()
            self._popen.wait(DEADLINE_S)


@contextmanager
def started(here: Installation, *words: str, **settings: str) -> Iterator[Running]:
    """A command of an installation, or a program. Whatever it puts among temporary files is below the installation, too."""
    here.passphrase_file.write_text(PASSPHRASE)
    temporary = temporary_of(here)
    temporary.mkdir(exist_ok=True)
    inherited = {name: value for name, value in child_environment().items() if not name.startswith(SETTING_PREFIXES)}
    environment = inherited | here.environment() | {"TMPDIR": str(temporary), **settings}
    program = [] if words[0].endswith(".py") else ["-m", "tallystick"]
    running = Running([sys.executable, "-u", *program, *words], environment, here.data_dir.parent / "said.log")
    try:
        yield running
    finally:
        running.close()


def temporary_of(here: Installation) -> Path:
    return here.data_dir.parent / "temporary"


class Slow:
    """A pipe in the place of a file: whoever reads it stands still until somebody writes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(path)
        self._path = path
        self._go_on = threading.Event()
        self._thread: threading.Thread | None = None

    def feed(self, content: bytes, *, whole: bool) -> None:
        """In a thread, because a pipe takes only as much as is read. Not whole: whoever reads waits for the rest for ever."""

        def write() -> None:
            with suppress(BrokenPipeError), self._path.open("wb") as opened:
                opened.write(content)
                opened.flush()
                if not whole:
                    self._go_on.wait(DEADLINE_S)

        self._thread = threading.Thread(target=write)
        self._thread.start()

    def close(self) -> None:
        self._go_on.set()
        if self._thread:
            self._thread.join(DEADLINE_S)
        self._path.unlink(missing_ok=True)
