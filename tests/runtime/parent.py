"""A process of its own that runs an EmbeddedPostgres and writes until it is stopped or killed."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import psycopg

from tallystick.runtime.errors import RuntimeFailure
from tallystick.runtime.postgres import EmbeddedPostgres


def say(**words: object) -> None:
    os.write(1, (json.dumps(words) + "\n").encode())


async def write_rows(dsn: str, first: int, stop: asyncio.Event) -> None:
    """One row a transaction; said only after the commit was acknowledged."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        number = first
        while not stop.is_set():
            await connection.execute("INSERT INTO written (id) VALUES (%s)", [number])
            say(written=number)
            number += 1


async def prepare_table(dsn: str) -> int:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute("CREATE TABLE IF NOT EXISTS written (id bigint PRIMARY KEY)")
        row = await (await connection.execute("SELECT coalesce(max(id), 0) + 1 FROM written")).fetchone()
    assert row is not None
    return int(row[0])


async def run(options: dict[str, Any]) -> None:
    stop = asyncio.Event()
    if options.get("stops_in_order"):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    postgres = EmbeddedPostgres(Path(options["data_dir"]), run_as=options.get("run_as"))
    say(starting=os.getpid())
    try:
        await postgres.start()
    except RuntimeFailure as failure:
        say(refused=type(failure).__name__)
        raise
    try:
        say(pid=postgres.pid, uid=os.geteuid(), owner_dsn=postgres.owner_dsn)
        first = await prepare_table(postgres.owner_dsn)
        if options.get("idle"):
            await stop.wait()
        await write_rows(postgres.owner_dsn, first, stop)
    finally:
        await postgres.stop()
    say(stopped=True)


asyncio.run(run(json.loads(sys.argv[1])))
