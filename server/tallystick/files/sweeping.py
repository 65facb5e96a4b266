"""What becomes of contents that nobody needs any more? First their rows go, then what lies of them.

Every few minutes: uploads that were not finished in time, and files that were deleted long enough ago. Whoever finishes or restores one in
the last moment holds its row, and the sweep waits and leaves it; or the sweep was faster, and they find it gone.

Once a day, in one server: what lies there without a row, because somebody died between the two, or a space was erased. A content's row is
there before anything of it lies anywhere, and its name is never used again; so what has no row now will have none. What is young is left
alone all the same, and so is what belongs to a space that this database has never known: that is somebody else's folder. Spaces that a
restore put others in the place of are known as such. While one restores, which brings contents before their rows, nothing is taken away.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from tallystick.files import queries, writes
from tallystick.files.storage.storage import FileStorage, Found, Place
from tallystick.jobs import runs
from tallystick.log import log
from tallystick.store import door
from tallystick.store.apart import Apart
from tallystick.store.rotation import NOBODY
from tallystick.store.store import Store

SWEEP_EVERY_S = 300.0
DUE_MAX, FOUND_MAX = 100, 500
JOB = "sweep_files"
LEASE = timedelta(hours=2)
# Younger than this, and nobody asks whose it is.
LEFT_ALONE = timedelta(days=1)


class Sweeping:
    """Takes contents away."""

    def __init__(self, store: Store, apart: Apart, storage: FileStorage) -> None:
        self._store = store
        self._apart = apart
        self._storage = storage

    async def run(self) -> int:
        """Returns how many contents it took away."""
        taken = await self._take_due()
        now = self._store.clock.now()
        if not await runs.claim(self._apart, runs.NO_SPACE, JOB, now.date(), now, LEASE):
            return taken
        problem = None
        try:
            taken += await self.take_orphans()
        except Exception as failed:
            problem = type(failed).__name__
            raise
        finally:
            await runs.finish(self._apart, runs.NO_SPACE, JOB, now.date(), problem)
        return taken

    async def _take_due(self) -> int:
        taken = 0
        while due := await self._apart.fetch(queries.DUE(now=self._store.clock.now(), limit=DUE_MAX)):
            found = [place for space_id, file_id in due if (place := await self._drop_rows(space_id, file_id))]
            for place in found:
                await self._storage.remove(place)
            taken += len(found)
            if len(due) < DUE_MAX:
                break
        if taken:
            log("files_swept", count=taken)
        return taken

    async def _drop_rows(self, space_id: UUID, file_id: UUID) -> Place | None:
        """None: somebody brought it back, or took it, in the last moment."""
        named = {"of_space": space_id, "of_file": file_id}
        context = door.CONTEXT(user_id=NOBODY, space_id=space_id)
        take = writes.TAKE_DUE(**named, now=self._store.clock.now())
        async with self._store.connection() as connection:
            _, _, rows = await connection.batch([door.BEGIN(), context, take])
            if not rows:
                return None
            await connection.batch([writes.DROP_KEY(**named), door.COMMIT()])
        return Place(space_id, rows[0][0])

    async def take_orphans(self) -> int:
        """What lies there without a row."""
        before = self._store.clock.now() - LEFT_ALONE
        taken, asked = 0, list[Found]()
        async for found in self._storage.walk():
            if found.changed_at < before:
                asked.append(found)
            if len(asked) == FOUND_MAX:
                taken += await self._take_unknown(asked)
                asked = []
        taken += await self._take_unknown(asked)
        left_behind = await self._storage.tidy(before)
        if taken or left_behind:
            log("orphans_swept", count=taken, left_behind=left_behind)
        return taken

    async def _take_unknown(self, found: Sequence[Found]) -> int:
        if not found:
            return 0
        context = door.CONTEXT(user_id=NOBODY, space_id=runs.NO_SPACE)
        hold_off = queries.HOLD_OFF_RESTORES()
        known_contents = queries.KNOWN_CONTENTS(content_ids=[each.place.content_id for each in found])
        known_spaces = queries.KNOWN_SPACES(space_ids=sorted({each.place.space_id for each in found}))
        async with self._store.connection() as connection:
            _, _, ((may_go_on,),), contents, spaces = await connection.batch(
                [door.BEGIN(), context, hold_off, known_contents, known_spaces]
            )
            if not may_go_on:
                return 0
            known, ours = {row[0] for row in contents}, {row[0] for row in spaces}
            orphans = [
                each.place for each in found if each.place.content_id not in known and each.place.space_id in ours
            ]
            for place in orphans:
                await self._storage.remove(place)
            await connection.batch([door.COMMIT()])
        return len(orphans)
