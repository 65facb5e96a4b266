"""What `tallystick up` will be, in small: PostgreSQL, a migration, two workers, Envoy, one supervisor."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from runtime.probes import child_environment
from tallystick.runtime.children import Child, Program
from tallystick.runtime.envoy import compose_envoy_child, find_envoy, make_admin_socket, write_config
from tallystick.runtime.envoy_setup import EnvoySetup
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.readiness import compose_grpc_readiness
from tallystick.runtime.routes import load_routes
from tallystick.runtime.supervisor import Supervisor

HERE = Path(__file__).parent
MIGRATE = """
import psycopg, sys
with psycopg.connect(sys.argv[1]) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS migrated ()")
with open(sys.argv[2], "a") as diary:
    diary.write("migrated\\n")
"""


def compose_stages(options: dict[str, Any]) -> tuple[list[list[Any]], list[Any]]:
    place = Path(options["data_dir"])
    diary = place / "diary"
    descriptors = Path(options["descriptors"])
    postgres = EmbeddedPostgres(place / "data")
    setup = EnvoySetup(
        listen_port=options["port"],
        upstream_ports=tuple(options["workers"]),
        descriptor_path=descriptors,
        routes=load_routes(descriptors),
        admin=make_admin_socket(place),
    )

    # Each in a shell of its own, so that the address of the database is asked for when it is known.
    migrate = Child(
        name="migrate",
        argv=("/bin/sh", "-c", f'exec {sys.executable} -c "$MIGRATE" "$DSN" {diary}'),
        env=lambda: {**child_environment(), "DSN": postgres.owner_dsn, "MIGRATE": MIGRATE},
        runs_once=True,
    )
    workers = [
        Child(
            name=f"worker-{port}",
            argv=(
                "/bin/sh",
                "-c",
                f'exec {sys.executable} {HERE / "worker.py"} {port} {descriptors} {diary} "$DSN"',
            ),
            env=lambda: {**child_environment(), "DSN": postgres.app_dsn},
            ready=compose_grpc_readiness(f"127.0.0.1:{port}"),
        )
        for port in options["workers"]
    ]
    envoy = compose_envoy_child(find_envoy(), write_config(setup, place), setup, concurrency=1)
    stages: list[list[Any]] = [
        [postgres],
        [Program(migrate)],
        [Program(worker) for worker in workers],
        [Program(envoy)],
    ]
    return stages, [member for stage in stages for member in stage if not member.runs_once]


async def run(options: dict[str, Any]) -> None:
    stages, members = compose_stages(options)

    def tell() -> None:
        pids = {member.name: member.pid for member in members}
        os.write(1, (json.dumps({"ready": pids}) + "\n").encode())

    await Supervisor(stages).run(tell)


asyncio.run(run(json.loads(sys.argv[1])))
