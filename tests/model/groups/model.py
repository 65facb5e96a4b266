"""What must a command in a group be answered, and what must be there after it?"""

from collections.abc import Callable
from typing import Any

from model.groups import expenses, members, settlements
from model.groups.state import Party
from model.model import Plan, canonical
from model.state import Refused
from tallystick_client.v1.role_pb2 import Role

OWNERS, EDITORS, VIEWERS = Role.ROLE_OWNER, Role.ROLE_EDITOR, Role.ROLE_VIEWER


def plan(party: Party, user: str, request: Any, said: Any = None) -> Plan:
    """Thinks a command through and changes nothing. `said` is what the server answered, for the ids that only it can make."""
    least, command = _COMMANDS[type(request).__name__.removesuffix("Request")]
    role = party.role_of(user)
    if role < least:
        # What has no right form is not even looked at; to who is not in the group, there is none.
        raise Refused(["ROLE_TOO_LOW" if role else "NOT_FOUND", "INVALID_FIELD"])
    return command(party, user, canonical(request), said)


def is_open_to(party: Party, user: str, request: Any) -> bool:
    least, _ = _COMMANDS[type(request).__name__.removesuffix("Request")]
    return party.role_of(user) >= least


_COMMANDS: dict[str, tuple[Role.ValueType, Callable[[Party, str, Any, Any], Plan]]] = {
    "CreateExpense": (EDITORS, expenses.create_expense),
    "BatchCreateExpenses": (EDITORS, expenses.batch_create_expenses),
    "UpdateExpense": (EDITORS, expenses.update_expense),
    "DeleteExpense": (EDITORS, expenses.delete_expense),
    "RestoreExpense": (EDITORS, expenses.restore_expense),
    "RevertExpense": (EDITORS, expenses.revert_expense),
    "RecordSettlement": (EDITORS, settlements.record_settlement),
    "ConfirmSettlement": (VIEWERS, settlements.confirm_settlement),
    "DisputeSettlement": (VIEWERS, settlements.dispute_settlement),
    "ReverseSettlement": (EDITORS, settlements.reverse_settlement),
    "AddGuest": (EDITORS, members.add_guest),
    "LeaveGroup": (VIEWERS, members.leave_group),
    "UpdateGroup": (OWNERS, members.update_group),
    "LockPeriod": (OWNERS, members.lock_period),
    "ReopenPeriod": (OWNERS, members.reopen_period),
    "ArchiveGroup": (OWNERS, members.archive_group),
    "UnarchiveGroup": (OWNERS, members.unarchive_group),
}
