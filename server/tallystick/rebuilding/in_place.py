"""What is brought back in its place? What is in the space; who is in it, who may come in, and who is told of it stay as they are."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from sqlalchemy import Uuid, bindparam, exists, select

from tallystick.rebuilding.placing import Placing
from tallystick.rebuilding.reading import Entry
from tallystick.rebuilding.refusals import unsound, would_lose
from tallystick.rebuilding.shape import Standing
from tallystick.rebuilding.work import BATCH, Work
from tallystick.store import door
from tallystick.store.epochs import LEAP
from tallystick.store.metadata import metadata
from tallystick.store.replay import KIND, RENEW
from tallystick.store.statements import Statement, prepare

# Whether something in a table that is not deleted is somebody else's alone.
_HIDDEN: dict[str, Statement[bool]] = {}


def hidden_in(name: str) -> Statement[bool]:
    """Whether there is something that is not deleted, and that a user does not see."""
    if name not in _HIDDEN:
        table = metadata.tables[name]
        others = select(table.c.id).where(
            table.c.space_id == bindparam("space_id", type_=Uuid),
            table.c.deleted_at.is_(None),
            table.c.private_to.is_not(None),
            table.c.private_to != bindparam("user_id", type_=Uuid),
        )
        _HIDDEN[name] = prepare(select(exists(others)))
    return _HIDDEN[name]


class InPlace(Work):
    """A space that is there."""

    def _prepare(self) -> None:
        # The door has taken the next number.
        self.head = self.tx.seq - 1
        # Also if the server itself was put back meanwhile, no commit is named twice.
        self.first = max(self.head, self.source.seq) + LEAP
        self._standing = Standing()
        self._placing: Placing | None = None

    async def _require(self) -> None:
        space_id, user_id = self.tx.space_id, self.tx.caller.user_id
        tables = [kind for kind, entity in self.shape.entities.items() if "private_to" in entity.table.c]
        asked = [hidden_in(name)(space_id=space_id, user_id=user_id) for name in tables]
        kinds, *hidden = await self.view.fetch_all(KIND(space_id=space_id), *asked)
        if kinds[0][0] != self.source.kind:
            raise unsound("space.kind")
        if any(rows[0][0] for rows in hidden):
            raise would_lose()

    async def _bring_back(self) -> None:
        async for state in self.states_of(self.shape.standing):
            self.shape.learn(self._standing, state)
        self._placing = Placing(self.view, self.shape, self.top, self._standing, self.head, self.source.seq)
        async with aclosing(self._saved()) as saved:
            await self._placing.bring_back(saved)
        await self._placing.take_away()

    async def _saved(self) -> AsyncGenerator[Entry, None]:
        """The newest states that were saved, in the order of commits."""
        read = 0
        async with aclosing(self.entries()) as entries:
            async for entry in entries:
                read += 1
                if read % BATCH == 0:
                    self.tell(read)
                if entry.superseded_by is None:
                    yield entry
        self.tell(read)

    async def _change(self) -> None:
        async for state in self.states_of(self.shape.schedules):
            after = self.shape.after_posting(self._standing, state)
            if after is not None and not state.is_deleted:
                await self.top.put(state.kind, state.message, after)
        await self.top.flush()
        await self.delete_without_content()

    async def _finish(self) -> None:
        assert self._placing is not None, "it was brought back before"
        space_id, seq = self.tx.space_id, self.top.seq
        await self.putting.remove_later(self._placing.dropped)
        beside = await self.beside(space_id)
        await self.view.fetch_all(*beside, RENEW(of_space=space_id, seq=seq), door.FOUND_CONTEXT(seq=seq))
        self.tx.audit("space_put_back")
