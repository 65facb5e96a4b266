"""What is told to a copy of a group, and is what it shows what comes?"""

from typing import Any

import pytest
from google.protobuf.message import Message

from sdk_python.devices import Device
from tallystick_client.offline import OfflineBook, Verdict
from tallystick_client.offline.commands import name_of
from tallystick_client.v1.group_activity_pb2 import ExpenseComment
from tallystick_client.v1.group_expenses_pb2 import Expense
from tallystick_client.v1.group_pb2 import Group
from tallystick_client.v1.group_plans_pb2 import SettlementPlan
from tallystick_client.v1.group_recurring_pb2 import RecurringExpense
from tallystick_client.v1.group_settlements_pb2 import Settlement
from tallystick_client.v1.space_pb2 import Member

KINDS: tuple[type[Any], ...] = (
    Member,
    Group,
    Expense,
    ExpenseComment,
    RecurringExpense,
    Settlement,
    SettlementPlan,
)
# What only the server can know beforehand.
SERVERS_OWN = {
    "RecurringExpense": ("next_on", "handled_until", "posted_count"),
    "SettlementPlan": ("balance_version", "stale"),
}


def look(book: OfflineBook) -> dict[str, Message]:
    """All that is shown, but for what only the server knows."""
    shown: dict[str, Message] = {}
    for kind in KINDS:
        for each in book.list(kind):
            each.version = 0
            for name in ("created_at", "joined_at", *SERVERS_OWN.get(kind.DESCRIPTOR.name, ())):
                if name in kind.DESCRIPTOR.fields_by_name:
                    each.ClearField(name)
            shown[f"{kind.DESCRIPTOR.name} {each.id}"] = each
    return shown


both_ways = pytest.mark.parametrize("at_once", [True, False], ids=["all at once", "one after the other"])


class Told:
    """Does commands on a copy, and compares what it shows with what comes: at once, or after each, when every effect is then the base of
    the next."""

    def __init__(self, device: Device, *, at_once: bool = False) -> None:
        self.device, self.book, self.at_once = device, device.book, at_once
        device.sync()

    def all(self, *commands: Message, refused: int = 0) -> None:
        for command in commands:
            self.book.do(command)
            if not self.at_once:
                self.compare(name_of(command))
        self.compare("all")
        assert len(self.book.tray()) == refused, self.book.tray()

    def compare(self, what: str) -> None:
        before, held = look(self.book), self.book.group_balances()
        self.device.sync()
        assert self.book.waiting == 0
        after = look(self.book)
        assert before.keys() == after.keys(), what
        for name, shown in before.items():
            assert shown == after[name], (what, self.book.tray()[-1:])
        assert self.book.group_balances() == held
        assert self.book.verify(self.device.client) is Verdict.SAME
