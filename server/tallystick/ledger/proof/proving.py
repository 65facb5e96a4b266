"""Does a book hold what its transactions and its journal say?"""

from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from uuid import UUID

from tallystick.errors import NotVisible
from tallystick.groups.queries_following import read_nets_at_head
from tallystick.ledger.links.queries import get_followed
from tallystick.ledger.proof import queries, rules
from tallystick.ledger.proof.ids import BookInspection
from tallystick.ledger.tables import BALANCE, TOTAL
from tallystick.proof.findings import Finding
from tallystick.proof.proving import Progress, Proof, Proving, Tell
from tallystick.proof.walking import EntityWalk, rows_of
from tallystick.store.own_work import own_snapshot
from tallystick.store.seal import CellDamaged
from tallystick.store.store import Store
from tallystick.store.tx import Snapshot
from tallystick.v1.ledger_links_pb2 import GroupLink


@dataclass(frozen=True, slots=True)
class Verdict:
    """The proof is over."""

    transactions: int
    accounts: int
    changes: int
    differences: int
    version: int


Step = Progress | Finding | Verdict


class BookProof(Proof[Verdict]):
    """Proves books."""

    def begin(self, tx: Snapshot, walks: Sequence[EntityWalk], tell: Tell[Verdict]) -> "_Proving":
        return _Proving(self._store, tx, walks, BookInspection(tx, walks), tell)


class _Proving(Proving[Verdict, BookInspection]):
    """The proof of one book."""

    count = queries.TRANSACTION_COUNT
    others = (queries.ENTRIES, queries.TAGS)
    lone = (*Proving.lone, queries.IMPORT_SECRETS)
    existing = queries.EXISTING

    def __init__(
        self,
        store: Store,
        tx: Snapshot,
        walks: Sequence[EntityWalk],
        seen: BookInspection,
        tell: Tell[Verdict],
    ) -> None:
        super().__init__(tx, walks, seen, tell)
        self._store = store

    @property
    def checked(self) -> int:
        return self.seen.live_transactions

    async def learn(self) -> None:
        async with aclosing(rows_of(self.tx, queries.ACCOUNTS)) as rows:
            async for row in rows:
                self.seen.learn_account(row)
                await self.report()

    async def prove_sums(self) -> None:
        await self._prove_balances()
        await self._prove_totals()
        for link in self.seen.active_links:
            await self._prove_receivables(link)

    def compose_verdict(self, differences: int, seq: int) -> Verdict:
        return Verdict(self.seen.live_transactions, self.seen.live_accounts, self.seen.changes, differences, seq)

    async def _prove_balances(self) -> None:
        expected = self.seen.expected.balances
        async with aclosing(rows_of(self.tx, queries.BALANCES)) as rows:
            async for account_id, version, cell in rows:
                key = BALANCE.row_of({"account_id": account_id})
                plain = self.seen.open(BALANCE.place, key, version, cell, account_id)
                wanted = expected.pop(account_id, None)
                if plain is not None:
                    self._find(account_id, rules.differing_balance(account_id, wanted, plain))
                await self.report()
        for account_id, wanted in expected.items():
            self._find(account_id, rules.differing_balance(account_id, wanted, None))
            await self.report()

    async def _prove_totals(self) -> None:
        expected, names = self.seen.expected.totals, queries.TOTALS.order
        async with aclosing(rows_of(self.tx, queries.TOTALS)) as rows:
            async for *columns, version, cell in rows:
                account_id, category_id, currency, month = columns
                row = TOTAL.row_of(dict(zip(names, columns, strict=True)))
                plain = self.seen.open(TOTAL.place, row, version, cell, *columns)
                key = (account_id, category_id, currency, month)
                wanted = expected.pop(key, 0)
                if plain is not None:
                    self._find(account_id, rules.differing_total(key, wanted, int.from_bytes(plain, signed=True)))
                await self.report()
        for missing, wanted in expected.items():
            self._find(missing[0], rules.differing_total(missing, wanted, 0))
            await self.report()

    async def _prove_receivables(self, link: GroupLink) -> None:
        """Where the book is as far as the group. A group that has moved on meanwhile is followed, and proven another time."""
        _, followed_seq = await get_followed(self.tx, UUID(link.id))
        try:
            async with own_snapshot(self._store, UUID(link.group_id)) as group:
                seq, nets = await read_nets_at_head(group, UUID(link.member_id))
        except (NotVisible, CellDamaged):
            # It was erased, or the proof of the group tells it.
            return
        if seq == followed_seq:
            self.seen.findings += rules.differing_receivables(link, nets, self.seen.moved_by_links)

    def _find(self, account_id: UUID, found: Iterable[Finding]) -> None:
        """Findings about the sums of an account."""
        self.seen.findings += [replace(each, owners=self.seen.owner_of(account_id)) for each in found]
