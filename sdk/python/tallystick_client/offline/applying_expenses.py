"""What do commands about expenses change?"""

from collections.abc import Iterator

from tallystick_client.offline.making import Making, Rule
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.roster import group_in, require_in, require_in_use, require_unlocked
from tallystick_client.offline.rows import Row
from tallystick_client.offline.sharing import compose, compose_changed, is_moving, members_of, refunds_of, require_left
from tallystick_client.v1.group_expenses_pb2 import (
    BatchCreateExpensesRequest,
    CreateExpenseRequest,
    DeleteExpenseRequest,
    Expense,
    ExpenseDraft,
    RestoreExpenseRequest,
    UpdateExpenseRequest,
)

_KIND = "expense"


def _create(making: Making, command: CreateExpenseRequest) -> Iterator[Row]:
    yield _new(making, command.expense)


def _batch_create(making: Making, command: BatchCreateExpensesRequest) -> Iterator[Row]:
    for draft in command.expenses:
        yield _new(making, draft)


def _new(making: Making, draft: ExpenseDraft) -> Row:
    group = group_in(making)
    require_in_use(group)
    made = Expense(id=making.require_new(_KIND, draft.expense_id), group_id=making.space_id, created_at=making.made_at)
    _require_new_import(making, draft.import_key)
    compose(draft, made, making)
    require_unlocked(group, made.booked_on)
    return Row(_KIND, made.id, made)


def _require_new_import(making: Making, import_key: str) -> None:
    """What another program calls an expense is in the group once."""
    if import_key and any(row.message.import_key == import_key for row in making.view.rows(_KIND) if not row.deleted):
        raise CannotApply


def _update(making: Making, command: UpdateExpenseRequest) -> Iterator[Row]:
    before: Expense = making.require(_KIND, command.expense_id)
    after = compose_changed(before, command, making)
    _require_movable(making, before, after)
    yield Row(_KIND, after.id, after)


def _delete(making: Making, command: DeleteExpenseRequest) -> Iterator[Row]:
    before: Expense = making.require(_KIND, command.expense_id)
    _require_movable(making, before, None)
    yield Row(_KIND, before.id, before, deleted=True)


def _require_movable(making: Making, before: Expense, after: Expense | None) -> None:
    """What is booked in a locked period stays, and what was given back, too."""
    is_same_day = after is not None and before.booked_on == after.booked_on
    moves = after is None or is_moving(before, after)
    if moves or not is_same_day:
        require_unlocked(group_in(making), before.booked_on, (after or before).booked_on)
    if moves and refunds_of(making, before.id):
        raise CannotApply


def _restore(making: Making, command: RestoreExpenseRequest) -> Iterator[Row]:
    """With the shares that it had, if all who have one are in the group."""
    before: Expense | None = making.find_deleted(_KIND, command.expense_id)
    if before is None:
        return
    _require_new_import(making, before.import_key)
    require_left(making, before)
    require_in(making, members_of(before))
    require_unlocked(group_in(making), before.booked_on)
    yield Row(_KIND, before.id, before)


EXPENSE_RULES: dict[str, Rule] = {
    "create_expense": _create,
    "batch_create_expenses": _batch_create,
    "update_expense": _update,
    "delete_expense": _delete,
    "restore_expense": _restore,
}
