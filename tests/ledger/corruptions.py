"""In which ways can the rows of a book be spoiled? One at a time; each says what a proof must call it."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table

from ledger.corruptions_of_changes import CORRUPTIONS_OF_CHANGES
from ledger.spoiler import (
    BALANCE_DIFFERS,
    CELL_DAMAGED,
    ENTRY_DIFFERS,
    JOURNAL_BROKEN,
    LINK_BROKEN,
    STRUCTURE_DIFFERS,
    TOTAL_DIFFERS,
    Spoil,
    Spoiler,
    Wanted,
)
from tallystick import schema
from tallystick.ledger import sums
from tallystick.ledger.sums import Sums
from tallystick.ledger.tables import BALANCE, ENTRY, TOTAL, TRANSACTION
from tallystick.store.entity import Derived
from tallystick.store.sealed import SealedColumn

NOTHING = UUID(int=7)
# Columns that repeat something of an entity, each with another value.
STRUCTURE: dict[str, dict[str, Any]] = {
    "account": {"currency": "CHF", "type": 8, "position": 77, "private_to": NOTHING},
    "book": {"base_currency": "CHF"},
    "budget_item": {"budget_id": NOTHING, "position": 77},
    "budget_move": {"budget_id": NOTHING, "period_from_on": "1999-01-01"},
    "category": {"kind": 9, "position": 77, "parent_id": NOTHING},
    "file": {"private_to": NOTHING},
    "file_import": {"status": 77, "private_to": NOTHING},
    "rate": {"base": "CHF", "quote": "CHF", "effective_on": "1999-01-01"},
    "reconciliation": {"account_id": NOTHING, "statement_on": "1999-01-01", "private_to": NOTHING},
    "rule": {"position": 77},
    "template": {"mode": 9, "next_on": "1999-01-01", "private_to": NOTHING},
    "transaction": {
        "booked_on": "1999-01-01",
        "kind": 9,
        "status": 9,
        "payee_id": NOTHING,
        "payment_method_id": NOTHING,
        "refund_of_id": NOTHING,
        "private_to": NOTHING,
    },
    "member": {"role": 9, "state": 9, "user_id": NOTHING},
    "webhook": {"user_id": NOTHING},
}
# This book has never had anybody invited and follows no group, and no book holds what is a group's or a home's.
NOT_HERE = {
    *("invitation", "profile", "group_link"),
    *(
        each.name
        for module in (schema.groups, schema.settings, schema.notifications, schema.own_backups)
        for each in vars(module).values()
        if isinstance(each, Table)
    ),
}
OF_ENTRIES: dict[str, Any] = {
    "account_id": NOTHING,
    "category_id": NOTHING,
    "currency": "CHF",
    "booked_on": "1999-01-01",
    "status": 9,
    "import_id": NOTHING,
    "live": False,
}


# What is sealed.


def _number(derived: Derived, wanted: Wanted) -> Spoil:
    def spoil(spoiler: Spoiler) -> Wanted:
        row = spoiler.pick(derived.table.name)
        number = spoiler.number_in(derived, row) + spoiler.dice.choice([-1, 1, 100, -(10**9)])
        spoiler.change(derived.table.name, row, amount=spoiler.close_number(derived, row, number))
        return wanted

    return spoil


def _balance(spoiler: Spoiler) -> tuple[dict[str, Any], Sums]:
    row = spoiler.pick("balance")
    held = sums.unpack(spoiler.open(BALANCE, row))
    assert held is not None
    return row, held


def balance(spoiler: Spoiler) -> Wanted:
    row, held = _balance(spoiler)
    plain = sums.pack(held.balance + spoiler.dice.choice([-1, 1]), held.months)
    spoiler.change("balance", row, amount=spoiler.close(BALANCE, row, plain))
    return Wanted(BALANCE_DIFFERS, "balance.amount")


def month(spoiler: Spoiler) -> Wanted:
    row, held = _balance(spoiler)
    number = spoiler.dice.choice([*held.months, 24_000])
    months = held.months | {number: held.months.get(number, 0) + 1}
    if spoiler.dice.random() < 0.5 and number in held.months:
        del months[number]
    spoiler.change("balance", row, amount=spoiler.close(BALANCE, row, sums.pack(held.balance, months)))
    return Wanted(BALANCE_DIFFERS, "balance.months")


def balance_without_months(spoiler: Spoiler) -> Wanted:
    """A cell as it was before months were kept still proves its balance."""
    row = spoiler.pick("balance")
    spoiler.change("balance", row, amount=spoiler.close_number(BALANCE, row, 123_456_789))
    return Wanted(BALANCE_DIFFERS, "balance.amount")


def cut_balance(spoiler: Spoiler) -> Wanted:
    row = spoiler.pick("balance")
    spoiler.change("balance", row, amount=spoiler.close(BALANCE, row, b"1234"))
    return Wanted(BALANCE_DIFFERS, "balance.amount")


def _cell_of(column: SealedColumn) -> Wanted:
    return Wanted(CELL_DAMAGED, column.place.decode())


def _bit(column: SealedColumn) -> Spoil:
    def spoil(spoiler: Spoiler) -> Wanted:
        name = column.cell.name
        row = spoiler.pick(column.table.name, f"{name} IS NOT NULL")
        cell = bytearray(row[name])
        cell[spoiler.dice.randrange(len(cell))] ^= 1 << spoiler.dice.randrange(8)
        spoiler.change(column.table.name, row, **{name: bytes(cell)})
        return _cell_of(column)

    return spoil


def cut_cell(spoiler: Spoiler) -> Wanted:
    column = spoiler.dice.choice([column for column in schema.SEALED if column.table.name in ("entry", "transaction")])
    row = spoiler.pick(column.table.name, f"{column.cell.name} IS NOT NULL")
    cell = row[column.cell.name][: spoiler.dice.randrange(20)]
    spoiler.change(column.table.name, row, **{column.cell.name: cell})
    return _cell_of(column)


def _swap(table: str, column: str) -> Spoil:
    def spoil(spoiler: Spoiler) -> Wanted:
        one, other = spoiler.pick(table), spoiler.pick(table)
        while one == other:
            other = spoiler.pick(table)
        spoiler.change(table, one, **{column: other[column]})
        spoiler.change(table, other, **{column: one[column]})
        return Wanted(CELL_DAMAGED, f"{table}.{column}")

    return spoil


def _old_cell(derived: Derived) -> Spoil:
    """The right number, as it was sealed under an earlier version."""

    def spoil(spoiler: Spoiler) -> Wanted:
        row = spoiler.pick(derived.table.name)
        old = spoiler.close(derived, row, spoiler.open(derived, row), row["version"] - 1)
        spoiler.change(derived.table.name, row, amount=old)
        return Wanted(CELL_DAMAGED, f"{derived.table.name}.amount")

    return spoil


def _version(table: str, cell: str) -> Spoil:
    def spoil(spoiler: Spoiler) -> Wanted:
        row = spoiler.pick(table)
        spoiler.change(table, row, version=row["version"] + spoiler.dice.choice([-1, 1]))
        return Wanted(CELL_DAMAGED, f"{table}.{cell}")

    return spoil


def _key(table: str, cell: str, **columns: Any) -> Spoil:
    """A cell under another key is not in its place any more."""

    def spoil(spoiler: Spoiler) -> Wanted:
        row = spoiler.pick(table)
        name = spoiler.dice.choice(sorted(columns))
        spoiler.change(table, row, **{name: columns[name]})
        return Wanted(CELL_DAMAGED, f"{table}.{cell}")

    return spoil


def no_message(spoiler: Spoiler) -> Wanted:
    row = spoiler.pick("category")
    sealed = spoiler.seal.close(b"category.body", row["id"].bytes, row["version"], b"\xff\xff")
    spoiler.change("category", row, body=sealed)
    return Wanted(STRUCTURE_DIFFERS, "category")


def gist(spoiler: Spoiler) -> Wanted:
    row = spoiler.pick("transaction")
    sealed = spoiler.seal.close(TRANSACTION.gist_place, row["id"].bytes, row["version"], bytes(12) + b"words")
    spoiler.change("transaction", row, gist=sealed)
    return Wanted(STRUCTURE_DIFFERS, "transaction.gist")


# Rows that are gone, and rows too many.


def _gone(table: str, wanted: Wanted, condition: str = "true") -> Spoil:
    def spoil(spoiler: Spoiler) -> Wanted:
        spoiler.drop(table, spoiler.pick(table, condition))
        return wanted

    return spoil


def missing_total(spoiler: Spoiler) -> Wanted:
    row = spoiler.pick("total")
    while not spoiler.number_in(TOTAL, row):
        row = spoiler.pick("total")
    spoiler.drop("total", row)
    return Wanted(TOTAL_DIFFERS, "total.amount")


def missing_balance(spoiler: Spoiler) -> Wanted:
    row, held = _balance(spoiler)
    while not held.balance:
        row, held = _balance(spoiler)
    spoiler.drop("balance", row)
    return Wanted(BALANCE_DIFFERS, "balance.amount")


def extra_entry(spoiler: Spoiler) -> Wanted:
    row = spoiler.pick("entry", "live AND import_id IS NULL")
    changes: dict[str, Any] = {"line": 99} if spoiler.dice.random() < 0.5 else {"transaction_id": uuid4()}
    spoiler.add(ENTRY, row | changes, 100)
    return Wanted(ENTRY_DIFFERS, "entry.live")


def extra_total(spoiler: Spoiler) -> Wanted:
    spoiler.add(TOTAL, spoiler.pick("total") | {"currency": "CHF"}, 1)
    return Wanted(TOTAL_DIFFERS, "total.amount")


def extra_balance(spoiler: Spoiler) -> Wanted:
    spoiler.add(BALANCE, spoiler.pick("balance") | {"account_id": uuid4()}, 1)
    return Wanted(BALANCE_DIFFERS, "balance.amount")


# Columns.


def dead_entry(spoiler: Spoiler) -> Wanted:
    row = spoiler.pick("entry", "NOT live")
    changes: dict[str, Any] = {"live": True, "amount": spoiler.close_number(ENTRY, row, 1), "import_id": NOTHING}
    name = spoiler.dice.choice(sorted(changes))
    spoiler.change("entry", row, **{name: changes[name]})
    return Wanted(ENTRY_DIFFERS, f"entry.{name}")


def entry_column(spoiler: Spoiler) -> Wanted:
    name = spoiler.dice.choice(sorted(OF_ENTRIES))
    spoiler.change("entry", spoiler.pick("entry", "live"), **{name: OF_ENTRIES[name]})
    return Wanted(ENTRY_DIFFERS, f"entry.{name}")


def structure(spoiler: Spoiler) -> Wanted:
    table = spoiler.dice.choice(sorted(STRUCTURE))
    name = spoiler.dice.choice(sorted(STRUCTURE[table]))
    spoiler.change(table, spoiler.pick(table), **{name: STRUCTURE[table][name]})
    return Wanted(STRUCTURE_DIFFERS, f"{table}.{name}")


def _tag(what: str, condition: str, **columns: Any) -> Spoil:
    def spoil(spoiler: Spoiler) -> Wanted:
        spoiler.change("transaction_tag", spoiler.pick("transaction_tag", condition), **columns)
        return Wanted(STRUCTURE_DIFFERS, what)

    return spoil


_NO_SUCH = {
    table: Wanted(LINK_BROKEN, f"{table}.id") for table in ("account", "category", "payee", "tag", "transaction")
}

CORRUPTIONS: dict[str, Spoil] = {
    "an entry's number": _number(ENTRY, Wanted(ENTRY_DIFFERS, "entry.amount")),
    "a balance": balance,
    "a month": month,
    "a balance without months": balance_without_months,
    "a balance cut off": cut_balance,
    "a total": _number(TOTAL, Wanted(TOTAL_DIFFERS, "total.amount")),
    "a cell cut off": cut_cell,
    "entries' cells swapped": _swap("entry", "amount"),
    "balances' cells swapped": _swap("balance", "amount"),
    "totals' cells swapped": _swap("total", "amount"),
    "transactions' cells swapped": _swap("transaction", "body"),
    "an old cell of an entry": _old_cell(ENTRY),
    "an old cell of a balance": _old_cell(BALANCE),
    "an old cell of a total": _old_cell(TOTAL),
    "an entry's version": _version("entry", "amount"),
    "a balance's version": _version("balance", "amount"),
    "a total's version": _version("total", "amount"),
    "a transaction's version": _version("transaction", "body"),
    "an entry's key": _key("entry", "amount", line=98, transaction_id=NOTHING),
    "a balance's key": _key("balance", "amount", account_id=NOTHING),
    "a total's key": _key("total", "amount", account_id=NOTHING, currency="CHF", month="1999-01-01"),
    "a transaction's id": _key("transaction", "body", id=NOTHING),
    "a change's number": _key("journal", "body", seq=10**6, ordinal=499, entity_id=NOTHING),
    "a change's place": _key("journal", "body", ordinal=-1),
    "no message": no_message,
    "a gist": gist,
    "an entry gone": _gone("entry", Wanted(ENTRY_DIFFERS, "entry"), "live"),
    "a total gone": missing_total,
    "a balance gone": missing_balance,
    "a tag's row gone": _gone("transaction_tag", Wanted(STRUCTURE_DIFFERS, "transaction_tag"), "live"),
    "a transaction gone": _gone("transaction", Wanted(JOURNAL_BROKEN, "transaction")),
    "an account gone": _gone("account", Wanted(JOURNAL_BROKEN, "account")),
    "t62 a used account gone": _gone("account", _NO_SUCH["account"], "id IN (SELECT account_id FROM entry)"),
    "a used category gone": _gone("category", _NO_SUCH["category"], "id IN (SELECT category_id FROM entry)"),
    "a used tag gone": _gone("tag", _NO_SUCH["tag"], "id IN (SELECT tag_id FROM transaction_tag)"),
    "a payee gone": _gone("payee", _NO_SUCH["payee"]),
    "a payment method gone": _gone("payment_method", Wanted(LINK_BROKEN, "payment_method.id")),
    "an opening balance gone": _gone("transaction", _NO_SUCH["transaction"], "kind = 5"),
    "one more entry": extra_entry,
    "one more total": extra_total,
    "one more balance": extra_balance,
    "an entry that counts no more": dead_entry,
    "a column of an entry": entry_column,
    "a column of an entity": structure,
    "a tag that counts no more": _tag("transaction_tag.live", "live", live=False),
    "a tag that counts again": _tag("transaction_tag.live", "NOT live", live=True),
    "a tag's day": _tag("transaction_tag.booked_on", "live", booked_on="1999-01-01"),
    "another tag": _tag("transaction_tag.live", "live", tag_id=NOTHING),
    "a tag of nothing": _tag("transaction_tag.live", "live", transaction_id=NOTHING),
    **{
        f"a bit of {column.place.decode()}": _bit(column)
        for column in schema.SEALED
        if column.table.name not in NOT_HERE
    },
    **CORRUPTIONS_OF_CHANGES,
}
