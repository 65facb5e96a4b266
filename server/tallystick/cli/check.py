"""Do settings, keyring, database and schema fit together? Says each, and fails if one does not."""

import argparse
import asyncio

from tallystick.cli.database import open_store
from tallystick.config import Config
from tallystick.gate import validation
from tallystick.store import migrate


def run(config: Config, options: argparse.Namespace) -> int:
    print("settings: fit")
    validation.warm()
    print("contract: every rule compiles")
    keyring = config.load_keyring()
    print(f"keyring: wraps with {keyring.current_id}")
    asyncio.run(_check_database(config))
    return 0


async def _check_database(config: Config) -> None:
    async with open_store(config):
        print(f"schema: at {migrate.newest()}")
