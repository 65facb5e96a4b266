"""In which groups of fields do two states of a transaction differ? Pure.

Amounts, accounts and the date are money: nobody's are overwritten unseen. Whatever else a transaction says describes it.
"""

from tallystick.v1.ledger_pb2 import Entry, Transaction

AMOUNTS = "amounts"
ACCOUNTS = "accounts"
DATE = "date"
REFUND = "refund"
MONEY = frozenset({AMOUNTS, ACCOUNTS, DATE, REFUND})

_PLAIN = {
    "booked_on": DATE,
    "refund_of_id": REFUND,
    "payee": "payee",
    "payee_id": "payee",
    "note": "note",
    "payment_method_id": "payment_method",
    "tag_ids": "tags",
    "attachment_ids": "attachments",
}
_OF_ENTRIES = {
    "account_id": ACCOUNTS,
    "category_id": "categories",
    "note": "notes",
    "status": "status",
    "import_key": "import_keys",
}


def groups_of(before: Transaction, after: Transaction) -> frozenset[str]:
    groups = {group for name, group in _PLAIN.items() if getattr(before, name) != getattr(after, name)}
    old, new = ({entry.line: entry for entry in each.entries} for each in (before, after))
    if before.kind != after.kind or _amounts(old) != _amounts(new):
        groups.add(AMOUNTS)
    for line in old.keys() & new.keys():
        groups |= {group for name, group in _OF_ENTRIES.items() if getattr(old[line], name) != getattr(new[line], name)}
    return frozenset(groups)


def _amounts(entries: dict[int, Entry]) -> dict[int, tuple[str, int]]:
    return {line: (entry.amount.currency, entry.amount.minor) for line, entry in entries.items()}
