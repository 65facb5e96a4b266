"""Where is measured? On a PostgreSQL of our own with fsync on, a real server in its own process, and the floor in another."""

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import psycopg

import tallystick
from people import Client
from tallystick.clock import Clock
from tallystick.config import Config
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.process import ChildProcess, spawn
from tallystick.store import migrate
from tallystick.store.pool import open_pool
from tallystick.store.store import Store

SERVER = Path(tallystick.__file__).resolve().parents[1]
TESTS = Path(__file__).resolve().parents[1]
SERVER_DATA = "server"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0
LOOK_INTERVAL_S = 0.02
# The settings of every measured server: those of production, but for cheap sign-ins, a quota that is never used up, tokens that
# outlast the run, and no time lost on stopping.
SETTINGS = {
    "TALLYSTICK_LISTEN": "127.0.0.1:0",
    "TALLYSTICK_METRICS_LISTEN": "127.0.0.1:0",
    "TALLYSTICK_QUOTA_AN_HOUR": str(10**9),
    "TALLYSTICK_ACCESS_TOKEN_S": "3600",
    "TALLYSTICK_BCRYPT_COST": "4",
    "TALLYSTICK_DRAIN_S": "0",
}


# How a server is started: the arguments of the interpreter, given the folder of the run.
Entry = Callable[[Path], list[str]]


def _serve(folder: Path) -> list[str]:
    return ["-m", "tallystick", "serve"]


class DidNotStart(Exception):
    """A process of the bench ended, or said nothing in time."""


@dataclass(frozen=True)
class Served:
    """A running server process."""

    port: int
    pid: int
    client: Client
    stop: Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Place:
    """Everything that is measured on."""

    folder: Path
    postgres: EmbeddedPostgres
    server: Served
    floor_port: int
    # The same store that the server has, for filling books without a call for each row.
    store: Store

    @asynccontextmanager
    async def another_server(self, **settings: str) -> AsyncIterator[Served]:
        """A second server on the same data, with other settings."""
        async with _serving(self.folder, self.postgres, _serve, settings) as served:
            yield served

    async def analyze(self) -> None:
        """What autovacuum does within a minute of so many new rows; without it the plans are those of empty tables."""
        async with await psycopg.AsyncConnection.connect(self.postgres.owner_dsn, autocommit=True) as connection:
            await connection.execute("ANALYZE")


@asynccontextmanager
async def opened(entry: Entry = _serve) -> AsyncIterator[Place]:
    # Open to all: under root, PostgreSQL runs as somebody else, who must be able to reach it.
    with tempfile.TemporaryDirectory(prefix="tallystick-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / SERVER_DATA).mkdir(mode=0o700)
        async with EmbeddedPostgres(folder / "data") as postgres:
            await asyncio.to_thread(migrate.upgrade, postgres.owner_dsn)
            async with (
                _serving(folder, postgres, entry, {}) as server,
                _floor(folder) as floor_port,
                open_pool(postgres.app_dsn, Config().pool_size) as pool,
            ):
                keyring = Config(data_dir=folder / SERVER_DATA).load_keyring()
                store = Store(pool, keyring, Clock(), nudge=lambda space_id: None)
                yield Place(folder, postgres, server, floor_port, store)


@asynccontextmanager
async def _serving(
    folder: Path, postgres: EmbeddedPostgres, entry: Entry, settings: dict[str, str]
) -> AsyncIterator[Served]:
    env = {"DATABASE_URL": postgres.app_dsn, "TALLYSTICK_DATA_DIR": str(folder / SERVER_DATA)} | SETTINGS | settings
    async with _running(folder, entry(folder), env) as (child, said):
        port = await _until_said(child, said, _serving_port)
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Served(port, child.pid, Client(channel), lambda: child.stop((signal.SIGTERM, STOP_TIMEOUT_S)))


@asynccontextmanager
async def _floor(folder: Path) -> AsyncIterator[int]:
    async with _running(folder, ["-m", "bench.floor"], {}) as (child, said):
        yield await _until_said(child, said, lambda line: int(line) if line.isdigit() else None)


@asynccontextmanager
async def _running(folder: Path, arguments: list[str], env: dict[str, str]) -> AsyncIterator[tuple[ChildProcess, Path]]:
    """A child whose output goes to a file, as under any supervisor. It does not outlive us, however we end."""
    paths = os.pathsep.join((str(SERVER), str(TESTS)))
    handle, name = tempfile.mkstemp(dir=folder, suffix=".log")
    with os.fdopen(handle, "wb") as output:
        child = spawn(
            [sys.executable, *arguments],
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": paths} | env,
            death_signal=signal.SIGKILL,
            output=output,
        )
    try:
        yield child, Path(name)
    finally:
        await child.stop((signal.SIGTERM, STOP_TIMEOUT_S))


async def _until_said(child: ChildProcess, said: Path, find: Callable[[str], int | None]) -> int:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and child.exit_code is None:
        for line in said.read_text().splitlines():
            if (found := find(line)) is not None:
                return found
        await asyncio.sleep(LOOK_INTERVAL_S)
    raise DidNotStart(f"a process of the bench did not start; it said:\n{said.read_text()}")


def _serving_port(line: str) -> int | None:
    # A line that is still being written does not end as a JSON object does.
    if not (line.startswith("{") and line.endswith("}")):
        return None
    event = json.loads(line)
    return int(event["port"]) if event["event"] == "serving" else None
