"""How does a change of transactions move money? Rows, entries, tags, balances, months and totals follow from it, in one commit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from tallystick.errors import NotVisible
from tallystick.ledger import sums
from tallystick.ledger.rules import NO_CATEGORY, Cell, add
from tallystick.ledger.tables import BALANCE, ENTRY, TOTAL, TRANSACTION, TRANSACTION_TAG, import_id_of
from tallystick.ledger.transactions import references
from tallystick.ledger.transactions.references import References, Wanted
from tallystick.ledger.transactions.rules import CLEARED, Named
from tallystick.store.tx import WriteTx
from tallystick.v1.ledger_pb2 import AccountBalance, Entry, Transaction
from tallystick.v1.money_pb2 import Money


class Step(NamedTuple):
    """One transaction before and after. Neither is the other's object.

    No `before`: it is new. No `after`: it is deleted. `is_deleted`: it was deleted before, so that nothing of it counts yet.
    """

    before: Transaction | None
    after: Transaction | None
    is_deleted: bool = False


@dataclass(slots=True)
class _Moves:
    """How far accounts, months and cells move."""

    accounts: dict[UUID, int] = field(default_factory=dict)
    months: dict[tuple[UUID, int], int] = field(default_factory=dict)
    cells: dict[Cell, int] = field(default_factory=dict)
    currencies: dict[UUID, str] = field(default_factory=dict)

    def add(self, transaction: Transaction, sign: int) -> None:
        day = date.fromisoformat(transaction.booked_on)
        number, month = sums.month_number(day), day.replace(day=1)
        for entry in transaction.entries:
            cell, minor = _cell_of(entry, month), sign * entry.amount.minor
            account = cell.account_id
            self.currencies[account] = cell.currency
            self.accounts[account] = self.accounts.get(account, 0) + minor
            self.months[account, number] = self.months.get((account, number), 0) + minor
            self.cells[cell] = self.cells.get(cell, 0) + minor

    def settle(self) -> None:
        """Forgets what stays where it was."""
        self.cells = {cell: moved for cell, moved in self.cells.items() if moved}
        self.months = {month: moved for month, moved in self.months.items() if moved}
        moved_in_a_month = {account for account, _ in self.months}
        self.accounts = {a: moved for a, moved in self.accounts.items() if moved or a in moved_in_a_month}


def _cell_of(entry: Entry, month: date) -> Cell:
    category = UUID(entry.category_id) if entry.category_id else NO_CATEGORY
    return Cell(UUID(entry.account_id), category, entry.amount.currency, month)


async def post(tx: WriteTx, steps: Sequence[Step], known: References | None = None) -> list[AccountBalance]:
    """Writes the steps, and returns what the accounts hold that they moved. `known` saves reading what the caller has read."""
    moves = _Moves()
    for step in steps:
        if step.before is not None and not step.is_deleted:
            moves.add(step.before, -1)
        if step.after is not None:
            moves.add(step.after, 1)
    moves.settle()
    known = await _complete(tx, moves, known)
    for step in steps:
        _write(tx, step)
    balances = _keep_balances(tx, moves, known)
    for cell, moved in moves.cells.items():
        tx.keep(TOTAL, add(known.totals[cell], moved), **cell._asdict())
    return balances


async def _complete(tx: WriteTx, moves: _Moves, known: References | None) -> References:
    """Whoever moves an account must see it. Cells that nobody thought of beforehand are read now."""
    known = known or References(Named({}, {}), {}, {})
    missing = Wanted()
    missing.accounts = {account_id: None for account_id in moves.accounts if account_id not in known.sums}
    missing.cells = {cell: None for cell in moves.cells if cell not in known.totals}
    if missing.accounts or missing.cells:
        read = await references.read(tx, missing)
        known.sums |= read.sums
        known.totals |= read.totals
    if not moves.accounts.keys() <= known.sums.keys():
        raise NotVisible
    return known


def _keep_balances(tx: WriteTx, moves: _Moves, known: References) -> list[AccountBalance]:
    for (account_id, number), moved in moves.months.items():
        held = known.sums[account_id]
        held.months[number] = add(held.months.get(number, 0), moved)
        if not held.months[number]:
            del held.months[number]
    balances = []
    for account_id, moved in moves.accounts.items():
        held = known.sums[account_id]
        held.balance = add(held.balance, moved)
        tx.keep_cell(BALANCE, sums.pack(held.balance, held.months), account_id=account_id)
        amount = Money(currency=moves.currencies[account_id], minor=held.balance)
        balances.append(AccountBalance(account_id=str(account_id), balance=amount, version=tx.seq))
    return balances


def _write(tx: WriteTx, step: Step) -> None:
    before, after = step.before, step.after
    if before is None:
        assert after is not None, "a step has a before or an after"
        _keep_entries(tx, after, after.entries)
        _tie_tags(tx, after, after.tag_ids, live=True)
        tx.add(TRANSACTION, after)
    elif after is None:
        _drop_entries(tx, before, before.entries, keep_imports=True)
        _tie_tags(tx, before, before.tag_ids, live=False)
        tx.delete(TRANSACTION, before)
    else:
        _rewrite_entries(tx, step, before, after)
        _tie_tags(tx, before, set(before.tag_ids) - set(after.tag_ids), live=False)
        is_new = step.is_deleted or before.booked_on != after.booked_on
        _tie_tags(tx, after, after.tag_ids if is_new else set(after.tag_ids) - set(before.tag_ids), live=True)
        tx.put(TRANSACTION, before, after)


def _rewrite_entries(tx: WriteTx, step: Step, before: Transaction, after: Transaction) -> None:
    old = {entry.line: entry for entry in before.entries}
    stays = not step.is_deleted and before.booked_on == after.booked_on
    _keep_entries(tx, after, [entry for entry in after.entries if not stays or entry != old.get(entry.line)])
    lines = {entry.line for entry in after.entries}
    _drop_entries(tx, before, [entry for entry in before.entries if entry.line not in lines], keep_imports=False)


def _keep_entries(tx: WriteTx, transaction: Transaction, entries: Iterable[Entry]) -> None:
    day, transaction_id = date.fromisoformat(transaction.booked_on), UUID(transaction.id)
    for entry in entries:
        account_id = UUID(entry.account_id)
        tx.keep(
            ENTRY,
            entry.amount.minor,
            transaction_id=transaction_id,
            line=entry.line,
            account_id=account_id,
            category_id=UUID(entry.category_id) if entry.category_id else None,
            currency=entry.amount.currency,
            booked_on=day,
            status=entry.status or CLEARED,
            live=True,
            import_id=import_id_of(account_id, entry.import_key),
        )


def _drop_entries(tx: WriteTx, transaction: Transaction, entries: Iterable[Entry], *, keep_imports: bool) -> None:
    """Entries that count no more. Of a deleted transaction it stays known what was imported."""
    day, transaction_id = date.fromisoformat(transaction.booked_on), UUID(transaction.id)
    for entry in entries:
        account_id = UUID(entry.account_id)
        tx.keep(
            ENTRY,
            0,
            transaction_id=transaction_id,
            line=entry.line,
            account_id=account_id,
            category_id=UUID(entry.category_id) if entry.category_id else None,
            currency=entry.amount.currency,
            booked_on=day,
            status=entry.status or CLEARED,
            live=False,
            import_id=import_id_of(account_id, entry.import_key) if keep_imports else None,
        )


def _tie_tags(tx: WriteTx, transaction: Transaction, tag_ids: Iterable[str], *, live: bool) -> None:
    for tag_id in tag_ids:
        tx.link(
            TRANSACTION_TAG,
            transaction_id=UUID(transaction.id),
            tag_id=UUID(tag_id),
            booked_on=date.fromisoformat(transaction.booked_on),
            live=live,
        )
