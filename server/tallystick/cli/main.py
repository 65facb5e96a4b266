"""What can an operator do? `tallystick up | serve | migrate | check | backup | verify | restore | keys | …`, with --help."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from tallystick import __version__
from tallystick.cli import audit, backup, check, keys, proxy, put_back, restore, serve, up, verify
from tallystick.config import BadSettings, Config
from tallystick.runtime.errors import RuntimeFailure
from tallystick.store import migrate
from tallystick.store.keyring import KeyringError

EXIT_FAILED = 1
EXIT_MISUSED = 2

Command = Callable[[Config, argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        config = Config.read(os.environ)
    except BadSettings as bad:
        print(f"These settings cannot be used:\n{bad}", file=sys.stderr)
        return EXIT_MISUSED
    run: Command = options.run
    try:
        return run(config, options)
    except (BadSettings, KeyringError, RuntimeFailure) as failure:
        print(failure, file=sys.stderr)
        return EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tallystick", description="A finance backend whose halves always match.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, run: Command, help_text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.set_defaults(run=run)
        return command

    add("up", up.run, "Start everything here: PostgreSQL, migrations, servers and Envoy. Ctrl-C stops it all.")
    add("serve", serve.run, "Start one server on DATABASE_URL. Refuses an older schema.")
    add("migrate", _migrate, "Bring the schema of DATABASE_URL up to this server.")
    check_help = "Prove that settings, keyring, database and schema fit together, and every book with all its sums."
    check.add_arguments(add("check", check.run, check_help))
    proxy.add_arguments(add("envoy-config", proxy.run, "Write the configuration of an Envoy that `up` does not start."))
    add("version", _version, "Print the version.")
    add(
        "put-back",
        put_back.run,
        "Say that the database was put back to an earlier state, so that devices copy it anew.",
    )
    backup.add_arguments(
        add(
            "backup",
            backup.run,
            "Write everything into one encrypted archive, and read it back. Servers go on meanwhile.",
        )
    )
    verify.add_arguments(add("verify", verify.run, "Read an archive to its end, and say what it holds."))
    restore_help = (
        "Bring everything back from an archive: users, spaces, journals, keys. Into an empty place, or with --replace."
    )
    restore.add_arguments(add("restore", restore.run, restore_help))
    keys.add_commands(add("keys", keys.run, "Show, rotate or reseal with the keys of this installation."))
    audit.add_commands(add("audit", audit.run, "Verify the audit chains, or print their heads to keep elsewhere."))
    return parser


def _migrate(config: Config, options: argparse.Namespace) -> int:
    url = config.migration_url or config.database_url
    if not url:
        raise BadSettings("DATABASE_URL: is needed to migrate; `tallystick up` migrates its own database by itself")
    migrate.upgrade(url)
    print(f"The schema is at {migrate.newest()}.")
    return 0


def _version(config: Config, options: argparse.Namespace) -> int:
    print(f"tallystick {__version__}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
