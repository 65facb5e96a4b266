"""How does one server process run? Until a signal, then through the order of stopping."""

import argparse
import asyncio
import gc
import signal

import psycopg
import uvloop

from tallystick import __version__, app
from tallystick.clock import Clock
from tallystick.config import BadSettings, Config
from tallystick.log import log
from tallystick.store import migrate

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run(config: Config, options: argparse.Namespace) -> int:
    if not config.database_url:
        raise BadSettings("DATABASE_URL: is needed to serve; `tallystick up` brings a database of its own")
    require_schema(config.database_url)
    uvloop.run(serve(config))
    return 0


async def serve(config: Config) -> None:
    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, asked_to_stop.set)
    async with app.running(config, Clock()) as server:
        # What is alive now lives as long as the process; looking at it in every collection would only cost time.
        gc.freeze()
        log("serving", version=__version__, port=server.port)
        await asked_to_stop.wait()
        log("stopping")
    log("stopped")


def require_schema(url: str) -> None:
    """Refuses a schema that this server is too new for. One that is newer is fine: migrations work beside the server before."""
    try:
        current = migrate.current(url)
    except psycopg.OperationalError as away:
        raise BadSettings(f"DATABASE_URL: cannot be reached: {away}") from away
    if current is None or current < migrate.newest():
        raise BadSettings(
            f"The schema is at {current or 'nothing'}, and this server needs {migrate.newest()}. To fix: tallystick migrate"
        )
