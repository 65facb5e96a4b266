"""What follows from the transactions of a book? Entries and tags of each; balances, months and totals of all. By the rules of the proof."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from tallystick.ledger import sums
from tallystick.ledger.proof.rules import EntryState, Expected, expected_entries, expected_tags
from tallystick.ledger.rebuilding import queries
from tallystick.ledger.sums import Sums
from tallystick.ledger.tables import BALANCE, ENTRY, TOTAL, TRANSACTION, TRANSACTION_TAG, import_id_of
from tallystick.rebuilding.states import State, stamped
from tallystick.store.entity import Derived
from tallystick.store.statements import Call
from tallystick.store.tx import Snapshot

_KIND = TRANSACTION.kind


class BookDerivation:
    """The rows of one book."""

    def __init__(self, view: Snapshot) -> None:
        self._view = view
        self._expected = Expected()

    def count(self, state: State) -> None:
        if state.kind == _KIND:
            for entry in _entries_of(state).values():
                self._expected.add(entry)

    async def rows_of(self, states: Sequence[State]) -> list[Call[()]]:
        changed = [state for state in states if state.kind == _KIND]
        if not changed:
            return []
        named = {"space_id": self._view.space_id, "ids": [state.id for state in changed]}
        entries, tags = await self._view.fetch_all(queries.ENTRIES(**named), queries.TAGS(**named))
        had: dict[UUID, dict[int, EntryState]] = {}
        for transaction_id, line, *columns in entries:
            account_id, category_id, currency, booked_on, status = columns
            nothing = EntryState(account_id, category_id, currency, booked_on, status, False, None, 0)
            had.setdefault(transaction_id, {})[line] = nothing
        tied: dict[UUID, dict[UUID, object]] = {}
        for transaction_id, tag_id, booked_on in tags:
            tied.setdefault(transaction_id, {})[tag_id] = booked_on
        return [
            call
            for state in changed
            for call in (
                *self._entries(state, had.get(state.id, {})),
                *self._tags(state, tied.get(state.id, {})),
            )
        ]

    async def sums(self, seq: int) -> list[Call[()]]:
        """Of whatever moved once. What comes to nothing is said to be nothing."""
        space_id = self._view.space_id
        accounts, cells = await self._view.fetch_all(
            queries.BALANCES(space_id=space_id), queries.TOTALS(space_id=space_id)
        )
        balances, totals = self._expected.balances, self._expected.totals
        calls = []
        for account_id in sorted({row[0] for row in accounts} | balances.keys()):
            held = balances.get(account_id) or Sums()
            months = {number: minor for number, minor in held.months.items() if minor}
            calls.append(self._keep(BALANCE, sums.pack(held.balance, months), seq, account_id=account_id))
        for account_id, category_id, currency, month in sorted({(*row,) for row in cells} | totals.keys()):
            plain = self._view.seal.compose_number(totals.get((account_id, category_id, currency, month), 0))
            names = {"account_id": account_id, "category_id": category_id, "currency": currency, "month": month}
            calls.append(self._keep(TOTAL, plain, seq, **names))
        return calls

    def _entries(self, state: State, had: dict[int, EntryState]) -> Iterator[Call[()]]:
        for line, entry in {**had, **_entries_of(state)}.items():
            columns = entry._asdict()
            plain = self._view.seal.compose_number(columns.pop("amount"))
            yield self._keep(ENTRY, plain, state.seq, transaction_id=state.id, line=line, **columns)

    def _tags(self, state: State, tied: dict[UUID, object]) -> Iterator[Call[()]]:
        wanted = expected_tags(state.message, is_deleted=state.is_deleted)
        rows = {tag_id: (booked_on, False) for tag_id, booked_on in tied.items()}
        rows |= {tag_id: (tag.booked_on, tag.live) for tag_id, tag in wanted.items()}
        for tag_id, (booked_on, live) in rows.items():
            yield stamped(TRANSACTION_TAG.table)(
                space_id=self._view.space_id,
                transaction_id=state.id,
                tag_id=tag_id,
                booked_on=booked_on,
                live=live,
                version=state.seq,
            )

    def _keep(self, derived: Derived, plain: bytes, seq: int, **columns: object) -> Call[()]:
        cell = self._view.seal.close(derived.place, derived.row_of(columns), seq, plain)
        return stamped(derived.table)(space_id=self._view.space_id, version=seq, amount=cell, **columns)


def _entries_of(state: State) -> dict[int, EntryState]:
    return expected_entries(state.message, is_deleted=state.is_deleted, import_id_of=import_id_of)
