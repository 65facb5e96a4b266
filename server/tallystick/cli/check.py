"""Do settings, keyring, database and schema fit together? Says each, and fails if one does not."""

import argparse

from tallystick.cli.serve import require_schema
from tallystick.config import BadSettings, Config
from tallystick.gate import validation
from tallystick.store import migrate


def run(config: Config, options: argparse.Namespace) -> int:
    print("settings: fit")
    validation.warm()
    print("contract: every rule compiles")
    keyring = config.load_keyring()
    print(f"keyring: wraps with {keyring.current_id}")
    if not config.database_url:
        raise BadSettings("DATABASE_URL: not set, so there is no database to check")
    require_schema(config.database_url)
    print(f"schema: at {migrate.newest()}")
    return 0
