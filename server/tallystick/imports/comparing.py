"""What does the book have already of what a file says? First by names, then by amount, day and payee, in slices.

Rows are looked at in the order of their days, so that each slice asks for a few days of the book, and never for all of it. What is known
by its name is taken first, for all rows: what is left may then be something that is known otherwise.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from tallystick.imports.keys import Keys
from tallystick.imports.matching import CERTAIN, DAYS_MAX, Candidate, best_match
from tallystick.imports.queries import BY_IMPORT_ID, ENTRIES_NEAR, MADE, STATUSES
from tallystick.imports.reading.lines import Line
from tallystick.imports.rows import DUPLICATE, NEW, OTHER_SIDE
from tallystick.imports.transfers import find_other_sides
from tallystick.ledger.tables import ENTRY, TRANSACTION, import_id_of
from tallystick.store.tx import ReadTx
from tallystick.v1.import_pb2 import ImportStatus
from tallystick.v1.import_rows_pb2 import ImportConfidence, ImportMatch, ImportMatchReason, ImportRow
from tallystick.v1.ledger_pb2 import Transaction

SLICE_ROWS = 500
# So many rows are worked on before others get their turn.
TURN = 100

BY_KEY = ImportMatchReason.IMPORT_MATCH_REASON_IMPORT_KEY
DELETED = ImportMatchReason.IMPORT_MATCH_REASON_DELETED
SAME_FILE = ImportMatchReason.IMPORT_MATCH_REASON_SAME_FILE
LIKELY = ImportConfidence.IMPORT_CONFIDENCE_LIKELY
REVERTED = {ImportStatus.IMPORT_STATUS_REVERTING, ImportStatus.IMPORT_STATUS_REVERTED}

Tell = Callable[[int], None]
# Transactions and their days, by how far they move an account.
Near = dict[int, list[tuple[UUID, date]]]


@dataclass(slots=True)
class Compared:
    """A line of the file and its row."""

    line: Line
    row: ImportRow
    # Its other name, should the bank have given its first one to something else.
    made_key: str = ""


@dataclass(slots=True)
class _Known:
    """What the book has under a name."""

    transaction_id: UUID
    minor: int
    is_live: bool


@dataclass(slots=True)
class Comparing:
    """Compares the rows of one file with one book."""

    tx: ReadTx
    keys: Keys
    tell: Tell
    # Transactions that are a row already.
    taken: set[UUID] = field(default_factory=set)

    async def compare(self, rows: Sequence[Compared]) -> None:
        await self._name(rows)
        self._pair(rows)
        named = [each for each in rows if each.row.state == NEW]
        for part in slices(named):
            await self._by_name(part)
        unknown = [each for each in named if each.row.state == NEW and not each.row.HasField("match")]
        unknown.sort(key=lambda each: (each.row.account_id, each.line.day, each.row.row_no))
        done = len(rows) - len(unknown)
        for part in slices(unknown):
            await self._by_content(part)
            done += len(part)
            self.tell(done)

    async def _name(self, rows: Sequence[Compared]) -> None:
        """Gives each row the name that it is known by."""
        first: dict[tuple[str, str], Compared] = {}
        for number, each in enumerate(rows):
            if number % TURN == 0:
                await asyncio.sleep(0)
            if each.row.state != NEW:
                continue
            each.made_key = self.keys.made(each.row.account_id, each.line)
            bank_id = self.keys.of_bank(each.line)
            each.row.import_key = bank_id or each.made_key
            if not bank_id:
                continue
            before = first.setdefault((each.row.account_id, bank_id), each)
            if before is each:
                continue
            if before.line.day == each.line.day and before.line.amount == each.line.amount:
                each.row.state = DUPLICATE
                each.row.match.CopyFrom(ImportMatch(confidence=CERTAIN, reasons=[SAME_FILE]))
                each.row.other_row_no = before.row.row_no
            else:
                # The bank has given one name to two things.
                each.row.import_key = each.made_key

    def _pair(self, rows: Sequence[Compared]) -> None:
        """Of a transfer that is told from both sides, the first row stands for both."""
        sides = find_other_sides([each.line for each in rows])
        for at, other in sides.items():
            if at > other:
                continue
            first, second = rows[at].row, rows[other].row
            if first.state == second.state == NEW and first.other_account_id == second.account_id:
                second.state, second.other_row_no = OTHER_SIDE, first.row_no
                first.other_row_no, first.other_import_key = second.row_no, second.import_key
                if first.amount.currency != second.amount.currency:
                    first.other_amount.CopyFrom(second.amount)

    async def _by_name(self, part: Sequence[Compared]) -> None:
        known = await self._find_known(sorted({name for each in part for name in _names_of(each)}))
        again = await self._find_reverted([found for found in known.values() if not found.is_live])
        for each in part:
            found = _find_named(each, known)
            if found is None or (not found.is_live and found.transaction_id in again):
                continue
            reason = BY_KEY if found.is_live else DELETED
            each.row.state = DUPLICATE
            each.row.match.CopyFrom(
                ImportMatch(transaction_id=str(found.transaction_id), confidence=CERTAIN, reasons=[reason])
            )
            self.taken.add(found.transaction_id)

    async def _find_known(self, import_ids: list[UUID]) -> dict[UUID, _Known]:
        """Of several that had a name, the one that has it now."""
        known: dict[UUID, _Known] = {}
        for import_id, transaction_id, line, is_live, version, cell in await self.tx.fetch(
            BY_IMPORT_ID(space_id=self.tx.space_id, ids=import_ids)
        ):
            if import_id in known and not is_live:
                continue
            minor = self.tx.open_number(ENTRY, [(version, cell)], transaction_id=transaction_id, line=line)
            known[import_id] = _Known(transaction_id, minor, is_live)
        return known

    async def _find_reverted(self, deleted: Sequence[_Known]) -> set[UUID]:
        """Those that were deleted because their import was reverted: the file may be taken in once more."""
        if not deleted:
            return set()
        rows = await self.tx.fetch(MADE(space_id=self.tx.space_id, ids=[each.transaction_id for each in deleted]))
        made = {row[0]: self.tx.open(TRANSACTION, (row[0], row[1], row[2])).import_id for row in rows}
        ids = sorted({UUID(import_id) for import_id in made.values() if import_id})
        statuses = await self.tx.fetch(STATUSES(space_id=self.tx.space_id, ids=ids)) if ids else []
        reverted = {str(import_id) for import_id, status in statuses if status in REVERTED}
        return {transaction_id for transaction_id, import_id in made.items() if import_id in reverted}

    async def _by_content(self, part: Sequence[Compared]) -> None:
        of_accounts: dict[str, list[Compared]] = defaultdict(list)
        for each in part:
            of_accounts[each.row.account_id].append(each)
        for account_id, rows in of_accounts.items():
            near = await self._find_near(UUID(account_id), [each.line.day for each in rows])
            wanted = {each.line.amount.minor for each in rows}
            ids = {found[0] for minor, all_found in near.items() if minor in wanted for found in all_found}
            opened = await self._open([*ids])
            # What is of the same day has the first claim.
            for days in (0, DAYS_MAX):
                self._match(rows, near, opened, days)

    def _match(self, rows: Sequence[Compared], near: Near, opened: Mapping[UUID, Transaction], days: int) -> None:
        for each in rows:
            if each.row.state != NEW:
                continue
            candidates = [
                _candidate(opened[transaction_id], each.row.account_id, booked_on)
                for transaction_id, booked_on in near.get(each.line.amount.minor, ())
                if transaction_id in opened
                and transaction_id not in self.taken
                and abs((booked_on - each.line.day).days) <= days
            ]
            match = best_match(each.line, each.row.import_key, candidates)
            if match is None:
                continue
            each.row.match.CopyFrom(match)
            if match.confidence >= LIKELY:
                # What only may be it stays free for a row that is.
                self.taken.add(UUID(match.transaction_id))
                each.row.state = DUPLICATE

    async def _find_near(self, account_id: UUID, days: Sequence[date]) -> Near:
        """What moved the account around these days, by its amount."""
        around = timedelta(days=DAYS_MAX)
        entries = await self.tx.fetch(
            ENTRIES_NEAR(
                space_id=self.tx.space_id,
                account_id=account_id,
                from_on=min(days) - around,
                until_on=max(days) + around,
            )
        )
        near: Near = defaultdict(list)
        for number, (transaction_id, line, booked_on, version, cell) in enumerate(entries):
            if number % TURN == 0:
                await asyncio.sleep(0)
            if transaction_id not in self.taken:
                minor = self.tx.open_number(ENTRY, [(version, cell)], transaction_id=transaction_id, line=line)
                near[minor].append((transaction_id, booked_on))
        return near

    async def _open(self, ids: list[UUID]) -> dict[UUID, Transaction]:
        rows = await self.tx.fetch(MADE(space_id=self.tx.space_id, ids=ids)) if ids else []
        return {row[0]: self.tx.open(TRANSACTION, (row[0], row[1], row[2])) for row in rows}


def _names_of(each: Compared) -> set[UUID]:
    """What the book may have the row under."""
    own, row = UUID(each.row.account_id), each.row
    names = {import_id_of(own, row.import_key), import_id_of(own, each.made_key)}
    if row.other_import_key:
        names.add(import_id_of(UUID(row.other_account_id), row.other_import_key))
    return {name for name in names if name}


def _find_named(each: Compared, known: Mapping[UUID, _Known]) -> _Known | None:
    """What the book has under the row's name. A name that the bank has given to another amount before is not the row's own."""
    own, row = UUID(each.row.account_id), each.row
    found = _get(known, own, row.import_key)
    if found is not None and found.is_live and found.minor != each.line.amount.minor:
        row.import_key = each.made_key
        found = _get(known, own, row.import_key)
    if found is None and row.other_import_key:
        found = _get(known, UUID(row.other_account_id), row.other_import_key)
    return found


def _get(known: Mapping[UUID, _Known], account_id: UUID, key: str) -> _Known | None:
    import_id = import_id_of(account_id, key)
    return known.get(import_id) if import_id else None


def _candidate(transaction: Transaction, account_id: str, booked_on: date) -> Candidate:
    keys = [each.import_key for each in transaction.entries if each.account_id == account_id and each.import_key]
    return Candidate(UUID(transaction.id), booked_on, transaction.payee, transaction.note, keys[0] if keys else "")


def slices(rows: Sequence[Compared]) -> Iterator[Sequence[Compared]]:
    for start in range(0, len(rows), SLICE_ROWS):
        yield rows[start : start + SLICE_ROWS]
