"""Is an archive whole, and does this passphrase open it? Read to its end; no server and no database are needed."""

import argparse
import asyncio
import sys
from pathlib import Path

from tallystick.backups.archive.errors import ArchiveError
from tallystick.backups.archive.reader import verify
from tallystick.backups.spool import read_file
from tallystick.cli.passphrase import HELP, read_passphrase
from tallystick.config import Config

EXIT_FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", type=Path, metavar="ARCHIVE")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help=HELP)


def run(config: Config, options: argparse.Namespace) -> int:
    passphrase = read_passphrase(config, options.passphrase_file, is_new=False)
    try:
        verified = asyncio.run(verify(read_file(options.archive), passphrase))
    except ArchiveError as wrong:
        print(f"{wrong.reason}: {wrong}", file=sys.stderr)
        return EXIT_FAILED
    except OSError as unreadable:
        print(unreadable, file=sys.stderr)
        return EXIT_FAILED
    told = verified.manifest
    print(f"whole: {verified.parts} parts, {sum(told.row_counts.values())} rows, {verified.plain_bytes} bytes")
    print(
        f"made:  {told.created_at.isoformat(timespec='seconds')} by {told.server_version}, schema {told.schema_revision}"
    )
    for table, count in sorted((table, count) for table, count in told.row_counts.items() if count):
        print(f"  {table}: {count}")
    return 0
