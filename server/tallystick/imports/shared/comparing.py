"""What does the group have already of what a file says? First by names, then by what is moved, day and words, in slices.

As for books, what is known by its name is taken first, for all rows. A settlement says its name only in what is sealed: those around the
days of a slice are opened, as what may be a row without a name is.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from tallystick.groups.tables import EXPENSE, SETTLEMENT, import_id_of
from tallystick.imports.comparing import BY_KEY, DELETED, REVERTED, SLICE_ROWS, TURN, Compared, Tell, slices
from tallystick.imports.keys import Keys
from tallystick.imports.matching import CERTAIN, DAYS_MAX, LIKELY, Candidate, are_alike, best_match
from tallystick.imports.queries import STATUSES
from tallystick.imports.rows import DUPLICATE, NEW
from tallystick.imports.shared.queries import EXPENSES_BY_IMPORT_ID, EXPENSES_NEAR, SETTLEMENTS_NEAR
from tallystick.imports.shared.rows import Moved, moved_by, moved_by_row
from tallystick.store.tx import ReadTx
from tallystick.v1.group_expenses_pb2 import Expense
from tallystick.v1.group_settlements_pb2 import Settlement, SettlementState
from tallystick.v1.import_rows_pb2 import ImportMatch

__all__ = ["SLICE_ROWS", "ComparingShared"]

Thing = Expense | Settlement


@dataclass(frozen=True, slots=True)
class _Known:
    """What the group has under a name."""

    thing: Thing
    is_live: bool


@dataclass(slots=True)
class ComparingShared:
    """Compares the rows of one file with one group."""

    tx: ReadTx
    keys: Keys
    tell: Tell
    # What is a row already.
    taken: set[str] = field(default_factory=set)

    async def compare(self, rows: Sequence[Compared]) -> None:
        group_id = str(self.tx.space_id)
        named = [each for each in rows if each.row.state == NEW]
        for number, each in enumerate(named):
            if number % TURN == 0:
                await asyncio.sleep(0)
            each.row.import_key = self.keys.shared(group_id, each.row)
        named.sort(key=lambda each: (each.line.day, each.row.row_no))
        for part in slices(named):
            await self._by_name(part)
        unknown = [each for each in named if each.row.state == NEW]
        done = len(rows) - len(unknown)
        for part in slices(unknown):
            await self._by_content(part)
            done += len(part)
            self.tell(done)

    async def _by_name(self, part: Sequence[Compared]) -> None:
        known = await self._find_known(part)
        again = await self._find_reverted([each.thing for each in known.values() if not each.is_live])
        for each in part:
            found = known.get(each.row.import_key)
            if found is None or (not found.is_live and found.thing.import_id in again):
                continue
            each.row.state = DUPLICATE
            reason = BY_KEY if found.is_live else DELETED
            each.row.match.CopyFrom(ImportMatch(transaction_id=found.thing.id, confidence=CERTAIN, reasons=[reason]))
            self.taken.add(found.thing.id)

    async def _find_known(self, part: Sequence[Compared]) -> dict[str, _Known]:
        """By name. Of several that had it, the one that has it now."""
        keys = {each.row.import_key for each in part}
        names = {import_id_of(self.tx.space_id, key) for key in keys}
        days = [each.line.day for each in part]
        expenses, settlements = await self.tx.fetch_all(
            EXPENSES_BY_IMPORT_ID(space_id=self.tx.space_id, ids=sorted(each for each in names if each)),
            SETTLEMENTS_NEAR(space_id=self.tx.space_id, from_on=min(days), until_on=max(days)),
        )
        found: list[_Known] = []
        for number, (_, row_id, version, body, deleted_at) in enumerate(expenses):
            if number % TURN == 0:
                await asyncio.sleep(0)
            found.append(_Known(self.tx.open(EXPENSE, (row_id, version, body)), deleted_at is None))
        for number, row in enumerate(settlements):
            if number % TURN == 0:
                await asyncio.sleep(0)
            opened = self.tx.open(SETTLEMENT, (row[0], row[1], row[2]))
            found.append(_Known(opened, opened.state != SettlementState.SETTLEMENT_STATE_REVERSED))
        found.sort(key=lambda each: each.is_live)
        return {each.thing.import_key: each for each in found if each.thing.import_key in keys}

    async def _find_reverted(self, gone: Sequence[Thing]) -> set[str]:
        """Imports that took them back: the file may be taken in once more."""
        ids = sorted({UUID(each.import_id) for each in gone if each.import_id})
        statuses = await self.tx.fetch(STATUSES(space_id=self.tx.space_id, ids=ids)) if ids else []
        return {str(import_id) for import_id, status in statuses if status in REVERTED}

    async def _by_content(self, part: Sequence[Compared]) -> None:
        wanted = {moved_by_row(each.row) for each in part}
        near = await self._find_near([each.line.day for each in part], wanted)
        # What is of the same day has the first claim.
        for days in (0, DAYS_MAX):
            for each in part:
                if each.row.state == NEW:
                    self._match(each, near.get(moved_by_row(each.row), ()), days)

    def _match(self, each: Compared, near: Sequence[Thing], days: int) -> None:
        candidates = [_candidate(thing) for thing in near if thing.id not in self.taken]
        match = best_match(
            each.line, each.row.import_key, [found for found in candidates if _may_be(each, found, days)]
        )
        if match is None:
            return
        each.row.match.CopyFrom(match)
        if match.confidence >= LIKELY:
            self.taken.add(match.transaction_id)
            each.row.state = DUPLICATE

    async def _find_near(self, days: Sequence[date], wanted: set[Moved]) -> dict[Moved, list[Thing]]:
        """What moves what some row moves, around these days."""
        around = timedelta(days=DAYS_MAX)
        bounds = {"space_id": self.tx.space_id, "from_on": min(days) - around, "until_on": max(days) + around}
        expenses, settlements = await self.tx.fetch_all(EXPENSES_NEAR(**bounds), SETTLEMENTS_NEAR(**bounds))
        near: dict[Moved, list[Thing]] = defaultdict(list)
        for number, (is_expense, row) in enumerate(_both(expenses, settlements)):
            if number % TURN == 0:
                await asyncio.sleep(0)
            thing = self.tx.open(EXPENSE, row) if is_expense else self.tx.open(SETTLEMENT, row)
            if isinstance(thing, Settlement) and thing.state == SettlementState.SETTLEMENT_STATE_REVERSED:
                continue
            if (moved := moved_by(thing)) in wanted and thing.id not in self.taken:
                near[moved].append(thing)
        return near


_Row = tuple[UUID, int, bytes]


def _both(expenses: Sequence[Sequence[object]], settlements: Sequence[Sequence[object]]) -> Iterator[tuple[bool, _Row]]:
    for is_expense, rows in ((True, expenses), (False, settlements)):
        for row_id, version, body in rows:
            yield is_expense, (row_id, version, body)  # type: ignore[misc]  # both queries ask for these three


def _candidate(thing: Thing) -> Candidate:
    payee, note = (thing.description, thing.note) if isinstance(thing, Expense) else ("", thing.note)
    return Candidate(UUID(thing.id), date.fromisoformat(thing.booked_on), payee, note, thing.import_key)


def _may_be(each: Compared, found: Candidate, days: int) -> bool:
    """What came in from a file has another name, and other words: then it is something else."""
    if abs((found.booked_on - each.line.day).days) > days:
        return False
    return not found.import_key or are_alike(each.line.payee, found.payee or found.note)
