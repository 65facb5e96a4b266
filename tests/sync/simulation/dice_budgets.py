"""What does a user do next with budgets, and with what they were told? Made of what the device shows, as everything else."""

from typing import Any, Protocol

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from tallystick_client.v1 import budget_items_pb2 as items
from tallystick_client.v1 import budget_moves_pb2 as moves
from tallystick_client.v1 import budget_pb2 as budgets
from tallystick_client.v1 import notification_pb2 as notifications
from tallystick_client.v1 import notification_preferences_pb2 as preferences
from tallystick_client.v1.ledger_pb2 import CategoryKind
from tallystick_client.v1.money_pb2 import Money

LIMIT, ENVELOPE = budgets.BudgetMode.BUDGET_MODE_LIMIT, budgets.BudgetMode.BUDGET_MODE_ENVELOPE
OF_SPENDING = CategoryKind.CATEGORY_KIND_EXPENSE
BUDGET_REACHED = notifications.NotificationKind.NOTIFICATION_KIND_BUDGET_REACHED


class Hand(Protocol):
    """What throws the dice."""

    def any_of(self, kind: type[Any]) -> Any: ...
    def any_gone(self, kind: str) -> str: ...
    def category(self, kind: Any) -> str: ...
    def chance(self, often: float) -> bool: ...
    def day(self) -> str: ...
    def mark(self) -> str: ...
    def money(self, currency: str = "EUR") -> Money: ...


def create_budget(hand: Hand) -> Message:
    periods = budgets.BudgetPeriods(months=budgets.MonthPeriods(months=1))
    mode = ENVELOPE if hand.chance(0.7) else LIMIT
    return budgets.CreateBudgetRequest(name=hand.mark(), mode=mode, periods=periods, starts_on="2026-01-01")


def update_budget(hand: Hand) -> Message:
    fields: dict[str, Any] = {"name": hand.mark()}
    if hand.chance(0.3):
        # In a budget with limits that is refused.
        fields |= {"opening": hand.money()}
    mask = FieldMask(paths=list(fields))
    return budgets.UpdateBudgetRequest(budget_id=hand.any_of(budgets.Budget).id, **fields, update_mask=mask)


def delete_budget(hand: Hand) -> Message:
    return budgets.DeleteBudgetRequest(budget_id=hand.any_of(budgets.Budget).id)


def restore_budget(hand: Hand) -> Message:
    return budgets.RestoreBudgetRequest(budget_id=hand.any_gone("budget"))


def copy_budget(hand: Hand) -> Message:
    return budgets.CopyBudgetRequest(budget_id=hand.any_of(budgets.Budget).id, name=hand.mark(), starts_on=hand.day())


def create_item(hand: Hand) -> Message:
    budget_id, category_id = hand.any_of(budgets.Budget).id, hand.category(OF_SPENDING)
    return items.CreateBudgetItemRequest(
        budget_id=budget_id, name=hand.mark(), category_ids=filter(None, [category_id])
    )


def update_item(hand: Hand) -> Message:
    item = hand.any_of(items.BudgetItem)
    fields: dict[str, Any] = {"name": hand.mark()}
    if hand.chance(0.5):
        fields |= {"limits": [items.BudgetLimit(amount=hand.money())]}
    mask = FieldMask(paths=list(fields))
    return items.UpdateBudgetItemRequest(budget_id=item.budget_id, item_id=item.id, **fields, update_mask=mask)


def delete_item(hand: Hand) -> Message:
    item = hand.any_of(items.BudgetItem)
    return items.DeleteBudgetItemRequest(budget_id=item.budget_id, item_id=item.id)


def restore_item(hand: Hand) -> Message:
    """Now and then of another budget, which is refused."""
    item_id = hand.any_gone("budget_item")
    return items.RestoreBudgetItemRequest(budget_id=hand.any_of(budgets.Budget).id, item_id=item_id)


def assign_money(hand: Hand) -> Message:
    item = hand.any_of(items.BudgetItem)
    fields: dict[str, Any] = {"budget_id": item.budget_id, "item_id": item.id}
    return moves.AssignMoneyRequest(**fields, amount=hand.money(), on=hand.day())


def move_money(hand: Hand) -> Message:
    item, other = hand.any_of(items.BudgetItem), hand.any_of(items.BudgetItem)
    fields: dict[str, Any] = {"budget_id": item.budget_id, "from_item_id": item.id, "to_item_id": other.id}
    return moves.MoveMoneyRequest(**fields, amount=hand.money(), on=hand.day())


def copy_forward(hand: Hand) -> Message:
    budget_id = hand.any_of(budgets.Budget).id
    return moves.CopyForwardRequest(budget_id=budget_id, from_on=hand.day(), to_on=hand.day())


def mark_read(hand: Hand) -> Message:
    return notifications.MarkReadRequest(notification_ids=[hand.any_of(notifications.Notification).id])


def mark_all_read(hand: Hand) -> Message:
    return notifications.MarkAllReadRequest()


def delete_notification(hand: Hand) -> Message:
    return notifications.DeleteNotificationRequest(notification_id=hand.any_of(notifications.Notification).id)


def update_preferences(hand: Hand) -> Message:
    kind = preferences.KindPreference(kind=BUDGET_REACHED, in_app=hand.chance(0.5), email=hand.chance(0.5))
    mask = FieldMask(paths=["kinds", "amounts_in_mail"])
    fields: dict[str, Any] = {"kinds": [kind], "amounts_in_mail": hand.chance(0.5)}
    return preferences.UpdateNotificationPreferencesRequest(**fields, update_mask=mask)
