"""How does everything start with one command? PostgreSQL, migrations, servers, Envoy: each when the one before is ready."""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tallystick.cli.database import embedded_dir, run_as
from tallystick.cli.proxy import DESCRIPTORS, compose_setup
from tallystick.cli.welcome import compose_welcome
from tallystick.config import Config
from tallystick.log import LogHandler
from tallystick.runtime.account import choose_account
from tallystick.runtime.children import Child, Program, Supervised
from tallystick.runtime.cluster import CLUSTER_DIR
from tallystick.runtime.data_dir import make_data_dir
from tallystick.runtime.envoy import compose_envoy_child, find_envoy, make_admin_socket, validate_config, write_config
from tallystick.runtime.lock import DirectoryLock
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.readiness import compose_grpc_readiness
from tallystick.runtime.supervisor import Supervisor


def run(config: Config, options: argparse.Namespace) -> int:
    logging.basicConfig(handlers=[LogHandler()], level=logging.INFO)
    asyncio.run(up(config))
    return 0


async def up(config: Config) -> None:
    account = choose_account(embedded_dir(config) / CLUSTER_DIR, run_as()) if not config.database_url else None
    make_data_dir(config.data_dir, account)
    with one_installation(config.data_dir):
        await _run(config)


@contextmanager
def one_installation(data_dir: Path) -> Iterator[None]:
    """Refuses a second `up` on the same data before it touches anything of the first."""
    place = data_dir / "up"
    place.mkdir(exist_ok=True)
    lock = DirectoryLock(place)
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


async def _run(config: Config) -> None:
    postgres = None if config.database_url else _embedded_postgres(config)
    config.load_keyring()
    admin = make_admin_socket(config.data_dir)
    ports = [config.listen[1] + number for number in range(config.workers)]

    def environment(**more: str) -> Mapping[str, str]:
        urls = {} if postgres is None else _compose_urls(config, postgres)
        return {**os.environ, "TALLYSTICK_DATA_DIR": str(config.data_dir), **urls, **more}

    stages: list[list[Supervised]] = [
        [] if postgres is None else [postgres],
        [Program(Child(name="migrate", argv=_argv("migrate"), env=environment, runs_once=True, cwd=Path.cwd()))],
        [Program(_compose_server(config, number, port, admin, environment)) for number, port in enumerate(ports)],
        [Program(await _compose_envoy(config, ports, admin))],
    ]
    await Supervisor([stage for stage in stages if stage]).run(
        on_ready=lambda: print(compose_welcome(config), flush=True)
    )


def _compose_urls(config: Config, postgres: EmbeddedPostgres) -> Mapping[str, str]:
    urls = {"DATABASE_URL": postgres.app_dsn, "MIGRATION_DATABASE_URL": postgres.owner_dsn}
    # Only who makes backups sees every row.
    return {**urls, "BACKUP_DATABASE_URL": postgres.reader_dsn} if config.backs_up else urls


def _embedded_postgres(config: Config) -> EmbeddedPostgres:
    return EmbeddedPostgres(embedded_dir(config), bin_dir=_path("TALLYSTICK_POSTGRES_BIN"), run_as=run_as())


def _compose_server(
    config: Config, number: int, port: int, admin: Path, environment: Callable[..., Mapping[str, str]]
) -> Child:
    # Prometheus reads each worker on a port of its own, because each counts for itself.
    metrics_host, metrics_port = config.metrics_listen
    own = {
        "TALLYSTICK_LISTEN": f"127.0.0.1:{port}",
        "TALLYSTICK_METRICS_LISTEN": f"{metrics_host}:{metrics_port + number if metrics_port else 0}",
        "TALLYSTICK_ENVOY_ADMIN": str(admin),
    }
    return Child(
        name=f"server {number + 1}",
        argv=_argv("serve"),
        env=lambda: environment(**own),
        ready=compose_grpc_readiness(f"127.0.0.1:{port}"),
        stop_timeout_s=config.drain_s + config.stop_grace_s + 10.0,
        cwd=Path.cwd(),
    )


async def _compose_envoy(config: Config, ports: list[int], admin: Path) -> Child:
    setup = compose_setup(config, ports, admin, DESCRIPTORS)
    program = find_envoy(_path("TALLYSTICK_ENVOY_BIN"))
    path = write_config(setup, config.data_dir)
    await validate_config(program, path)
    return compose_envoy_child(program, path, setup, concurrency=max(1, config.workers))


def _argv(command: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tallystick", command)


def _path(setting: str) -> Path | None:
    value = os.environ.get(setting)
    return Path(value) if value else None
