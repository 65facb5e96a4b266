"""How is a space proven? All of one state of it is read, in slices, and compared.

What is about one id is read together and proven (inspecting.py). Of all that only sums stay in memory; what is kept of them is held
against them at the end. Every few milliseconds it pauses, so that other calls go on.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from tallystick.proof import walking
from tallystick.proof.findings import JOURNAL, Finding, missing_link
from tallystick.proof.inspecting import Inspection
from tallystick.proof.walking import CellWalk, EntityWalk, Walk, by_id, rows_of
from tallystick.store.entity import Entity
from tallystick.store.own_work import own_snapshot
from tallystick.store.statements import Statement
from tallystick.store.store import Store
from tallystick.store.tx import Snapshot

# A space with more differences needs no longer list.
NAMED_MAX = 1000
PROGRESS_EVERY = 2000
# Each holds a connection of the server as long as it takes.
PROOFS_AT_ONCE = 2
LINKS_MAX = 500
PAUSE_AFTER_S = 0.005


@dataclass(frozen=True, slots=True)
class Progress:
    """So many of the entities that most of it is made of were looked at."""

    checked: int
    total: int


class Verdict(Protocol):
    """What the end of every proof says."""

    @property
    def changes(self) -> int: ...
    @property
    def differences(self) -> int: ...


V = TypeVar("V", bound=Verdict)
S = TypeVar("S", bound=Inspection)
Tell = Callable[[Progress | Finding | V], None]


def entities_of(schema: ModuleType) -> tuple[Entity[Any], ...]:
    """Every entity of the modules that make up the schema, so that a new one is proven without being named again."""
    modules = [part for part in vars(schema).values() if isinstance(part, ModuleType)]
    found = {each.kind: each for module in modules for each in vars(module).values() if isinstance(each, Entity)}
    return tuple(found[kind] for kind in sorted(found))


class Proof(ABC, Generic[V]):
    """Proves spaces of one kind."""

    def __init__(self, store: Store, entities: Sequence[Entity[Any]], turns: asyncio.Semaphore | None = None) -> None:
        """`turns`: those that are shared with the proofs of other kinds."""
        self._store = store
        self._walks = [EntityWalk(entity) for entity in entities]
        self.turns = turns or asyncio.Semaphore(PROOFS_AT_ONCE)

    @abstractmethod
    def begin(self, tx: Snapshot, walks: Sequence[EntityWalk], tell: Tell[V]) -> "Proving[V, Any]":
        """A proof that is about to run."""

    async def of_space(self, space_id: UUID, tell: Tell[V]) -> V:
        """Proves everything that is in the space, whoever's it is, and tells each step; the last one is the verdict. Who is told must
        have been admitted before, and may not be told everything (`Finding.may_be_told`)."""
        async with self.turns, own_snapshot(self._store, space_id) as tx:
            return await self.begin(tx, self._walks, tell).run()

    async def of_commit(self, tx: Snapshot, tell: Tell[V]) -> V:
        """The same of what a commit has written, before it is one. It must see everybody's private rows."""
        return await self.begin(tx, self._walks, tell).run()

    async def steps(self, space_id: UUID) -> AsyncGenerator[Progress | Finding | V, None]:
        """The same steps, worked out without waiting for whoever reads them: a reader who stops reading holds no connection."""
        steps: asyncio.Queue[Progress | Finding | V | None] = asyncio.Queue()

        async def work() -> None:
            try:
                await self.of_space(space_id, steps.put_nowait)
            finally:
                steps.put_nowait(None)

        worker = asyncio.create_task(work())
        try:
            while (step := await steps.get()) is not None:
                yield step
            await worker
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)


class Proving(ABC, Generic[V, S]):
    """One proof. Each kind of space says what it counts, what is walked besides entities, and which sums are kept."""

    # How many there are of what `checked` counts; what is walked besides entities and journal; and which of some ids there are.
    count: Statement[int]
    others: Sequence[Walk] = ()
    # Cells under no id, that only have to open. Nothing follows from answers, but whoever repeats a request needs them.
    lone: Sequence[CellWalk] = (walking.ANSWERS,)
    existing: Mapping[str, Statement[UUID]]

    def __init__(self, tx: Snapshot, walks: Sequence[EntityWalk], seen: S, tell: Tell[V]) -> None:
        self.tx = tx
        self.seen = seen
        self._walks = walks
        self._tell = tell
        self._differences = 0
        self._reported = 0
        self._paused_s = time.perf_counter()

    @property
    @abstractmethod
    def checked(self) -> int:
        """How far it is."""

    async def learn(self) -> None:
        """Reads what must be known before anything is proven."""

    @abstractmethod
    async def prove_sums(self) -> None:
        """Holds what is kept against what follows from all that was seen."""

    @abstractmethod
    def compose_verdict(self, differences: int, seq: int) -> V: ...

    async def run(self) -> V:
        space_id = self.tx.space_id
        asked = walking.SEQ(space_id=space_id), self.count(space_id=space_id)
        ((seq,),), ((total,),) = await self.tx.fetch_all(*asked)
        self._tell(Progress(0, total))
        await self.learn()
        await self._prove_ids(total)
        await self.prove_sums()
        await self._prove_lone()
        self._prove_version(seq)
        await self.report()
        verdict = self.compose_verdict(self._differences, seq)
        self._tell(verdict)
        return verdict

    async def report(self) -> None:
        """Tells what was found since the last time, as far as there is room for its names, and lets others have their turn."""
        if self.seen.findings:
            found, self.seen.findings = self.seen.findings, []
            for finding in found[: max(0, NAMED_MAX - self._differences)]:
                self._tell(finding)
            self._differences += len(found)
        if time.perf_counter() - self._paused_s > PAUSE_AFTER_S:
            await asyncio.sleep(0)
            self._paused_s = time.perf_counter()

    async def _prove_ids(self, total: int) -> None:
        walks = [*self._walks, *self.others, *self.seen.cells, walking.JOURNAL]
        async with aclosing(by_id(self.tx, walks)) as ids:
            async for row_id, found in ids:
                self.seen.prove_id(row_id, found)
                if len(self.seen.links) >= LINKS_MAX:
                    await self._prove_links()
                if self.checked - self._reported >= PROGRESS_EVERY:
                    self._reported = self.checked
                    self._tell(Progress(self._reported, total))
                await self.report()
        await self._prove_links()

    async def _prove_links(self) -> None:
        """Whether everything is there that was named since the last time."""
        links, self.seen.links = self.seen.links, []
        wanted: dict[str, set[UUID]] = {}
        for table, named, *_ in links:
            wanted.setdefault(table, set()).add(named)
        answers = await self.tx.fetch_all(
            *(self.existing[table](space_id=self.tx.space_id, ids=[*ids]) for table, ids in wanted.items())
        )
        there = {table: {row[0] for row in rows} for table, rows in zip(wanted, answers, strict=True)}
        for table, named, subject, owners in links:
            if named not in there[table]:
                self.seen.findings.append(replace(missing_link(subject, table, named), owners=owners))

    async def _prove_lone(self) -> None:
        for walk in self.lone:
            async with aclosing(rows_of(self.tx, walk)) as rows:
                async for row in rows:
                    self.seen.open_cells(walk, [row])
                    await self.report()

    def _prove_version(self, seq: int) -> None:
        """The space's own number is not behind what was written under it, or the next commits would repeat it."""
        newest = self.seen.newest_version
        if seq < newest:
            told = f"seq={newest} or more", f"seq={seq}"
            self.seen.findings.append(Finding(JOURNAL, "space.seq", str(self.tx.space_id), *told))
