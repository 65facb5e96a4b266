"""How Tallystick runs a PostgreSQL of its own: a child on a private socket, taken over after any death."""

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg.pq import PGconn, Ping

from tallystick.runtime import roles
from tallystick.runtime.account import Account, choose_account
from tallystick.runtime.binaries import choose_bin_dir
from tallystick.runtime.cluster import (
    CLUSTER_DIR,
    ENVIRONMENT,
    LOG_DIR,
    SUPERUSER,
    make_cluster,
    require_same_version,
    reset_superuser_password,
)
from tallystick.runtime.credentials import Credentials, find_credentials, make_credentials
from tallystick.runtime.data_dir import make_data_dir
from tallystick.runtime.errors import PostgresDidNotStart, ProtectedSetting
from tallystick.runtime.lock import DirectoryLock
from tallystick.runtime.log_file import RotatedLog
from tallystick.runtime.orphans import PID_FILE, end_server_processes
from tallystick.runtime.process import PRIVATE_UMASK, ChildProcess, spawn
from tallystick.runtime.socket_dir import PORT, make_socket_dir, remove_socket_dirs, remove_sockets

LOG_FILE = "postgresql.log"
START_TIMEOUT_S = 120.0
STOP_FAST_TIMEOUT_S = 60.0
ABANDON_TIMEOUT_S = 5.0
STOP_IMMEDIATE_TIMEOUT_S = 10.0
PING_INTERVAL_S = 0.02
# How the superuser gets to our database, and not to its own.
READER = "reader"
CONNECT_TIMEOUT_S = 10
# Durability and the closed door are what this module promises; nobody can set them otherwise.
PROTECTED_SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
}
RESERVED_SETTINGS = frozenset(
    {
        "port",
        "unix_socket_directories",
        "unix_socket_group",
        "data_directory",
        "hba_file",
        "ident_file",
        "config_file",
    }
)
DEFAULT_SETTINGS = {
    "cluster_name": "tallystick",
    "timezone": "UTC",
    "jit": "off",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u ",
    # DETAIL lines and bound parameters quote rows: a log must not know what the sealed columns hide.
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


class EmbeddedPostgres:
    """One PostgreSQL in one data directory. `start()` again after it died continues with the same data."""

    name = "postgres"
    runs_once = False

    def __init__(
        self,
        data_dir: Path,
        *,
        bin_dir: Path | None = None,
        settings: Mapping[str, str] | None = None,
        start_timeout_s: float = START_TIMEOUT_S,
        run_as: str | None = None,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self._bin_dir = bin_dir
        self._settings = compose_settings(settings or {})
        self._start_timeout_s = start_timeout_s
        self._run_as = run_as
        self._lock = DirectoryLock(self.data_dir)
        self._log = RotatedLog(self.data_dir / LOG_DIR / LOG_FILE)
        self._log_start_bytes = 0
        self._child: ChildProcess | None = None
        self._account: Account | None = None
        self._dsns: dict[str, str] = {}

    @property
    def pid(self) -> int:
        return self._require_child().pid

    @property
    def owner_dsn(self) -> str:
        return self._dsns[roles.OWNER]

    @property
    def app_dsn(self) -> str:
        return self._dsns[roles.APP]

    @property
    def superuser_dsn(self) -> str:
        return self._dsns[SUPERUSER]

    @property
    def reader_dsn(self) -> str:
        """For backups: row-level security is forced on the owner too, so only this role reads every row."""
        return self._dsns[READER]

    @property
    def cluster_dir(self) -> Path:
        return self.data_dir / CLUSTER_DIR

    async def start(self) -> None:
        if self._child is not None and self._child.exit_code is None:
            raise RuntimeError("this EmbeddedPostgres is already running")
        deadline = time.monotonic() + self._start_timeout_s
        try:
            await self._start(deadline)
        except BaseException:
            # Nobody has been served yet, so there is little to finish in order.
            await self._stop(ABANDON_TIMEOUT_S)
            raise

    async def stop(self) -> None:
        """End PostgreSQL in order (checkpoint, no recovery needed), leave no process and no socket."""
        await self._stop(STOP_FAST_TIMEOUT_S)

    async def _stop(self, fast_timeout_s: float) -> None:
        try:
            if self._child is not None:
                await self._child.stop((signal.SIGINT, fast_timeout_s), (signal.SIGQUIT, STOP_IMMEDIATE_TIMEOUT_S))
            if self._lock.held and self.cluster_dir.exists():
                await self._clear_away_the_dead()
                remove_socket_dirs(self.data_dir)
        finally:
            self._child = None
            self._log.close()
            self._lock.release()

    def hurry(self) -> None:
        """End at once; the next start recovers from the write-ahead log."""
        if self._child is not None:
            self._child.send(signal.SIGQUIT)

    async def wait(self) -> int:
        """The exit code, once PostgreSQL ends for whatever reason."""
        return await self._require_child().wait()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _start(self, deadline: float) -> None:
        self._account = choose_account(self.cluster_dir, self._run_as)
        make_data_dir(self.data_dir, self._account)
        self._lock.acquire()
        self._log.path.parent.mkdir(mode=0o700, exist_ok=True)
        bin_dir = await asyncio.to_thread(choose_bin_dir, self._bin_dir, self.data_dir, self._account)
        credentials = await self._prepare_cluster(bin_dir)
        await self._clear_away_the_dead()
        self._launch(bin_dir, credentials)
        await self._until_it_answers(credentials, deadline)

    async def _prepare_cluster(self, bin_dir: Path) -> Credentials:
        credentials = find_credentials(self.data_dir)
        lost = credentials is None
        if credentials is None:
            credentials = make_credentials(self.data_dir)
        if not self.cluster_dir.exists():
            await make_cluster(self.data_dir, bin_dir, self._account, credentials.superuser, self._start_timeout_s)
            return credentials
        require_same_version(self.cluster_dir, bin_dir)
        if lost:
            await self._clear_away_the_dead()
            await reset_superuser_password(
                self.data_dir, bin_dir, self._account, credentials.superuser, self._start_timeout_s
            )
        return credentials

    async def _clear_away_the_dead(self) -> None:
        """End what an earlier supervisor left behind, then remove what only a dead PostgreSQL leaves.

        In this order and under the lock: a pid file is stale exactly when no process works on the cluster.
        """
        await end_server_processes(self.cluster_dir)
        (self.cluster_dir / PID_FILE).unlink(missing_ok=True)
        remove_sockets(self.data_dir)

    def _launch(self, bin_dir: Path, credentials: Credentials) -> None:
        socket_dir = make_socket_dir(self.data_dir, self._account)
        self._dsns = compose_dsns(socket_dir, credentials)
        log_fd = self._log.open_for_child()
        self._log_start_bytes = self._log.size_bytes()
        try:
            self._child = spawn(
                compose_argv(bin_dir, self.cluster_dir, socket_dir, self._settings),
                env=ENVIRONMENT,
                # Fast shutdown when we are killed. The next start waits for the end of it.
                death_signal=signal.SIGINT,
                account=self._account,
                umask=PRIVATE_UMASK,
                output=log_fd,
            )
        finally:
            os.close(log_fd)
        self._log.watch()

    async def _until_it_answers(self, credentials: Credentials, deadline: float) -> None:
        await self._until_it_accepts(deadline)
        await roles.ensure_roles_and_database(self.superuser_dsn, credentials)
        async with await psycopg.AsyncConnection.connect(self.app_dsn) as connection:
            await connection.execute("SELECT 1")

    async def _until_it_accepts(self, deadline: float) -> None:
        child = self._require_child()
        target = self.superuser_dsn.encode()
        while await asyncio.to_thread(PGconn.ping, target) != Ping.OK:
            if child.exit_code is not None:
                raise self._did_not_start(f"PostgreSQL ended with {child.exit_code} while starting.")
            if time.monotonic() > deadline:
                raise self._did_not_start(
                    f"PostgreSQL does not answer after {self._start_timeout_s:g} s. It may be "
                    f"recovering from a crash; start again with a longer time limit."
                )
            await asyncio.sleep(PING_INTERVAL_S)

    def _did_not_start(self, what: str) -> PostgresDidNotStart:
        exit_code = self._require_child().exit_code
        return PostgresDidNotStart(what, exit_code=exit_code, log_tail=self._log.read_tail(self._log_start_bytes))

    def _require_child(self) -> ChildProcess:
        if self._child is None:
            raise RuntimeError("this EmbeddedPostgres is not running")
        return self._child


def compose_settings(wanted: Mapping[str, str]) -> dict[str, str]:
    forbidden = {name for name in wanted if name.lower() in PROTECTED_SETTINGS or name.lower() in RESERVED_SETTINGS}
    if forbidden:
        raise ProtectedSetting(tuple(sorted(forbidden)))
    return {**DEFAULT_SETTINGS, **wanted, **PROTECTED_SETTINGS}


def compose_argv(bin_dir: Path, cluster_dir: Path, socket_dir: Path, settings: Mapping[str, str]) -> list[str]:
    argv = [str(bin_dir / "postgres"), "-D", str(cluster_dir), "-k", str(socket_dir), "-p", str(PORT)]
    for name, value in settings.items():
        argv += ["-c", f"{name}={value}"]
    return argv


def compose_dsns(socket_dir: Path, credentials: Credentials) -> dict[str, str]:
    def dsn(role: str, password: str, database: str) -> str:
        host = quote(str(socket_dir), safe="")
        place = f"host={host}&port={PORT}&connect_timeout={CONNECT_TIMEOUT_S}"
        return f"postgresql://{role}:{quote(password, safe='')}@/{database}?{place}"

    return {
        SUPERUSER: dsn(SUPERUSER, credentials.superuser, SUPERUSER),
        roles.OWNER: dsn(roles.OWNER, credentials.owner, roles.DATABASE),
        roles.APP: dsn(roles.APP, credentials.app, roles.DATABASE),
        READER: dsn(SUPERUSER, credentials.superuser, roles.DATABASE),
    }
