"""Does a group hold what its expenses, settlements and its journal say?"""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from google.protobuf.message import DecodeError

from tallystick.groups.proof import queries, rules
from tallystick.groups.proof.ids import GroupInspection
from tallystick.groups.proof.rules import DEBT, NET
from tallystick.groups.sums.cells import Tally
from tallystick.groups.tables import EXPENSE, TALLY
from tallystick.proof.findings import Finding
from tallystick.proof.proving import Progress, Proof, Proving, Tell
from tallystick.proof.walking import EntityWalk, rows_of
from tallystick.store.seal import CellDamaged
from tallystick.store.tx import Snapshot
from tallystick.v1.ledger_proof_pb2 import DifferenceKind

ORIGINALS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """The proof is over."""

    expenses: int
    settlements: int
    members: int
    changes: int
    differences: int
    version: int


Step = Progress | Finding | Verdict


class GroupProof(Proof[Verdict]):
    """Proves groups."""

    def begin(self, tx: Snapshot, walks: Sequence[EntityWalk], tell: Tell[Verdict]) -> "_Proving":
        return _Proving(tx, walks, GroupInspection(tx, walks), tell)


class _Proving(Proving[Verdict, GroupInspection]):
    """The proof of one group."""

    count = queries.BOOKED_COUNT
    existing = queries.EXISTING

    @property
    def checked(self) -> int:
        return self.seen.live_expenses + self.seen.live_settlements

    async def prove_sums(self) -> None:
        await self._prove_tallies()
        await self._prove_refunds()

    def compose_verdict(self, differences: int, seq: int) -> Verdict:
        seen = self.seen
        return Verdict(seen.live_expenses, seen.live_settlements, seen.members, seen.changes, differences, seq)

    async def _prove_tallies(self) -> None:
        """What is kept is the sum of all that counts. Nets that are, come to zero: whatever one loses another gains."""
        async with aclosing(rows_of(self.tx, queries.TALLIES)) as rows:
            async for currency, version, cell in rows:
                plain = self.seen.open(TALLY.place, TALLY.row_of({"currency": currency}), version, cell, currency)
                if plain is not None:
                    tally = Tally(plain)
                    self._compare(NET, currency, self.seen.nets, {(each,): net for each, net in tally.nets()})
                    self._compare(DEBT, currency, self.seen.debts, {tuple(pair): owes for *pair, owes in tally.debts()})
                await self.report()
        # Of currencies that have no tally, or one that does not open.
        for kind, expected in ((NET, self.seen.nets), (DEBT, self.seen.debts)):
            for currency in sorted({key[-1] for key in expected}):
                self._compare(kind, currency, expected, {})
            await self.report()

    def _compare(
        self, kind: DifferenceKind.ValueType, currency: str, expected: dict[Any, int], kept: dict[tuple[UUID, ...], int]
    ) -> None:
        """Takes what it has compared out of what is expected."""
        wanted = {key[:-1]: expected.pop(key) for key in [*expected] if key[-1] == currency}
        for who in wanted.keys() | kept.keys():
            sums = wanted.get(who, 0), kept.get(who, 0)
            self.seen.findings += rules.differing_sum(kind, TALLY.table.name, (*who, currency), *sums)

    async def _prove_refunds(self) -> None:
        """Of expenses that were given back in part or in whole. One that cannot be read was told of before."""
        given_back = self.seen.given_back
        ids = sorted(given_back)
        for start in range(0, len(ids), ORIGINALS_AT_ONCE):
            some = ids[start : start + ORIGINALS_AT_ONCE]
            for row in await self.tx.fetch(queries.EXPENSES(space_id=self.tx.space_id, ids=some)):
                try:
                    original = self.tx.open(EXPENSE, row)
                except (CellDamaged, DecodeError):
                    continue
                self.seen.findings += rules.exceeding_refunds(original, given_back[UUID(original.id)])
                await self.report()
