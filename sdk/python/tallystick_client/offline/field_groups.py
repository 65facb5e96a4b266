"""In which groups of fields do two states of an entity differ? The words that a conflict is told in.

Two people who change different groups do not meet. In the groups that are about money nothing is overwritten silently; in the
others the later arrival wins.
"""

from typing import Any

from google.protobuf.message import Message

from tallystick_client.offline.kinds import kind_of
from tallystick_client.v1.group_expenses_pb2 import Expense
from tallystick_client.v1.ledger_pb2 import Entry, Transaction

_OF_MONEY = {
    "transaction": frozenset({"amounts", "accounts", "date", "refund"}),
    "book": frozenset({"base_currency"}),
    "template": frozenset({"draft", "schedule"}),
    "rate": frozenset({"rate"}),
    "budget": frozenset({"periods", "starts_on", "rollover", "opening"}),
    "budget_item": frozenset({"limits", "rollover"}),
    "expense_group": frozenset({"default_split", "locked_until"}),
    "expense": frozenset({"money", "date"}),
    "recurring_expense": frozenset({"draft", "schedule"}),
    "settlement": frozenset({"state"}),
    "settlement_plan": frozenset({"currencies", "state"}),
}
# Who paid an expense, how it is shared and how much it is are one.
_OF_EXPENSE = {
    **dict.fromkeys(
        ("kind", "amount", "payers", "split", "shares", "rule_version", "conversion", "refund_of_id"), "money"
    ),
    "booked_on": "date",
    "receipt_ids": "receipts",
}
_PLAIN = {
    "booked_on": "date",
    "refund_of_id": "refund",
    "payee": "payee",
    "payee_id": "payee",
    "note": "note",
    "payment_method_id": "payment_method",
    "tag_ids": "tags",
    "attachment_ids": "attachments",
}
_OF_ENTRIES = {
    "account_id": "accounts",
    "category_id": "categories",
    "note": "notes",
    "status": "status",
    "import_key": "import_keys",
}


def is_about_money(message_type: type[Message], group: str) -> bool:
    return group in _OF_MONEY.get(kind_of(message_type), ())


def groups_between(before: Any, after: Any) -> frozenset[str]:
    """The groups in which two states of one entity differ. But for transactions and expenses every field is a group."""
    if isinstance(before, Transaction):
        return _between_transactions(before, after)
    names = (field.name for field in after.DESCRIPTOR.fields)
    changed = [name for name in names if name != "version" and getattr(before, name) != getattr(after, name)]
    return frozenset(_OF_EXPENSE.get(name, name) if isinstance(before, Expense) else name for name in changed)


def _between_transactions(before: Transaction, after: Transaction) -> frozenset[str]:
    groups = {group for name, group in _PLAIN.items() if getattr(before, name) != getattr(after, name)}
    old, new = ({entry.line: entry for entry in each.entries} for each in (before, after))
    if before.kind != after.kind or _amounts(old) != _amounts(new):
        groups.add("amounts")
    for line in old.keys() & new.keys():
        groups |= {group for name, group in _OF_ENTRIES.items() if getattr(old[line], name) != getattr(new[line], name)}
    return frozenset(groups)


def _amounts(entries: dict[int, Entry]) -> dict[int, tuple[str, int]]:
    return {line: (entry.amount.currency, entry.amount.minor) for line, entry in entries.items()}
