"""How do revisions become a journal? Each entity's first one is its beginning, and each names the commit of the next.

What an archive holds is what one user saw. Where they did not see a change that lies between two others, the chain is closed over it; a
chain that contradicts itself is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from tallystick.rebuilding.reading import Entry
from tallystick.rebuilding.refusals import judging, unsound
from tallystick.store.journal import CHANGES_MAX, PLACE, Op, row_of
from tallystick.store.replay import JOURNAL, LAST, SUPERSEDE
from tallystick.store.tx import Snapshot


@dataclass(slots=True)
class _Last:
    """The last change of an entity so far. `entry`: it is in the same batch."""

    seq: int
    ordinal: int
    superseded_by: int | None
    entry: Entry | None = None


class History:
    """Writes the journal of one space."""

    def __init__(self, view: Snapshot, request_id: UUID, session_id: UUID | None) -> None:
        self._view = view
        self._request_id = request_id
        self._session_id = session_id
        self.written = 0

    async def write(self, batch: Sequence[Entry], *, on_top: bool) -> None:
        """`on_top`: what follows from bringing the space back; whatever was newest is not any more."""
        if not batch:
            return
        ids = sorted({entry.entity_id for entry in batch})
        rows = await self._view.fetch(LAST(space_id=self._view.space_id, ids=ids))
        last = {(kind, entity_id): _Last(*others) for kind, entity_id, *others in rows}
        closed: list[tuple[int, int, int]] = []
        entries: list[Entry] = []
        for entry in batch:
            before = last.get(entry.key)
            if before is None:
                entries += _begun(entry)
            else:
                self._follow(before, entry, closed, on_top=on_top)
                entries.append(entry)
            last[entry.key] = _Last(entry.seq, entry.ordinal, entry.superseded_by, entry)
        await self._send(entries, closed)
        self.written += len(entries)

    def _follow(self, before: _Last, entry: Entry, closed: list[tuple[int, int, int]], *, on_top: bool) -> None:
        claimed = before.superseded_by
        if not on_top and (claimed is None or not before.seq <= claimed <= entry.seq):
            raise unsound("journal.superseded_by")
        if claimed == entry.seq:
            return
        if before.entry is not None:
            before.entry.superseded_by = entry.seq
        else:
            closed.append((before.seq, before.ordinal, entry.seq))

    async def _send(self, entries: Sequence[Entry], closed: Sequence[tuple[int, int, int]]) -> None:
        space_id, seal = self._view.space_id, self._view.seal
        calls = [
            JOURNAL(
                space_id=space_id,
                seq=entry.seq,
                ordinal=entry.ordinal,
                entity_kind=entry.kind,
                entity_id=entry.entity_id,
                op=entry.op,
                actor_id=entry.actor_id,
                session_id=self._session_id,
                at=entry.at,
                request_id=self._request_id,
                fields=",".join(entry.fields),
                body=seal.close(
                    PLACE,
                    row_of(entry.ordinal, entry.entity_id),
                    entry.seq,
                    entry.message.SerializeToString(deterministic=True),
                ),
                superseded_by=entry.superseded_by,
                private_to=entry.private_to,
            )
            for entry in entries
        ]
        seqs, ordinals, laters = ([each[part] for each in closed] for part in range(3))
        superseded = [SUPERSEDE(of_space=space_id, seqs=seqs, ordinals=ordinals, laters=laters)] if closed else []
        with judging("journal"):
            await self._view.fetch_all(*superseded, JOURNAL.together(calls))


def _begun(entry: Entry) -> list[Entry]:
    """The first change that there is of an entity is its beginning. What begins with its deletion was there before."""
    beginning = replace(entry, op=Op.PUT, fields=())
    if entry.op == Op.PUT:
        entry.fields = ()
        return [entry]
    beginning.superseded_by = entry.seq
    # No commit has so many changes, so the place is free.
    entry.ordinal += CHANGES_MAX
    return [beginning, entry]
