"""What the runtime tests look at: processes, permissions, rows, and programs run as somebody else."""

import contextlib
import json
import os
import pwd
import shutil
import site
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

import tallystick

SERVER_DIR = Path(tallystick.__file__).parent.parent
PARENT_SCRIPT = Path(__file__).with_name("parent.py")
DEADLINE_S = 20.0
POLL_S = 0.02
MEMORY_MIN_BYTES = 2 * 1024**3
IS_ROOT = os.geteuid() == 0

needs_root = pytest.mark.skipif(not IS_ROOT, reason="needs root: an ordinary user cannot become another one")


def until(condition: Callable[[], bool], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Wait for a state of the world, and fail by name when it does not come."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"did not happen within {deadline_s:g} s: {what}")
        time.sleep(POLL_S)


def is_alive(pid: int) -> bool:
    """Running; a zombie that nobody has reaped yet is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def list_processes_naming(text: str) -> list[int]:
    """Every living process whose command line or working directory speaks of this test's directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
            if (text in words or text in str((entry / "cwd").readlink())) and is_alive(int(entry.name)):
                found.append(int(entry.name))
    return found


def list_children(pid: int) -> list[int]:
    """By asking every process for its parent: the kernel's own list of children may leave some out."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if int(parent) == pid and state != "Z":
                    found.append(int(entry.name))
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def open_directory() -> Iterator[Path]:
    """A directory that every account can pass through, unlike root's own temporary ones."""
    made = Path(tempfile.mkdtemp(prefix="tsr-", dir=choose_fast_directory()))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made)


def choose_fast_directory() -> Path | None:
    """Memory if there is plenty of it: a cluster is a thousand files. Killing loses nothing there either."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        return None
    state = os.statvfs(memory)
    roomy = state.f_bavail * state.f_frsize > MEMORY_MIN_BYTES
    return memory if roomy and not state.f_flag & os.ST_NOEXEC else None


def permissions(path: Path) -> dict[str, tuple[int, int, int]]:
    """Mode and owner of a path and everything above it."""
    found = {}
    for part in (path, *path.parents):
        state = part.stat()
        found[str(part)] = (state.st_mode, state.st_uid, state.st_gid)
    return found


def count_rows(dsn: str) -> tuple[int, int]:
    """How many rows the writer left, and the highest number among them."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*), coalesce(max(id), 0) FROM written").fetchone()
    assert row is not None
    return row[0], row[1]


class Parent:
    """A Python process that runs an EmbeddedPostgres, writes rows, and tells what was acknowledged."""

    def __init__(
        self,
        data_dir: Path,
        *,
        command: list[str] | None = None,
        script: Path = PARENT_SCRIPT,
        **options: Any,
    ) -> None:
        argv = [
            *(command or [sys.executable]),
            str(script),
            json.dumps({"data_dir": str(data_dir), **options}),
        ]
        self._said: list[dict[str, Any]] = []
        self._words = tempfile.NamedTemporaryFile(prefix="tsr-parent-")  # noqa: SIM115  # Closed in `close`.
        self.popen = subprocess.Popen(argv, stdout=self._words, env=child_environment(), start_new_session=True)

    @property
    def pid(self) -> int:
        return self.popen.pid

    def said(self, word: str) -> list[Any]:
        lines = Path(self._words.name).read_text().splitlines(keepends=True)
        spoken = [json.loads(line) for line in lines if line.endswith("\n")]
        return [line[word] for line in spoken if word in line]

    def wait_for(self, word: str) -> Any:
        def spoken_or_over() -> bool:
            return bool(self.said(word)) or self.popen.poll() is not None

        until(spoken_or_over, f"the parent says {word}")
        assert self.said(word), f"the parent ended with {self.popen.returncode} before it said {word}"
        return self.said(word)[-1]

    def wait_for_writes(self, at_least: int = 20) -> None:
        until(lambda: len(self.said("written")) >= at_least, "rows are written")

    def end(self, signal_number: int) -> int:
        self.popen.send_signal(signal_number)
        return self.popen.wait(DEADLINE_S)

    def close(self) -> None:
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait(DEADLINE_S)
        self._words.close()


def child_environment() -> dict[str, str]:
    places = [
        str(SERVER_DIR),
        str(PARENT_SCRIPT.parent),
        *site.getsitepackages(),
        *[p for p in sys.path if p],
    ]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(places))}


def compose_command_as(account: str) -> list[str]:
    """An interpreter of this version, run as another account, which may be unable to reach ours."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    entry = pwd.getpwnam(account)
    switch = [
        "setpriv",
        f"--reuid={entry.pw_uid}",
        f"--regid={entry.pw_gid}",
        "--clear-groups",
        "--inh-caps=-all",
    ]
    for interpreter in (sys.executable, f"/usr/bin/{name}", f"/usr/local/bin/{name}"):
        # Through env, so that the account opens the interpreter, and not setpriv, which still is root.
        command = [*switch, "env", interpreter]
        tried = subprocess.run(
            [*command, "-c", "import psycopg"], env=child_environment(), cwd="/", capture_output=True, check=False
        )
        if tried.returncode == 0:
            return command
    pytest.skip(f"{account} can reach no {name}: the one running the tests is in a closed directory")
