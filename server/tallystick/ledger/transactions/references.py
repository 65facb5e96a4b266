"""What do drafts and transactions name, and what is known of it? All is read in one round trip, ahead of the command if it can be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CHAR, Date, Text, Uuid, and_, bindparam, func, literal, or_, select, union_all

from tallystick.files.queries import LABELLING
from tallystick.ledger import tables
from tallystick.ledger.rules import NO_CATEGORY, Cell
from tallystick.ledger.sums import Sums, month_number, unpack
from tallystick.ledger.tables import ACCOUNT, BALANCE, CATEGORY, ENTRY, TOTAL, TRANSACTION
from tallystick.ledger.transactions.rules import Draft, Named, labels_of
from tallystick.store.statements import Call, Statement, prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_pb2 import Transaction

_SPACE_ID = bindparam("space_id", type_=Uuid)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_account, _category, _balance, _total, _entry = (
    tables.account,
    tables.category,
    tables.balance,
    tables.total,
    tables.entry,
)
_transaction = tables.transaction

# What each account holds comes with it, so that a write asks once.
ACCOUNTS = prepare(
    select(_account.c.id, _account.c.version, _account.c.body, _balance.c.version, _balance.c.amount)
    .select_from(
        _account.outerjoin(_balance, and_(_balance.c.space_id == _SPACE_ID, _balance.c.account_id == _account.c.id))
    )
    .where(_account.c.space_id == _SPACE_ID, _account.c.id == func.any(_IDS), _account.c.deleted_at.is_(None))
)
CATEGORIES = prepare(
    select(_category.c.id, _category.c.version, _category.c.body).where(
        _category.c.space_id == _SPACE_ID, _category.c.id == func.any(_IDS), _category.c.deleted_at.is_(None)
    )
)
_cells = (
    func.unnest(
        bindparam("accounts", type_=ARRAY(Uuid)),
        bindparam("categories", type_=ARRAY(Uuid)),
        bindparam("currencies", type_=ARRAY(CHAR(3))),
        bindparam("months", type_=ARRAY(Date)),
    )
    .table_valued("account_id", "category_id", "currency", "month", name="wanted")
    .render_derived()
)
TOTALS = prepare(
    select(
        _total.c.account_id, _total.c.category_id, _total.c.currency, _total.c.month, _total.c.version, _total.c.amount
    ).select_from(
        _cells.join(
            _total,
            and_(
                _total.c.space_id == _SPACE_ID,
                _total.c.account_id == _cells.c.account_id,
                _total.c.category_id == _cells.c.category_id,
                _total.c.currency == _cells.c.currency,
                _total.c.month == _cells.c.month,
            ),
        )
    )
)
_labels = [
    select(literal(str(table.name), Text).label("kind"), table.c.id).where(
        table.c.space_id == _SPACE_ID, table.c.id == func.any(_IDS), table.c.deleted_at.is_(None)
    )
    for table in (tables.payee, tables.payment_method, tables.tag)
]
LABELS: Statement[str, UUID] = Statement(union_all(*_labels, LABELLING))
TRANSACTIONS = prepare(
    select(_transaction.c.id, _transaction.c.version, _transaction.c.body, _transaction.c.deleted_at).where(
        _transaction.c.space_id == _SPACE_ID, _transaction.c.id == func.any(_IDS)
    )
)
# Expenses that are named by their refunds, and the refunds of expenses.
REFUNDS_AND_ORIGINALS = prepare(
    select(_transaction.c.id, _transaction.c.version, _transaction.c.body).where(
        _transaction.c.space_id == _SPACE_ID,
        _transaction.c.deleted_at.is_(None),
        or_(_transaction.c.id == func.any(_IDS), _transaction.c.refund_of_id == func.any(_IDS)),
    )
)
IMPORTED = prepare(
    select(_entry.c.import_id, _entry.c.transaction_id, _entry.c.live).where(
        _entry.c.space_id == _SPACE_ID, _entry.c.import_id == func.any(_IDS)
    )
)
# Of an account whose months are not known yet.
ENTRIES_OF_ACCOUNT = prepare(
    select(_entry.c.transaction_id, _entry.c.line, _entry.c.booked_on, _entry.c.version, _entry.c.amount).where(
        _entry.c.space_id == _SPACE_ID, _entry.c.account_id == bindparam("account_id", type_=Uuid), _entry.c.live
    )
)


@dataclass(slots=True)
class Wanted:
    """Ids and cells that a write is going to need."""

    accounts: dict[UUID, None] = field(default_factory=dict)
    categories: dict[UUID, None] = field(default_factory=dict)
    labels: dict[UUID, None] = field(default_factory=dict)
    refunds: dict[UUID, None] = field(default_factory=dict)
    cells: dict[Cell, None] = field(default_factory=dict)

    def add_draft(self, draft: Draft) -> None:
        """Whatever a draft may need. One whose date does not exist is refused later, and needs nothing."""
        try:
            month = date.fromisoformat(draft.booked_on).replace(day=1)
        except ValueError:
            return
        self.add_cell(draft.account_id, draft.category_id, draft.amount.currency, month, with_total=not draft.splits)
        for split in draft.splits:
            self.add_cell(split.account_id or draft.account_id, split.category_id, split.amount.currency, month)
        if draft.to_account_id:
            arriving = draft.to_amount if draft.HasField("to_amount") else draft.amount
            self.add_cell(draft.to_account_id, "", arriving.currency, month)
        for _, label_id in labels_of(draft):
            self.labels[label_id] = None
        if draft.refund_of_id:
            self.refunds[UUID(draft.refund_of_id)] = None

    def add_transaction(self, transaction: Transaction) -> None:
        """What a transaction that is there already holds."""
        month = date.fromisoformat(transaction.booked_on).replace(day=1)
        for entry in transaction.entries:
            self.add_cell(entry.account_id, entry.category_id, entry.amount.currency, month)
        self.refunds[UUID(transaction.id)] = None
        if transaction.refund_of_id:
            self.refunds[UUID(transaction.refund_of_id)] = None

    def add_cell(
        self, account_id: str, category_id: str, currency: str, month: date, *, with_total: bool = True
    ) -> None:
        if not account_id:
            return
        account, category = UUID(account_id), UUID(category_id) if category_id else NO_CATEGORY
        self.accounts[account] = None
        if category_id:
            self.categories[category] = None
        if with_total:
            self.cells[Cell(account, category, currency, month)] = None

    def calls(self, space_id: UUID) -> list[Call[*tuple[Any, ...]]]:
        """The queries for all of it; what is not wanted is not asked."""
        asked: list[Call[*tuple[Any, ...]]] = [ACCOUNTS(space_id=space_id, ids=[*self.accounts])]
        if self.cells:
            asked.append(totals_of(space_id, self.cells))
        for statement, ids in (
            (CATEGORIES, self.categories),
            (LABELS, self.labels),
            (REFUNDS_AND_ORIGINALS, self.refunds),
        ):
            if ids:
                asked.append(statement(space_id=space_id, ids=[*ids]))
        return asked


def totals_of(space_id: UUID, cells: Iterable[Cell]) -> Call[*tuple[Any, ...]]:
    accounts, categories, currencies, months = (list(column) for column in zip(*cells, strict=True))
    return TOTALS(space_id=space_id, accounts=accounts, categories=categories, currencies=currencies, months=months)


@dataclass(slots=True)
class References:
    """What is known of it, opened."""

    named: Named
    sums: dict[UUID, Sums]
    # A cell that was looked for and is not there holds zero.
    totals: dict[Cell, int]
    # Expenses that refunds name, and refunds, by id.
    expenses_and_refunds: dict[str, Transaction] = field(default_factory=dict)

    def see(self, before: Transaction | None, after: Transaction | None) -> None:
        """A later one of a batch sees what an earlier one makes of expenses and refunds."""
        if before is not None:
            self.expenses_and_refunds.pop(before.id, None)
        if after is not None:
            self.expenses_and_refunds[after.id] = after

    def refunds_of(self, expense_id: str) -> list[Transaction]:
        return [each for each in self.expenses_and_refunds.values() if each.refund_of_id == expense_id]


async def read(tx: ReadTx, wanted: Wanted) -> References:
    asked = wanted.calls(tx.space_id)
    answers = dict(zip((call.statement for call in asked), await tx.fetch_all(*asked), strict=True))
    accounts, categories, labels, refunds, totals = (
        answers.get(statement, []) for statement in (ACCOUNTS, CATEGORIES, LABELS, REFUNDS_AND_ORIGINALS, TOTALS)
    )
    opened = [tx.open(ACCOUNT, (row[0], row[1], row[2])) for row in accounts]
    return References(
        named=Named(
            accounts={account.id: account for account in opened},
            categories={str(row[0]): tx.open(CATEGORY, (row[0], row[1], row[2])) for row in categories},
            labels=frozenset((kind, label_id) for kind, label_id in labels),
        ),
        sums={row[0]: await open_sums(tx, row[0], row[3], row[4]) for row in accounts},
        totals=dict.fromkeys(wanted.cells, 0) | open_totals(tx, totals),
        expenses_and_refunds={str(row[0]): tx.open(TRANSACTION, (row[0], row[1], row[2])) for row in refunds},
    )


def open_totals(tx: ReadTx, rows: Sequence[tuple[Any, ...]]) -> dict[Cell, int]:
    found = {}
    for *key, version, cell in rows:
        at = Cell(*key)
        found[at] = tx.open_number(TOTAL, [(version, cell)], **at._asdict())
    return found


async def open_sums(tx: ReadTx, account_id: UUID, version: int | None, cell: bytes | None) -> Sums:
    if version is None or cell is None:
        return Sums()
    sums = unpack(tx.open_cell(BALANCE, version, cell, account_id=account_id))
    return sums if sums is not None else await _add_up(tx, account_id)


async def _add_up(tx: ReadTx, account_id: UUID) -> Sums:
    """The sums of an account from its entries."""
    sums = Sums()
    for transaction_id, line, booked_on, version, cell in await tx.fetch(
        ENTRIES_OF_ACCOUNT(space_id=tx.space_id, account_id=account_id)
    ):
        amount = tx.open_number(ENTRY, [(version, cell)], transaction_id=transaction_id, line=line)
        sums.balance += amount
        month = month_number(booked_on)
        sums.months[month] = sums.months.get(month, 0) + amount
    return sums
