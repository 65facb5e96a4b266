"""What is done, in which order, when a space is brought back? Its journal, the contents of its files, what follows from bringing it back,
its rows, and the proof.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

from google.protobuf.message import Message

from tallystick.errors import NotVisible
from tallystick.rebuilding.contents import Contents
from tallystick.rebuilding.history import History
from tallystick.rebuilding.on_top import OnTop
from tallystick.rebuilding.reading import Entry, Reading
from tallystick.rebuilding.refusals import judging, unsound
from tallystick.rebuilding.rules import FILE
from tallystick.rebuilding.shape import Beside, Shape
from tallystick.rebuilding.source import Rebuilt, Source
from tallystick.rebuilding.states import EntityRows, State, newest, open_state, together
from tallystick.store import door
from tallystick.store.commits import id_of
from tallystick.store.replay import NEWEST_OF_IDS, NEWEST_OF_KINDS
from tallystick.store.rotation import NOBODY
from tallystick.store.statements import Call
from tallystick.store.tx import WriteTx

Tell = Callable[[int], None]
# So many at a time: other calls have their turn between.
BATCH = 100


@dataclass(frozen=True, slots=True)
class Others:
    """What other features do when a space is brought back."""

    contents: Contents
    besides: Sequence[Beside]


class Work(ABC):
    """One space that is brought back."""

    # The newest commit that was there before.
    head: int
    # What is first written behind all that the space ever was.
    first: int

    def __init__(self, tx: WriteTx, request: Message, shape: Shape, others: Others, source: Source, tell: Tell) -> None:
        self.tx = tx
        self._others = others
        self.shape = shape
        self.source = source
        self.tell = tell
        self.view = tx.as_snapshot()
        self.history = History(self.view, id_of(request), tx.caller.session_id)
        self._prepare()
        self.top = OnTop(self.history, self.first, tx.caller.user_id, tx.now)
        self.putting = others.contents.begin(self.view, tx.caller.user_id, self.first, tx.now)
        self._reading = Reading(shape.entities, source.space_id, tx.space_id, tx.caller.user_id, source.seq)
        self._entities = 0

    async def run(self) -> Rebuilt:
        # The store's own work from here on: it sees everybody's private rows.
        await self.view.fetch_all(door.CONTEXT(user_id=NOBODY, space_id=self.tx.space_id))
        await self._require()
        await self._bring_back()
        await self._put_contents()
        await self._change()
        await self.top.flush()
        await self._write_rows()
        await self._finish()
        problem = await self.shape.prove(self.view)
        if problem:
            raise unsound(problem)
        return Rebuilt(self.tx.space_id, self._entities, self.history.written, self.putting.count)

    async def undo(self) -> None:
        await self.putting.undo()

    @abstractmethod
    def _prepare(self) -> None:
        """Says what `head` and `first` are."""

    @abstractmethod
    async def _require(self) -> None:
        """Judges whether it may be done."""

    @abstractmethod
    async def _bring_back(self) -> None:
        """Writes the journal of what was saved."""

    @abstractmethod
    async def _change(self) -> None:
        """What follows from bringing it back."""

    @abstractmethod
    async def _finish(self) -> None:
        """What stands outside of the space's own rows."""

    async def entries(self) -> AsyncGenerator[Entry, None]:
        """What was saved, as this space calls it."""
        async with aclosing(self.source.revisions()) as revisions:
            async for revision in revisions:
                entry = self._reading.read(revision)
                if entry is not None:
                    yield entry

    async def states_of(self, kinds: Sequence[str]) -> AsyncGenerator[State, None]:
        """The newest states of all entities of some kinds, as the journal has them now."""
        rows = await self.view.fetch(NEWEST_OF_KINDS(space_id=self.view.space_id, kinds=list(kinds)))
        for row in rows:
            yield open_state(self.view, self.shape.entities, row)

    async def beside(self, was: UUID) -> list[Call[()]]:
        """What is kept besides entities."""
        calls = list[Call[()]]()
        try:
            for each in (self.shape.beside, *self._others.besides):
                calls += await each(self.view, self.tx.caller, was, self.top.seq, self.tx.now)
        except NotVisible as missing:
            raise unsound("space") from missing
        return calls

    async def _put_contents(self) -> None:
        async with aclosing(self.source.contents()) as contents:
            async for file_id, pieces in contents:
                file = await self._find_file(file_id)
                if file is None:
                    await _pass_over(pieces)
                else:
                    await self.putting.put(file, pieces)

    async def _find_file(self, file_id: UUID) -> Message | None:
        rows = await self.view.fetch(NEWEST_OF_IDS(space_id=self.view.space_id, ids=[file_id]))
        states = [open_state(self.view, self.shape.entities, row) for row in rows if row[2] == FILE]
        return states[0].message if states and not states[0].is_deleted else None

    async def delete_without_content(self) -> None:
        """A file whose content nobody has is none."""
        async for state in self.states_of([FILE]):
            if not state.is_deleted and not await self.putting.is_there(state.id):
                await self.top.delete(state.kind, state.message)

    async def _write_rows(self) -> None:
        """What changed is written, and all of it is counted."""
        rows, derivation = EntityRows(self.view, self.shape.entities), self.shape.derivation(self.view)
        async with aclosing(newest(self.view, self.shape.entities, self.head, self.top.seq)) as slices:
            async for states in slices:
                self._entities += len(states)
                calls = rows.compose(states)
                with judging("entries"):
                    calls += await derivation.rows_of(states)
                    for state in states:
                        derivation.count(state)
                    await self.view.fetch_all(*together(calls))
        async with aclosing(newest(self.view, self.shape.entities, 0, self.head)) as slices:
            async for states in slices:
                self._entities += len(states)
                for state in states:
                    derivation.count(state)
        with judging("sums"):
            await self.view.fetch_all(*rows.rest())
            sums = await derivation.sums(self.top.seq)
            for start in range(0, len(sums), BATCH):
                await self.view.fetch_all(*together(sums[start : start + BATCH]))
        self.tx.seq = self.top.seq


async def _pass_over(pieces: AsyncIterator[bytes]) -> None:
    async for _ in pieces:
        pass
