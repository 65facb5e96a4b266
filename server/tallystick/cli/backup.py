"""How does an operator get a backup of everything? `tallystick backup`, beside a running server or without one."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from tallystick import schema
from tallystick.backups.archive.errors import ArchiveError
from tallystick.backups.assembly import BACKUPS_NAME, KEYRING_NAME
from tallystick.backups.errors import BackupError
from tallystick.backups.spool import spool
from tallystick.backups.whole.examining import examine
from tallystick.backups.whole.kit import compose_kit
from tallystick.backups.whole.restoring import SUFFIX
from tallystick.backups.whole.writing import WholeServer
from tallystick.cli.database import open_database
from tallystick.cli.passphrase import HELP, read_passphrase
from tallystick.cli.serve import require_schema
from tallystick.config import BadSettings, Config
from tallystick.files.assembly import compose_storage
from tallystick.files.storage.closed import ClosedContents

EXIT_FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", type=Path, metavar="PATH", help="a folder, or a file that is not there yet")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help=HELP)
    parser.add_argument("--kit", action="store_true", help="print besides how to get everything back from the archive")


def run(config: Config, options: argparse.Namespace) -> int:
    passphrase = read_passphrase(config, options.passphrase_file, is_new=True)
    if not config.keyring and not (config.data_dir / KEYRING_NAME).exists():
        raise BadSettings(f"TALLYSTICK_DATA_DIR: there is no {KEYRING_NAME} in {config.data_dir}")
    path = choose_path(
        options.to or config.backup_to or config.data_dir / BACKUPS_NAME, is_ours=not (options.to or config.backup_to)
    )

    async def work() -> None:
        async with open_database(config) as urls:
            require_schema(urls.owner)
            server = WholeServer(
                urls.reader, config.load_keyring(), schema.metadata.tables, ClosedContents(compose_storage(config))
            )
            spooled = await spool(server.write(passphrase), path)
            # What cannot be read again is no backup.
            examined = await examine(path, passphrase)
        print(f"{path}: {spooled.size_bytes} bytes, sha256 {spooled.sha256.hex()}")
        rows = sum(examined.manifest.row_counts.values())
        kinds = ", ".join(f"{count} {kind}" for kind, count in examined.manifest.space_kinds.items()) or "none"
        print(f"read back: {rows} rows; spaces: {kinds}")

    try:
        asyncio.run(work())
    except (BackupError, ArchiveError) as failed:
        print(f"{failed.reason}: {failed}", file=sys.stderr)
        return EXIT_FAILED
    if options.kit:
        print(compose_kit(path.name))
    return 0


def choose_path(wanted: Path, *, is_ours: bool) -> Path:
    """The file to write. One that is there is never overwritten: it may be the only good one."""
    if is_ours:
        wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
    if wanted.is_dir():
        return wanted / f"tallystick-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"
    if wanted.exists():
        raise BadSettings(f"--to {wanted}: is there already")
    if not wanted.parent.is_dir():
        raise BadSettings(f"--to {wanted}: there is no folder {wanted.parent}")
    return wanted
