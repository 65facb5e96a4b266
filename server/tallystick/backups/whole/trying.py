"""Would an archive come back? It is restored beside what is there, brought up to this schema, proven, and taken away again.

A space that differs in itself where people work differs in what comes back, too: that is told, and is not the archive's fault. One that
differs only in what came back was lost on the way, and then nothing is proven.
"""

from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from uuid import UUID

from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.errors import DiffersAlone
from tallystick.backups.spool import spool
from tallystick.backups.targets.target import Target
from tallystick.backups.whole import scratch
from tallystick.backups.whole.contents import Discarding
from tallystick.backups.whole.restoring import NOBODY_ERASED, Finish, Place, Restoring
from tallystick.store.keyring import Keyring

# Which of some spaces differ in themselves, in the database of a URL.
ListDiffering = Callable[[str, Keyring, Collection[UUID]], Awaitable[frozenset[UUID]]]


class Trial:
    """Restores archives of targets where nobody sees them. Needs the right to make a schema, and room for the database a second time."""

    def __init__(
        self,
        place: Place,
        keyring: Keyring,
        tables: Collection[str],
        finish: Finish,
        list_differing: ListDiffering,
        spool_dir: Path,
    ) -> None:
        self._place = place
        self._keyring = keyring
        self._restoring = Restoring(place, tables, finish, lambda line: None, Discarding())
        self._list_differing = list_differing
        self._spool_dir = spool_dir

    async def run(self, target: Target, stored_id: str, passphrase: Passphrase) -> int:
        """How many spaces differ in themselves, there and where people work. Everything else that is wrong is raised."""
        path = self._spool_dir / "trial"
        try:
            await spool(target.read(stored_id), path)
            with scratch.alone(self._place.owner_url) as connection:
                try:
                    found = await self._restoring.rebuild(connection, path, passphrase, self._keyring, NOBODY_ERASED)
                finally:
                    scratch.clear(connection)
        finally:
            path.unlink(missing_ok=True)
        if found:
            await self._require_everywhere(found)
        return len(found)

    async def _require_everywhere(self, found: frozenset[UUID]) -> None:
        alone = found - await self._list_differing(self._place.app_url, self._keyring, found)
        if alone:
            raise DiffersAlone(f"{len(alone)} spaces differ in what came back, and not here: {min(alone)} is one")
