"""Does a book hold what its transactions and its journal say? All of one state of it is read, in slices, and compared.

What is about one id is read together and proven (proof_ids.py). Of all that only sums stay in memory; balances and totals are held
against them at the end. Every few milliseconds it pauses, so that other calls go on.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any
from uuid import UUID

from tallystick.ledger.proof import queries, rules
from tallystick.ledger.proof.ids import Inspection
from tallystick.ledger.proof.queries import EntityWalk, by_id, rows_of
from tallystick.ledger.proof.rules import JOURNAL, Finding
from tallystick.ledger.tables import BALANCE, TOTAL
from tallystick.store.entity import Entity
from tallystick.store.own_work import own_snapshot
from tallystick.store.sealed import ANSWER
from tallystick.store.store import Store
from tallystick.store.tx import Snapshot

# A book with more differences needs no longer list.
NAMED_MAX = 1000
PROGRESS_EVERY = 2000
# Each holds a connection of the server as long as it takes.
PROOFS_AT_ONCE = 2
LINKS_MAX = 500
PAUSE_AFTER_S = 0.005


@dataclass(frozen=True, slots=True)
class Progress:
    """So many transactions were looked at."""

    checked: int
    total: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The proof is over."""

    transactions: int
    accounts: int
    changes: int
    differences: int
    version: int


Step = Progress | Finding | Verdict


def entities_of(schema: ModuleType) -> tuple[Entity[Any], ...]:
    """Every entity of the modules that make up the schema, so that a new one is proven without being named again."""
    modules = [part for part in vars(schema).values() if isinstance(part, ModuleType)]
    found = {each.kind: each for module in modules for each in vars(module).values() if isinstance(each, Entity)}
    return tuple(found[kind] for kind in sorted(found))


class Proof:
    """Proves books."""

    def __init__(self, store: Store, entities: Sequence[Entity[Any]]) -> None:
        self._store = store
        self._walks = [EntityWalk(entity) for entity in entities]
        self._turns = asyncio.Semaphore(PROOFS_AT_ONCE)

    async def of_book(self, book_id: UUID, tell: Callable[[Step], None]) -> Verdict:
        """Proves everything that is in the book, whoever's it is, and tells each step; the last one is the verdict. Who is told must have
        been admitted before, and may not be told everything (`Finding.may_be_told`)."""
        async with self._turns, own_snapshot(self._store, book_id) as tx:
            return await _Proving(tx, self._walks, tell).run()

    async def steps(self, book_id: UUID) -> AsyncGenerator[Step, None]:
        """The same steps, worked out without waiting for whoever reads them: a reader who stops reading holds no connection."""
        steps: asyncio.Queue[Step | None] = asyncio.Queue()

        async def work() -> None:
            try:
                await self.of_book(book_id, steps.put_nowait)
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


