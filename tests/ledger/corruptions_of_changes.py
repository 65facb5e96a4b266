"""In which ways can the changes of a book be spoiled: its journal, and transactions that no command would have written?"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from ledger.spoiler import (
    ENTRY_DIFFERS,
    JOURNAL_BROKEN,
    LINK_BROKEN,
    STRUCTURE_DIFFERS,
    TRANSFER_BROKEN,
    Spoil,
    Spoiler,
    Wanted,
)
from tallystick.ledger.tables import RECONCILIATION, TEMPLATE, TRANSACTION
from tallystick.store import journal
from tallystick.store.entity import Entity
from tallystick.v1.ledger_pb2 import Transaction, TransactionKind, TransactionStatus

KINDS = ("account", "book", "category", "payee", "payment_method", "rate", "rule", "tag", "template", "transaction")
EXPENSE, INCOME, TRANSFER, REFUND, OPENING, _ = TransactionKind.values()[1:]

# Of an entity's changes: the first, one in the middle, the last.
_OTHERS = "SELECT 1 FROM journal other WHERE other.space_id = journal.space_id AND other.entity_id = journal.entity_id"
FIRST = f"superseded_by IS NOT NULL AND NOT EXISTS ({_OTHERS} AND other.seq < journal.seq)"
MIDDLE = f"superseded_by IS NOT NULL AND EXISTS ({_OTHERS} AND other.seq < journal.seq)"
FIRST_OF_DELETED = f"{FIRST} AND EXISTS ({_OTHERS} AND other.seq = journal.superseded_by AND other.op = 2)"
FIRST_OF_CHANGED = f"{FIRST} AND EXISTS ({_OTHERS} AND other.seq = journal.superseded_by AND other.fields <> '{{}}')"
LAST = "superseded_by IS NULL"


def _gone(condition: str, what: str) -> Spoil:
    def spoil(spoiler: Spoiler) -> Wanted:
        spoiler.drop("journal", spoiler.pick("journal", condition))
        return Wanted(JOURNAL_BROKEN, what)

    return spoil


def superseded_by(spoiler: Spoiler) -> Wanted:
    row = spoiler.pick("journal")
    spoiler.change("journal", row, superseded_by=None if row["superseded_by"] else row["seq"] + 1)
    return Wanted(JOURNAL_BROKEN, "journal.superseded_by")


def other_next(spoiler: Spoiler) -> Wanted:
    row = spoiler.pick("journal", "superseded_by IS NOT NULL")
    spoiler.change("journal", row, superseded_by=row["superseded_by"] + spoiler.dice.choice([-1, 1]))
    return Wanted(JOURNAL_BROKEN, "journal.superseded_by")


def op(spoiler: Spoiler) -> Wanted:
    row = spoiler.pick("journal", LAST)
    spoiler.change("journal", row, op=3 - row["op"])
    return Wanted(JOURNAL_BROKEN, f"{row['entity_kind']}.deleted_at")


def other_kind(spoiler: Spoiler) -> Wanted:
    row = spoiler.pick("journal", LAST)
    kind = spoiler.dice.choice([kind for kind in (*KINDS, "nothing") if kind != row["entity_kind"]])
    spoiler.change("journal", row, entity_kind=kind)
    return Wanted(JOURNAL_BROKEN, kind)


def shown_to_others(spoiler: Spoiler) -> Wanted:
    spoiler.change("journal", spoiler.pick("journal", f"private_to IS NOT NULL AND {LAST}"), private_to=None)
    return Wanted(STRUCTURE_DIFFERS, "journal.private_to")


def deleted(spoiler: Spoiler) -> Wanted:
    table = spoiler.dice.choice(KINDS)
    spoiler.change(table, spoiler.pick(table, "deleted_at IS NULL"), deleted_at="2026-01-01T00:00:00Z")
    return Wanted(JOURNAL_BROKEN, f"{table}.deleted_at")


def _deleted_at(table: str, deleted_at: str | None) -> Spoil:
    def spoil(spoiler: Spoiler) -> Wanted:
        spoiler.change(table, spoiler.pick(table, "deleted_at IS NOT NULL"), deleted_at=deleted_at)
        return Wanted(JOURNAL_BROKEN, f"{table}.deleted_at")

    return spoil


def head_put_back(spoiler: Spoiler) -> Wanted:
    spoiler.run("space", "UPDATE space SET seq = seq - 1 WHERE id = %s", spoiler.seal.space_id)
    return Wanted(JOURNAL_BROKEN, "space.seq")


def old_row(spoiler: Spoiler) -> Wanted:
    """A transaction as an earlier change left it, under its version of then."""
    old = spoiler.pick("journal", "entity_kind = 'transaction' AND superseded_by IS NOT NULL")
    context = journal.row_of(old["ordinal"], old["entity_id"])
    plain = spoiler.seal.open(journal.PLACE, context, old["seq"], old["body"])
    row = spoiler.pick("transaction", f"id = '{old['entity_id']}'")
    sealed = spoiler.seal.close(TRANSACTION.place, row["id"].bytes, old["seq"], plain)
    spoiler.change("transaction", row, version=old["seq"], body=sealed, gist=None)
    return Wanted(JOURNAL_BROKEN, "transaction.version")


def other_body(spoiler: Spoiler) -> Wanted:
    row = spoiler.pick("transaction")
    message = spoiler.message(TRANSACTION, row)
    message.note += "!"
    body = message.SerializeToString(deterministic=True)
    sealed = spoiler.seal.close(TRANSACTION.place, row["id"].bytes, row["version"], body)
    spoiler.change("transaction", row, body=sealed)
    return Wanted(JOURNAL_BROKEN, "transaction.body")


# What no command would write.

Change = Callable[[Transaction, Spoiler], None]


def _rewritten(change: Change, kind: Any, what: str, *kinds: int) -> Spoil:
    def spoil(spoiler: Spoiler) -> Wanted:
        row = spoiler.pick("transaction", f"kind IN ({','.join(map(str, kinds))}) AND deleted_at IS NULL")
        message = spoiler.message(TRANSACTION, row)
        change(message, spoiler)
        spoiler.rewrite(TRANSACTION, row, message)
        return Wanted(kind, what)

    return spoil


def _one_sided(message: Transaction, _: Spoiler) -> None:
    del message.entries[1]


def _unequal(message: Transaction, _: Spoiler) -> None:
    message.entries[1].amount.currency = message.entries[0].amount.currency
    message.entries[1].amount.minor = 1 - message.entries[0].amount.minor


def _backwards(message: Transaction, _: Spoiler) -> None:
    for entry in message.entries:
        entry.amount.minor = -entry.amount.minor


def _to_itself(message: Transaction, _: Spoiler) -> None:
    message.entries[1].account_id = message.entries[0].account_id


def _twice(message: Transaction, _: Spoiler) -> None:
    message.entries.append(message.entries[0])


def _in_two_parts(message: Transaction, _: Spoiler) -> None:
    message.entries.append(message.entries[0])
    message.entries[1].line = 1


def _less_certain(message: Transaction, _: Spoiler) -> None:
    message.status = (
        TransactionStatus.TRANSACTION_STATUS_PENDING
        if message.status != TransactionStatus.TRANSACTION_STATUS_PENDING
        else TransactionStatus.TRANSACTION_STATUS_CLEARED
    )


def _on_no_account(message: Transaction, _: Spoiler) -> None:
    message.entries[0].account_id = str(uuid4())


def _in_other_money(message: Transaction, _: Spoiler) -> None:
    message.entries[0].amount.currency = "CHF"


def _somebodys(message: Transaction, _: Spoiler) -> None:
    message.private_to = "" if message.private_to else str(uuid4())


def _somebodys_own(entity: Entity[Any]) -> Spoil:
    def spoil(spoiler: Spoiler) -> Wanted:
        row = spoiler.pick(entity.kind)
        message = spoiler.message(entity, row)
        message.private_to = "" if message.private_to else str(uuid4())
        spoiler.rewrite(entity, row, message)
        return Wanted(LINK_BROKEN, f"{entity.kind}.private_to")

    return spoil


def _without_entries(message: Transaction, _: Spoiler) -> None:
    del message.entries[:]


def _on_no_day(message: Transaction, _: Spoiler) -> None:
    message.booked_on = "2026-02-30"


def _naming(name: str, spoiled: Callable[[], Any]) -> Change:
    def change(message: Transaction, _: Spoiler) -> None:
        if name == "tag_ids":
            message.tag_ids.append(spoiled())
        elif name == "category_id":
            message.entries[0].category_id = spoiled()
        else:
            setattr(message, name, spoiled())

    return change


def _no_such(name: str, table: str) -> Spoil:
    return _rewritten(_naming(name, lambda: str(uuid4())), LINK_BROKEN, f"{table}.id", EXPENSE)


def _another(name: str, value: Callable[[], Any]) -> Spoil:
    return _rewritten(_naming(name, value), STRUCTURE_DIFFERS, name, EXPENSE)


_ENTRIES = "transaction.entries"

CORRUPTIONS_OF_CHANGES: dict[str, Spoil] = {
    "the first change gone": _gone(FIRST_OF_CHANGED, "journal"),
    "the making of something deleted gone": _gone(FIRST_OF_DELETED, "journal"),
    "a change gone": _gone(MIDDLE, "journal.superseded_by"),
    "the last change gone": _gone(LAST, ""),
    "a change's successor": superseded_by,
    "another successor": other_next,
    "a change's kind": op,
    "a change of something else": other_kind,
    "a private change shown": shown_to_others,
    "deleted": deleted,
    "a transaction not deleted any more": _deleted_at("transaction", None),
    "an account not deleted any more": _deleted_at("account", None),
    "deleted at another time": _deleted_at("transaction", "2020-01-01T00:00:00Z"),
    "the book's number": head_put_back,
    "an old row": old_row,
    "another body": other_body,
    "half a transfer": _rewritten(_one_sided, TRANSFER_BROKEN, _ENTRIES, TRANSFER),
    "an unequal transfer": _rewritten(_unequal, TRANSFER_BROKEN, _ENTRIES, TRANSFER),
    "a transfer backwards": _rewritten(_backwards, TRANSFER_BROKEN, _ENTRIES, TRANSFER),
    "a transfer to itself": _rewritten(_to_itself, TRANSFER_BROKEN, _ENTRIES, TRANSFER),
    "an amount of the wrong sign": _rewritten(_backwards, ENTRY_DIFFERS, _ENTRIES, EXPENSE, INCOME, REFUND),
    "a line twice": _rewritten(_twice, ENTRY_DIFFERS, _ENTRIES, EXPENSE, INCOME),
    "an opening balance in two parts": _rewritten(_in_two_parts, ENTRY_DIFFERS, _ENTRIES, OPENING),
    "another certainty": _rewritten(_less_certain, ENTRY_DIFFERS, "transaction.status", EXPENSE, TRANSFER),
    "an entry on no account": _rewritten(_on_no_account, LINK_BROKEN, "account.id", EXPENSE, INCOME),
    "an entry in other money": _rewritten(_in_other_money, LINK_BROKEN, "entry.currency", EXPENSE, TRANSFER),
    "somebody else's": _rewritten(_somebodys, LINK_BROKEN, "transaction.private_to", EXPENSE, TRANSFER),
    "somebody else's reconciliation": _somebodys_own(RECONCILIATION),
    "somebody else's template": _somebodys_own(TEMPLATE),
    "no entries": _rewritten(_without_entries, ENTRY_DIFFERS, _ENTRIES, EXPENSE),
    "no day": _rewritten(_on_no_day, STRUCTURE_DIFFERS, "transaction", EXPENSE),
    "no such payee": _no_such("payee_id", "payee"),
    "no such payment method": _no_such("payment_method_id", "payment_method"),
    "no such expense": _no_such("refund_of_id", "transaction"),
    "no such template": _no_such("template_id", "template"),
    "no such tag": _no_such("tag_ids", "tag"),
    "no such category": _no_such("category_id", "category"),
    "another id": _another("id", lambda: str(uuid4())),
    "another version": _another("version", lambda: 10**6),
    "another book": _another("book_id", lambda: str(uuid4())),
}
