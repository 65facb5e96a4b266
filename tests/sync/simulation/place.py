"""Where does the simulation happen? On one PostgreSQL, with two server processes that are killed and come back to their ports."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psycopg

import proof
from bench.place import SERVER, SETTINGS, TESTS
from tallystick.config import Config
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.process import ChildProcess, spawn
from tallystick.runtime.roles import DATABASE, OWNER
from tallystick.store import migrate
from tallystick.store.keys import SpaceKeys

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
LOOK_INTERVAL_S = 0.02
# Below those that the system itself gives away, so that nobody has it when a killed server comes back.
PORTS = range(20_000, 32_000)
SAVED = "saved"


@dataclass
class Server:
    """A server process on a port of its own."""

    folder: Path
    port: int
    env: dict[str, str]
    arguments: Sequence[str]
    kills: int = 0
    _child: ChildProcess | None = None
    _output: Path | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.exit_code is None

    def start(self) -> None:
        """Returns when it serves. One that runs stays as it is."""
        with self._lock:
            if self.is_running:
                return
            handle, name = tempfile.mkstemp(dir=self.folder, suffix=".log")
            with os.fdopen(handle, "wb") as output:
                self._child = spawn(
                    [sys.executable, *self.arguments], env=self.env, death_signal=signal.SIGKILL, output=output
                )
            self._output = Path(name)
            deadline = time.monotonic() + START_TIMEOUT_S
            while '"event":"serving"' not in self.said().replace(" ", ""):
                if time.monotonic() > deadline or self._child.exit_code is not None:
                    raise RuntimeError(f"a server did not start; it said:\n{self.said()}")
                time.sleep(LOOK_INTERVAL_S)

    def kill(self) -> None:
        """kill -9, in the middle of whatever it does."""
        with self._lock:
            if self.is_running:
                self.kills += 1
                self._end(signal.SIGKILL)

    def stop(self) -> None:
        with self._lock:
            if self.is_running:
                self._end(signal.SIGTERM)

    def said(self) -> str:
        return self._output.read_text() if self._output else ""

    def _end(self, how: int) -> None:
        assert self._child is not None
        self._child.send(how)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while self._child.exit_code is None:
            assert time.monotonic() < deadline, "a server does not end"
            time.sleep(LOOK_INTERVAL_S)


@dataclass
class Place:
    """The servers, their database, and an earlier state of it."""

    folder: Path
    superuser_dsn: str
    servers: tuple[Server, Server]
    has_saved: bool = False

    @property
    def addresses(self) -> tuple[str, str]:
        first, second = (f"127.0.0.1:{server.port}" for server in self.servers)
        return first, second

    @property
    def kills(self) -> int:
        return sum(server.kills for server in self.servers)

    def start(self) -> None:
        for server in self.servers:
            server.start()

    def stop(self) -> None:
        for server in self.servers:
            server.stop()

    def tables(self) -> proof.Connection:
        """A look at the rows themselves."""
        return proof.connect(self.superuser_dsn, dbname=DATABASE)

    def keys(self) -> SpaceKeys:
        return SpaceKeys(Config(data_dir=self.folder / "server").load_keyring())

    def save(self) -> None:
        """Keeps the database as it is, for later. The servers must be stopped: PostgreSQL copies only what nobody uses."""
        self._maintain(
            f"DROP DATABASE IF EXISTS {SAVED}",
            *_ALONE,
            f"CREATE DATABASE {SAVED} TEMPLATE {DATABASE} OWNER {OWNER} STRATEGY file_copy",
        )
        self.has_saved = True

    def put_back(self) -> None:
        """The database is as it was when it was saved, and an operator says so, as after any restore."""
        self._maintain(
            *_ALONE,
            f"DROP DATABASE {DATABASE}",
            f"ALTER DATABASE {SAVED} RENAME TO {DATABASE}",
        )
        self.has_saved = False
        command = [sys.executable, "-m", "tallystick", "put-back"]
        subprocess.run(command, env=self.servers[0].env, check=True, capture_output=True, timeout=START_TIMEOUT_S)

    def _maintain(self, *statements: str) -> None:
        with psycopg.connect(self.superuser_dsn, dbname="postgres", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


# Whoever is still connected had been told to stop.
_ALONE = (f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{DATABASE}'",)


@asynccontextmanager
async def opened(random: Random, arguments: Sequence[str] = ("-m", "tallystick", "serve")) -> AsyncIterator[Place]:
    # Open to all: under root, PostgreSQL runs as somebody else, who must be able to reach it.
    with tempfile.TemporaryDirectory(prefix="tallystick-simulation-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "server").mkdir(mode=0o700)
        # What is lost when the power goes is another story; what is killed here are processes.
        settings = {"synchronous_commit": "off", "max_connections": "60"}
        async with EmbeddedPostgres(folder / "data", settings=settings) as postgres:
            migrate.upgrade(postgres.owner_dsn)
            env = {
                "PATH": os.environ.get("PATH", ""),
                "PYTHONPATH": os.pathsep.join((str(SERVER), str(TESTS), str(TESTS.parent / "sdk/python"))),
                "DATABASE_URL": postgres.app_dsn,
                "TALLYSTICK_DATA_DIR": str(folder / "server"),
            }
            first, second = (_server(folder, port, env, arguments) for port in _free_ports(random))
            try:
                yield Place(folder, postgres.superuser_dsn, (first, second))
            finally:
                for server in (first, second):
                    server.kill()


def _server(folder: Path, port: int, env: dict[str, str], arguments: Sequence[str]) -> Server:
    listen = {"TALLYSTICK_LISTEN": f"127.0.0.1:{port}"}
    return Server(folder, port, SETTINGS | env | listen, arguments)


def _free_ports(random: Random) -> Sequence[int]:
    found: list[int] = []
    while len(found) < 2:
        port = random.choice(PORTS)
        with socket.socket() as probe:
            if port not in found and probe.connect_ex(("127.0.0.1", port)):
                found.append(port)
    return found
