"""What does a self-hoster run? `tallystick up` as a process of its own, in a directory of this test."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import randrange
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import grpc
import pytest

from runtime.probes import child_environment, list_children, list_processes_naming, open_directory, until
from tallystick.cli.database import EMBEDDED_NAME
from tallystick.runtime.credentials import find_credentials
from tallystick.runtime.postgres import compose_dsns
from tallystick.runtime.socket_dir import PREFERRED_NAME

START_TIMEOUT_S = 180.0
STOP_TIMEOUT_S = 30.0
PROBE_TIMEOUT_S = 5.0
LOG_TAIL_CHARS = 4000
# Below the ports that the kernel gives to outgoing connections: nobody takes one between our look and our use.
PORTS = (20_000, 32_000)
# A client whose server died for a moment comes back soon.
CHANNEL_OPTIONS = (("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 500))
# Gone from the environment of the tests, so that a developer's own settings change nothing.
SETTING_PREFIXES = ("TALLYSTICK_", "DATABASE_URL", "MIGRATION_DATABASE_URL")


class Stack:
    """One installation, running or not. The port stays the same over restarts, as an installation's does."""

    def __init__(self, place: Path, workers: int = 1, docs: Path | None = None) -> None:
        self.place = place
        # None: Envoy has hundreds of pages less to read at every start.
        self.docs = docs
        self.data_dir = place / "data"
        self.workers = workers
        ports = find_ports(1 + 2 * workers)
        self.port, self.worker_port, self.metrics_port = ports[0], ports[1], ports[1 + workers]
        # Who says otherwise runs another installation than the sources'.
        self.program = [sys.executable, "-m", "tallystick"]
        self._log_path = place / "up.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def pid(self) -> int:
        return self._require_process().pid

    def start(self) -> None:
        """Returns when Envoy answers with a healthy server behind it."""
        if self._process is not None:
            self._process.wait(STOP_TIMEOUT_S)
        self._process = self.launch(self._log_path)
        until(lambda: self.answers() or self.has_ended(), "Envoy answers", START_TIMEOUT_S)
        assert not self.has_ended(), f"`up` ended:\n{self.log()[-LOG_TAIL_CHARS:]}"

    def launch(self, log: Path, **settings: str) -> subprocess.Popen[bytes]:
        """One more `up` with these settings, which nobody waits for."""
        with log.open("ab") as output:
            return subprocess.Popen(
                [*self.program, "up"],
                env=self.environment() | settings,
                # Every process of the installation inherits it: so they are found.
                cwd=self.place,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def environment(self) -> dict[str, str]:
        inherited = {
            name: value for name, value in child_environment().items() if not name.startswith(SETTING_PREFIXES)
        }
        return inherited | {
            "TALLYSTICK_DATA_DIR": str(self.data_dir),
            "TALLYSTICK_HTTP_LISTEN": self.address,
            "TALLYSTICK_LISTEN": f"127.0.0.1:{self.worker_port}",
            "TALLYSTICK_METRICS_LISTEN": f"127.0.0.1:{self.metrics_port}",
            "TALLYSTICK_DOCS": str(self.docs or self.place / "no docs"),
            "TALLYSTICK_WORKERS": str(self.workers),
            "TALLYSTICK_BCRYPT_COST": "4",
            "TALLYSTICK_QUOTA_AN_HOUR": "1000000000",
            # A run of all tests takes longer than a token usually lasts.
            "TALLYSTICK_ACCESS_TOKEN_S": "3600",
            "TALLYSTICK_DRAIN_S": "0",
        }

    def stop(self, signal_number: int = signal.SIGINT) -> int:
        """As Ctrl-C does it. Returns the exit code."""
        process = self._require_process()
        process.send_signal(signal_number)
        return process.wait(STOP_TIMEOUT_S)

    def close(self) -> None:
        """For a test that failed half-way: nothing is left running, in whatever state it was."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)
        self.wait_until_nothing_is_left()

    def wait_until_nothing_is_left(self) -> None:
        until(lambda: not self.list_processes(), "every process of the installation has ended", STOP_TIMEOUT_S)

    def list_processes(self) -> list[int]:
        return list_processes_naming(str(self.place))

    def answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/v1/health", timeout=PROBE_TIMEOUT_S) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def is_whole(self) -> bool:
        """Every worker runs, and Envoy answers. With one of two workers Envoy answers, too."""
        try:
            self.count_calls("GetHealth")
        except (URLError, OSError):
            return False
        return self.answers()

    def children(self) -> dict[str, int]:
        """The direct children by what they are, as the kernel tells it: postgres, envoy, server:PORT."""
        found = {}
        for pid in list_children(self.pid):
            words = _words_of(pid)
            name = Path(words[0]).name
            if name in ("envoy", "postgres"):
                found[name] = pid
            elif words[-1] == "serve":
                found[f"server:{_setting_of(pid, 'TALLYSTICK_LISTEN').rpartition(':')[2]}"] = pid
        return found

    def count_calls(self, rpc: str) -> list[int]:
        """How many calls of an RPC each worker has answered so far, as its metrics say."""
        handled = re.compile(rf'^grpc_server_handled_total{{[^}}]*grpc_method="{rpc}"[^}}]*}} ([0-9.]+)$', re.MULTILINE)
        counts = []
        for number in range(self.workers):
            with urlopen(f"http://127.0.0.1:{self.metrics_port + number}/metrics", timeout=PROBE_TIMEOUT_S) as answer:
                counts.append(sum(int(float(count)) for count in handled.findall(answer.read().decode())))
        return counts

    def dsns(self) -> dict[str, str]:
        """How its PostgreSQL is reached, by role."""
        cluster = self.data_dir / EMBEDDED_NAME
        credentials = find_credentials(cluster)
        assert credentials is not None, "this installation was never started"
        return compose_dsns(cluster / PREFERRED_NAME, credentials)

    def log(self) -> str:
        return self._log_path.read_text()

    def log_lines(self) -> list[dict[str, Any]]:
        """What servers and Envoy have said in JSON so far."""
        return [
            json.loads(line)
            for line in self.log().splitlines(keepends=True)
            if line.startswith("{") and line.endswith("}\n")
        ]

    def channel(self) -> grpc.aio.Channel:
        return grpc.aio.insecure_channel(self.address, options=CHANNEL_OPTIONS)

    @property
    def exit_code(self) -> int | None:
        return self._require_process().poll()

    def has_ended(self) -> bool:
        return self.exit_code is not None

    def _require_process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "this installation was not started"
        return self._process


@contextmanager
def running_stack(
    workers: int = 1, docs: Path | None = None, make: Callable[[Path, int, Path | None], Stack] = Stack
) -> Iterator[Stack]:
    """An installation that answers. Ctrl-C must end it in order and leave no process."""
    with open_directory() as place:
        stack = make(place, workers, docs)
        try:
            stack.start()
            yield stack
            assert stack.stop() == 0, stack.log()[-LOG_TAIL_CHARS:]
            assert stack.list_processes() == []
        finally:
            stack.close()


def find_ports(count: int) -> tuple[int, ...]:
    """Consecutive free ports."""
    for _ in range(100):
        first = randrange(*PORTS)
        ports = tuple(range(first, first + count))
        if all(_is_free(port) for port in ports):
            return ports
    pytest.fail("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As our servers do: what lingers of closed connections is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _words_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().rstrip("\0").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return [""]


def _setting_of(pid: int, name: str) -> str:
    try:
        pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return next((pair.removeprefix(f"{name}=") for pair in pairs if pair.startswith(f"{name}=")), "")
