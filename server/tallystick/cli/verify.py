"""Is an archive whole, and does this passphrase open it? Read to its end; no server and no database are needed."""

import argparse
import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from tallystick.backups.archive.errors import ArchiveError
from tallystick.backups.archive.manifest import Manifest
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.archive.reader import open_archive
from tallystick.backups.spool import read_file
from tallystick.cli.passphrase import HELP, read_passphrase
from tallystick.config import Config

EXIT_FAILED = 1


class Read(NamedTuple):
    """What was read, and how many parts there are in which folder."""

    manifest: Manifest
    parts: int
    plain_bytes: int
    folders: Counter[str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", type=Path, metavar="ARCHIVE")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help=HELP)


def run(config: Config, options: argparse.Namespace) -> int:
    passphrase = read_passphrase(config, options.passphrase_file, is_new=False)
    try:
        read = asyncio.run(_read(options.archive, passphrase))
    except ArchiveError as wrong:
        print(f"{wrong.reason}: {wrong}", file=sys.stderr)
        return EXIT_FAILED
    except OSError as unreadable:
        print(unreadable, file=sys.stderr)
        return EXIT_FAILED
    told = read.manifest
    print(f"whole: {read.parts} parts, {sum(told.row_counts.values())} rows, {read.plain_bytes} bytes")
    print(
        f"made:  {told.created_at.isoformat(timespec='seconds')} by {told.server_version}, schema {told.schema_revision}"
    )
    for table, count in sorted((table, count) for table, count in told.row_counts.items() if count):
        print(f"  {table}: {count}")
    if not told.columns:
        # A backup that a user has made.
        for folder, count in sorted(read.folders.items()):
            print(f"  {folder}: {count}")
    return 0


async def _read(path: Path, passphrase: Passphrase) -> Read:
    """To its end."""
    archive = await open_archive(read_file(path), passphrase)
    parts = Counter[str]()
    async for part in archive.parts():
        parts[part.name.partition("/")[0].removesuffix(".jsonl")] += 1
    return Read(archive.manifest, archive.account.parts, archive.account.plain_bytes, parts)
