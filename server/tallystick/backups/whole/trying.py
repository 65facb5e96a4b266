"""Would an archive come back? It is restored beside what is there, brought up to this schema, proven, and taken away again."""

from collections.abc import Collection
from pathlib import Path

from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.spool import spool
from tallystick.backups.targets.target import Target
from tallystick.backups.whole import scratch
from tallystick.backups.whole.contents import Discarding
from tallystick.backups.whole.restoring import Finish, Place, Restoring
from tallystick.store.keyring import Keyring


class Trial:
    """Restores archives of targets where nobody sees them. Needs the right to make a schema, and room for the database a second time."""

    def __init__(
        self, place: Place, keyring: Keyring, tables: Collection[str], finish: Finish, spool_dir: Path
    ) -> None:
        self._place = place
        self._keyring = keyring
        self._restoring = Restoring(place, tables, finish, lambda line: None, Discarding())
        self._spool_dir = spool_dir

    async def run(self, target: Target, stored_id: str, passphrase: Passphrase) -> int:
        """How many spaces differ in themselves. Everything else that is wrong is raised."""
        path = self._spool_dir / "trial"
        try:
            await spool(target.read(stored_id), path)
            with scratch.alone(self._place.owner_url) as connection:
                try:
                    return await self._restoring.rebuild(connection, path, passphrase, self._keyring, forgets=False)
                finally:
                    scratch.clear(connection)
        finally:
            path.unlink(missing_ok=True)
