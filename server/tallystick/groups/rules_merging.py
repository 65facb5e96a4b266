"""In which groups of fields do two states of an expense differ? Pure.

Who paid, how it is shared and how much it is are one: a half of one person's with a half of another's would be an expense that nobody
meant. The date is money, too, because it decides in which period it counts. Whatever else an expense says describes it.
"""

from tallystick.merging import Merging, changed_fields
from tallystick.v1.group_expenses_pb2 import Expense

MONEY = "money"
DATE = "date"

_GROUPS = {
    "kind": MONEY,
    "amount": MONEY,
    "payers": MONEY,
    "split": MONEY,
    "shares": MONEY,
    "rule_version": MONEY,
    "conversion": MONEY,
    "refund_of_id": MONEY,
    "booked_on": DATE,
    "receipt_ids": "receipts",
}


def group_of(field: str) -> str:
    return _GROUPS.get(field, field)


def groups_of(before: Expense, after: Expense) -> frozenset[str]:
    return frozenset(group_of(name) for name in changed_fields(before, after))


EXPENSE_MERGING = Merging(groups_of, frozenset({MONEY, DATE}))
