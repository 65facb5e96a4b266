"""What is a member of a group told of what others did with expenses, settlements and comments that concern them? Pure.

What somebody did in one commit is one notification for each event, whatever the number of things.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from tallystick.groups.following import Part, part_of_expense
from tallystick.notifications.notices import Notice, Place, compose_notice, id_in_commit
from tallystick.notifications.telling.news import News, commits_of
from tallystick.notifications.telling.people import People
from tallystick.v1.group_expenses_pb2 import Expense
from tallystick.v1.group_settlements_pb2 import Settlement, SettlementState
from tallystick.v1.money_pb2 import Money
from tallystick.v1.notification_details_pb2 import (
    GroupComments,
    GroupEvent,
    GroupExpensePart,
    GroupExpenses,
    GroupSettlementPart,
    GroupSettlements,
)
from tallystick.v1.notification_pb2 import NotificationKind
from tallystick.v1.space_pb2 import Member

Event: TypeAlias = GroupEvent.ValueType
ADDED, CHANGED, DELETED = GroupEvent.GROUP_EVENT_ADDED, GroupEvent.GROUP_EVENT_CHANGED, GroupEvent.GROUP_EVENT_DELETED
# So many are named; the others are counted.
NAMED_MAX = 5
TEXT_MAX = 200
_OF_STATE = {
    SettlementState.SETTLEMENT_STATE_RECORDED: ADDED,
    SettlementState.SETTLEMENT_STATE_CONFIRMED: GroupEvent.GROUP_EVENT_CONFIRMED,
    SettlementState.SETTLEMENT_STATE_DISPUTED: GroupEvent.GROUP_EVENT_DISPUTED,
    SettlementState.SETTLEMENT_STATE_REVERSED: GroupEvent.GROUP_EVENT_REVERSED,
}


def tell_of_expenses(place: Place, people: People, news: Sequence[News]) -> Iterator[Notice]:
    assert place.id is not None, "a group is a space"
    for seq, actor_id, changes in commits_of(news, "expense"):
        for member in people.told_of(seq, actor_id):
            events: dict[Event, list[Expense]] = {}
            for change in changes:
                event = event_of_expense(change.before, change.now, UUID(member.id))
                if event is not None:
                    events.setdefault(event, []).append(change.either)
            for event, expenses in events.items():
                details = GroupExpenses(
                    event=event,
                    actor_name=people.name_of_user(actor_id),
                    count=len(expenses),
                    expenses=[_named_expense(each, UUID(member.id)) for each in expenses[:NAMED_MAX]],
                )
                user_id = UUID(member.user_id)
                notice_id = id_in_commit(place.id, seq, f"expenses {event}", user_id)
                kind = NotificationKind.NOTIFICATION_KIND_GROUP_EXPENSES
                yield compose_notice(user_id, notice_id, kind, place, details)


def event_of_expense(before: Expense | None, now: Expense | None, member_id: UUID) -> Event | None:
    """What a change means to a member. None: nothing that they must know of."""
    was, is_ = _part_of(before, member_id), _part_of(now, member_id)
    if was is None and is_ is None:
        return None
    if before is None:
        return ADDED
    if now is None:
        return DELETED
    return CHANGED if before.amount != now.amount or _money_of(was) != _money_of(is_) else None


def _part_of(expense: Expense | None, member_id: UUID) -> Part | None:
    return part_of_expense(expense, member_id) if expense is not None else None


def _money_of(part: Part | None) -> tuple[str, int, int] | None:
    return (part.currency, part.borne_minor, part.given_minor) if part else None


def _named_expense(expense: Expense, member_id: UUID) -> GroupExpensePart:
    part = part_of_expense(expense, member_id)
    counted = expense.conversion.amount if expense.HasField("conversion") else expense.amount
    return GroupExpensePart(
        expense_id=expense.id,
        description=expense.description,
        amount=expense.amount,
        share=Money(currency=counted.currency, minor=abs(part.borne_minor) if part else 0),
    )


def tell_of_settlements(place: Place, people: People, news: Sequence[News]) -> Iterator[Notice]:
    assert place.id is not None, "a group is a space"
    for seq, actor_id, changes in commits_of(news, "settlement"):
        for member in people.told_of(seq, actor_id):
            events: dict[Event, list[Settlement]] = {}
            for change in changes:
                event = event_of_settlement(change.before, change.now)
                if event is not None and member.id in (change.now.from_member_id, change.now.to_member_id):
                    events.setdefault(event, []).append(change.now)
            for event, settlements in events.items():
                details = GroupSettlements(
                    event=event,
                    actor_name=people.name_of_user(actor_id),
                    count=len(settlements),
                    settlements=[_named_settlement(each, people, member) for each in settlements[:NAMED_MAX]],
                )
                user_id = UUID(member.user_id)
                notice_id = id_in_commit(place.id, seq, f"settlements {event}", user_id)
                kind = NotificationKind.NOTIFICATION_KIND_GROUP_SETTLEMENTS
                yield compose_notice(user_id, notice_id, kind, place, details)


def event_of_settlement(before: Settlement | None, now: Settlement | None) -> Event | None:
    """A settlement is never deleted: what becomes of it is its state."""
    if now is None or (before is not None and before.state == now.state):
        return None
    return _OF_STATE[now.state]


def _named_settlement(settlement: Settlement, people: People, member: Member) -> GroupSettlementPart:
    return GroupSettlementPart(
        settlement_id=settlement.id,
        from_name=people.name_of(settlement.from_member_id),
        to_name=people.name_of(settlement.to_member_id),
        amount=settlement.amount,
        from_me=settlement.from_member_id == member.id,
    )


def tell_of_comments(
    place: Place, people: People, news: Sequence[News], expenses: Mapping[str, Expense]
) -> Iterator[Notice]:
    """`expenses` are those that were commented on, as they are now."""
    assert place.id is not None, "a group is a space"
    for seq, actor_id, changes in commits_of(news, "expense_comment"):
        said = [change.now for change in changes if change.before is None and change.now is not None]
        for member in people.told_of(seq, actor_id):
            heard = [each for each in said if _part_of(expenses.get(each.expense_id), UUID(member.id))]
            if not heard:
                continue
            first = heard[0]
            details = GroupComments(
                actor_name=people.name_of_user(actor_id),
                count=len(heard),
                comment_id=first.id,
                expense_id=first.expense_id,
                description=expenses[first.expense_id].description,
                text=first.text[:TEXT_MAX],
            )
            user_id = UUID(member.user_id)
            notice_id = id_in_commit(place.id, seq, "comments", user_id)
            yield compose_notice(user_id, notice_id, NotificationKind.NOTIFICATION_KIND_GROUP_COMMENTS, place, details)