class _Proving:
    """One proof."""

    def __init__(self, tx: Snapshot, walks: Sequence[EntityWalk], tell: Callable[[Step], None]) -> None:
        self._tx = tx
        self._walks = walks
        self._tell = tell
        self._seen = Inspection(tx, walks)
        self._differences = 0
        self._reported = 0
        self._paused_s = time.perf_counter()

    async def run(self) -> Verdict:
        space_id = self._tx.space_id
        asked = queries.SEQ(space_id=space_id), queries.TRANSACTION_COUNT(space_id=space_id)
        ((seq,),), ((total,),) = await self._tx.fetch_all(*asked)
        self._tell(Progress(0, total))
        await self._learn_accounts()
        await self._prove_ids(total)
        await self._prove_balances()
        await self._prove_totals()
        await self._prove_answers()
        self._prove_version(seq)
        await self._report()
        seen = self._seen
        verdict = Verdict(seen.live_transactions, seen.live_accounts, seen.changes, self._differences, seq)
        self._tell(verdict)
        return verdict

    async def _report(self) -> None:
        """Tells what was found since the last time, as far as there is room for its names, and lets others have their turn."""
        if self._seen.findings:
            found, self._seen.findings = self._seen.findings, []
            for finding in found[: max(0, NAMED_MAX - self._differences)]:
                self._tell(finding)
            self._differences += len(found)
        if time.perf_counter() - self._paused_s > PAUSE_AFTER_S:
            await asyncio.sleep(0)
            self._paused_s = time.perf_counter()

    async def _learn_accounts(self) -> None:
        async with aclosing(rows_of(self._tx, queries.ACCOUNTS)) as rows:
            async for row in rows:
                self._seen.learn_account(row)
                await self._report()

    async def _prove_ids(self, total: int) -> None:
        walks = [*self._walks, queries.ENTRIES, queries.TAGS, queries.JOURNAL]
        async with aclosing(by_id(self._tx, walks)) as ids:
            async for row_id, found in ids:
                self._seen.prove_id(row_id, found)
                if len(self._seen.links) >= LINKS_MAX:
                    await self._prove_links()
                checked = self._seen.live_transactions
                if checked - self._reported >= PROGRESS_EVERY:
                    self._reported = checked
                    self._tell(Progress(checked, total))
                await self._report()
        await self._prove_links()

    async def _prove_links(self) -> None:
        """Whether everything is there that was named since the last time."""
        links, self._seen.links = self._seen.links, []
        wanted: dict[str, set[UUID]] = {}
        for table, named, *_ in links:
            wanted.setdefault(table, set()).add(named)
        answers = await self._tx.fetch_all(
            *(queries.EXISTING[table](space_id=self._tx.space_id, ids=[*ids]) for table, ids in wanted.items())
        )
        there = {table: {row[0] for row in rows} for table, rows in zip(wanted, answers, strict=True)}
        for table, named, subject, owners in links:
            if named not in there[table]:
                self._seen.findings.append(replace(rules.missing_link(subject, table, named), owners=owners))

    async def _prove_balances(self) -> None:
        expected = self._seen.expected.balances
        async with aclosing(rows_of(self._tx, queries.BALANCES)) as rows:
            async for account_id, version, cell in rows:
                key = BALANCE.row_of({"account_id": account_id})
                plain = self._seen.open(BALANCE.place, key, version, cell, account_id)
                wanted = expected.pop(account_id, None)
                if plain is not None:
                    self._find(account_id, rules.differing_balance(account_id, wanted, plain))
                await self._report()
        for account_id, wanted in expected.items():
            self._find(account_id, rules.differing_balance(account_id, wanted, None))
            await self._report()

    async def _prove_totals(self) -> None:
        expected, names = self._seen.expected.totals, queries.TOTALS.order
        async with aclosing(rows_of(self._tx, queries.TOTALS)) as rows:
            async for *columns, version, cell in rows:
                account_id, category_id, currency, month = columns
                row = TOTAL.row_of(dict(zip(names, columns, strict=True)))
                plain = self._seen.open(TOTAL.place, row, version, cell, *columns)
                key = (account_id, category_id, currency, month)
                wanted = expected.pop(key, 0)
                if plain is not None:
                    self._find(account_id, rules.differing_total(key, wanted, int.from_bytes(plain, signed=True)))
                await self._report()
        for missing, wanted in expected.items():
            self._find(missing[0], rules.differing_total(missing, wanted, 0))
            await self._report()

    async def _prove_answers(self) -> None:
        """Nothing follows from them, but whoever repeats a request needs them to open."""
        async with aclosing(rows_of(self._tx, queries.ANSWERS)) as rows:
            async for request_id, version, cell in rows:
                row = ANSWER.row_of({"request_id": request_id})
                self._seen.open(ANSWER.place, row, version, cell, request_id)
                await self._report()

    def _prove_version(self, seq: int) -> None:
        """The space's own number is not behind what was written under it, or the next commits would repeat it."""
        newest = self._seen.newest_version
        if seq < newest:
            told = f"seq={newest} or more", f"seq={seq}"
            self._seen.findings.append(Finding(JOURNAL, "space.seq", str(self._tx.space_id), *told))

    def _find(self, account_id: UUID, found: Iterable[Finding]) -> None:
        """Findings about the sums of an account."""
        self._seen.findings += [replace(each, owners=self._seen.owner_of(account_id)) for each in found]
