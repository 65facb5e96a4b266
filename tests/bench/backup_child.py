"""One backup or restore in a process of its own, so that its memory is its own. Prints how long it took, and how it grew."""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from uuid import UUID

from tallystick import schema
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.spool import spool
from tallystick.backups.whole.restoring import Place, Restoring
from tallystick.backups.whole.writing import WholeServer
from tallystick.files.storage.closed import ClosedContents
from tallystick.files.storage.folder import FolderStorage
from tallystick.store.keyring import Keyring

PASSPHRASE = Passphrase("measured, and not kept")


async def back_up(url: str, keyring: Path, archive: Path) -> None:
    contents = ClosedContents(FolderStorage(keyring.parent / "files"))
    server = WholeServer(url, Keyring.follow(keyring), schema.metadata.tables, contents)
    await spool(server.write(PASSPHRASE), archive)


async def restore(app_url: str, owner_url: str, data_dir: Path, archive: Path) -> None:
    """All but the proofs, which PostgreSQL's own programs do not have."""
    place = Place(app_url, owner_url, owner_url, data_dir / "keyring.json", "", data_dir)

    async def finish(url: str, keyring: Keyring) -> frozenset[UUID]:
        return frozenset()

    contents = ClosedContents(FolderStorage(data_dir / "files"))
    restoring = Restoring(place, schema.metadata.tables, finish, lambda line: None, contents)
    await restoring.run(archive, PASSPHRASE, replace=False)


def _peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    what, *words = sys.argv[1:]
    before_kb, started = _peak_kb(), time.perf_counter()
    if what == "backup":
        asyncio.run(back_up(words[0], Path(words[1]), Path(words[2])))
    else:
        asyncio.run(restore(words[0], words[1], Path(words[2]), Path(words[3])))
    print(json.dumps({"seconds": time.perf_counter() - started, "grown_mb": (_peak_kb() - before_kb) / 1024}))


if __name__ == "__main__":
    main()
