"""What becomes of a space that is brought back where it is? What is as it was saved stays; the rest is changed back, in changes like any
other, so that nothing of its history is lost.

Both journals are read side by side, in the order of commits. What is newest in both at the same place is the same; all else was changed
since, was made since, or was not there any more.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from uuid import UUID

from tallystick.rebuilding.on_top import OnTop
from tallystick.rebuilding.reading import LEFT_OUT, Entry
from tallystick.rebuilding.rules import FILE, MEMBER, ended_import, is_same, is_under_way
from tallystick.rebuilding.shape import Shape, Standing
from tallystick.rebuilding.states import State, newest, open_state
from tallystick.store.journal import Op
from tallystick.store.replay import NEWEST_OF_IDS
from tallystick.store.tx import Snapshot

BATCH = 100


class Placing:
    """Brings one space back where it is."""

    def __init__(self, view: Snapshot, shape: Shape, top: OnTop, standing: Standing, head: int, until: int) -> None:
        """`head`: its newest commit. `until`: the commit that it is brought back to."""
        self._view = view
        self._shape = shape
        self._top = top
        self._standing = standing
        self._head = head
        self._until = until
        # What was there before that commit, and is not in what comes back. There is hardly ever any.
        self._missing: list[State] = []
        # What comes back and was written since, also if it is what it was.
        self._changed: set[tuple[str, UUID]] = set()
        # The files that are there no more.
        self.dropped: list[UUID] = []

    async def bring_back(self, saved: AsyncGenerator[Entry, None]) -> None:
        """`saved`: the newest states, in the order of commits."""
        changed: list[Entry] = []
        async with aclosing(self._standing_states()) as states:
            here = await anext(states, None)
            async for entry in saved:
                if entry.kind in self._shape.schedules:
                    self._standing.schedules.add(entry.message.id)
                while here is not None and here.place < entry.place:
                    self._missing.append(here)
                    here = await anext(states, None)
                if here is not None and here.place == entry.place and here.key == entry.key:
                    is_unchanged = here.message == entry.message and here.is_deleted == (entry.op == Op.DELETE)
                    here = await anext(states, None)
                    if is_unchanged and not is_under_way(entry.message):
                        continue
                changed.append(entry)
                if len(changed) == BATCH:
                    await self._change_back(changed)
                    changed = []
            while here is not None:
                self._missing.append(here)
                here = await anext(states, None)
        await self._change_back(changed)
        await self._top.flush()

    async def _standing_states(self) -> AsyncGenerator[State, None]:
        async with aclosing(newest(self._view, self._shape.entities, 0, self._until)) as slices:
            async for states in slices:
                for state in states:
                    if state.kind not in LEFT_OUT:
                        yield state

    async def _change_back(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        # What was written on top is seen by what comes after.
        await self._top.flush()
        ids = sorted({entry.entity_id for entry in entries})
        rows = await self._view.fetch(NEWEST_OF_IDS(space_id=self._view.space_id, ids=ids))
        known = [open_state(self._view, self._shape.entities, row) for row in rows if row[2] in self._shape.entities]
        now = {state.key: state for state in known}
        for entry in entries:
            await self._change_one(entry, now.get(entry.key))

    async def _change_one(self, entry: Entry, now: State | None) -> None:
        self._changed.add(entry.key)
        if now is not None and self._shape.stays(self._standing, now):
            self._shape.learn(self._standing, now)
            return
        wanted = self._shape.in_place(entry, now)
        if wanted is None:
            return
        is_deleted = entry.op == Op.DELETE
        if now is None:
            await self._top.put(entry.kind, None, wanted)
            if is_deleted:
                await self._top.delete(entry.kind, wanted)
        elif is_deleted and not now.is_deleted:
            if not is_same(now.message, wanted):
                await self._top.put(entry.kind, now.message, wanted)
            await self._top.delete(entry.kind, wanted)
            self._drop(now)
        elif now.is_deleted != is_deleted or not is_same(now.message, wanted):
            await self._top.put(entry.kind, now.message, wanted)
            if is_deleted:
                await self._top.delete(entry.kind, wanted)

    async def take_away(self) -> None:
        """What was made since goes, but for what stays. Whatever that is booked on stays, too."""
        async with aclosing(self._since()) as states:
            async for state in states:
                if self._stays(state):
                    self._shape.learn(self._standing, state)
        async with aclosing(self._since()) as states:
            async for state in states:
                if not state.is_deleted and not self._is_kept(state):
                    await self._delete(state)
        await self._top.flush()

    async def _delete(self, state: State) -> None:
        gone = state.message
        if is_under_way(gone):
            gone = ended_import(gone)
            await self._top.put(state.kind, state.message, gone)
        await self._top.delete(state.kind, gone)
        self._drop(state)

    def _is_kept(self, state: State) -> bool:
        if state.kind == MEMBER or state.id in self._standing.account_ids:
            return True
        return self._stays(state)

    def _stays(self, state: State) -> bool:
        """What was posted since stays, too: it would be due again at once, and nothing is posted twice in one space."""
        slot = self._shape.slot_of(state)
        return self._shape.stays(self._standing, state) or (slot is not None and slot[0] in self._standing.schedules)

    async def _since(self) -> AsyncGenerator[State, None]:
        for state in self._missing:
            if state.key not in self._changed:
                yield state
        async with aclosing(newest(self._view, self._shape.entities, self._until, self._head)) as slices:
            async for states in slices:
                for state in states:
                    if state.kind not in LEFT_OUT and state.key not in self._changed:
                        yield state

    def _drop(self, state: State) -> None:
        if state.kind == FILE:
            self.dropped.append(state.id)
