"""How does an operator get everything back? `tallystick restore ARCHIVE`, into an empty place, or in place of what is there."""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tallystick import app, schema
from tallystick.backups.archive.errors import ArchiveError
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.assembly import BACKUPS_NAME, KEYRING_NAME
from tallystick.backups.errors import BackupError
from tallystick.backups.spool import read_file
from tallystick.backups.whole.erased import NAMES, Erased, find_beside, read_erased
from tallystick.backups.whole.restoring import Place, Restored, Restoring
from tallystick.cli.database import embedded_dir, open_database, run_as
from tallystick.cli.passphrase import HELP, read_passphrase
from tallystick.cli.up import one_installation
from tallystick.config import Config
from tallystick.files.assembly import compose_storage
from tallystick.files.storage.closed import ClosedContents
from tallystick.finishing import compose_finish
from tallystick.runtime.account import choose_account
from tallystick.runtime.cluster import CLUSTER_DIR
from tallystick.runtime.data_dir import make_data_dir

EXIT_FAILED = 1
EXIT_DIFFERS = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", type=Path, metavar="ARCHIVE")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help=HELP)
    parser.add_argument(
        "--replace",
        action="store_true",
        help="replace the users and spaces that are there, after backing them up with the same passphrase",
    )
    parser.add_argument(
        "--erased",
        type=Path,
        action="append",
        metavar="FILE",
        help=f"a list of users that were erased since (default: {NAMES} beside the archive)",
    )
    parser.add_argument("--without-erased", action="store_true", help="leave such a list alone")


def run(config: Config, options: argparse.Namespace) -> int:
    passphrase = read_passphrase(config, options.passphrase_file, is_new=False)
    try:
        with _nobody_else(config):
            restored = asyncio.run(_restore(config, options, passphrase))
    except (BackupError, ArchiveError) as refused:
        print(f"{refused.reason}: {refused}", file=sys.stderr)
        return EXIT_FAILED
    except OSError as unreadable:
        print(unreadable, file=sys.stderr)
        return EXIT_FAILED
    told = restored.examined.manifest
    print(f"restored: {sum(told.row_counts.values())} rows. Users sign in again, and devices make their copies anew.")
    if restored.differing:
        print(
            f"{len(restored.differing)} spaces differ in themselves, as they did in the archive: see above, and `tallystick check`"
        )
        return EXIT_DIFFERS
    return 0


async def _read_lists(paths: Sequence[Path], passphrase: Passphrase) -> Erased:
    """Who must not come back. A list that cannot be read is none to pass over: whoever restores must say so."""
    erased = Erased()
    for path in paths:
        try:
            found = await read_erased(read_file(path), passphrase)
        except (BackupError, ArchiveError):
            print(
                f"{path} cannot be read. To fix: give another one with --erased, or --without-erased", file=sys.stderr
            )
            raise
        print(f"{path}: {len(found.users)} users and {len(found.access_keys)} access keys are not to come back")
        erased |= found
    return erased


async def _restore(config: Config, options: argparse.Namespace, passphrase: Passphrase) -> Restored:
    archive, lists = options.archive, options.erased or find_beside(options.archive)
    erased = await _read_lists([] if options.without_erased else lists, passphrase)
    async with open_database(config, makes=True) as urls:
        place = Place(
            app_url=urls.app,
            owner_url=urls.owner,
            reader_url=urls.reader,
            keyring_path=config.data_dir / KEYRING_NAME,
            keyring_given=config.keyring,
            backups_dir=config.data_dir / BACKUPS_NAME,
        )
        finish, contents = compose_finish(config, app.TRACES, print), ClosedContents(compose_storage(config))
        restoring = Restoring(place, schema.metadata.tables, finish, print, contents)
        return await restoring.run(archive, passphrase, replace=options.replace, erased_since=erased)


@contextmanager
def _nobody_else(config: Config) -> Iterator[None]:
    """Makes the data directory where there is none, and refuses one that `up` works on."""
    account = choose_account(embedded_dir(config) / CLUSTER_DIR, run_as()) if not config.database_url else None
    make_data_dir(config.data_dir, account)
    with one_installation(config.data_dir):
        yield
