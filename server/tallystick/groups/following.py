"""What does an expense or a settlement mean for one member: what do they bear of it, and what have they given for it? Pure."""

from typing import NamedTuple
from uuid import UUID

from tallystick.groups.sums.effects import sign_of, step_of_settlement
from tallystick.v1.group_expenses_pb2 import Expense, ExpenseKind
from tallystick.v1.group_settlements_pb2 import Settlement, SettlementKind


class Part(NamedTuple):
    """One member's part of an item, in the currency that it counts as. `borne_minor` and `given_minor` together are how far it moves
    their net: what they spend and what reaches them count below zero, what they earn and what they give above."""

    booked_on: str
    currency: str
    borne_minor: int
    given_minor: int
    # The same money as given, in the currency in which it was paid.
    paid_currency: str
    paid_minor: int
    # Whether what is borne above zero was earned, and is nothing spent that came back.
    is_earned: bool
    text: str
    category: str


def part_of_expense(expense: Expense, member_id: UUID) -> Part | None:
    """None: the member has no part in it."""
    share = next((each for each in expense.shares if each.member_id == str(member_id)), None)
    if share is None:
        return None
    is_converted, sign = expense.HasField("conversion"), sign_of(expense.kind)
    owed, paid = (
        (share.converted_owed_minor, share.converted_paid_minor)
        if is_converted
        else (share.owed_minor, share.paid_minor)
    )
    if not owed and not paid:
        return None
    return Part(
        booked_on=expense.booked_on,
        currency=(expense.conversion.amount if is_converted else expense.amount).currency,
        borne_minor=-sign * owed,
        given_minor=sign * paid,
        paid_currency=expense.amount.currency,
        paid_minor=sign * share.paid_minor,
        is_earned=expense.kind == ExpenseKind.EXPENSE_KIND_INCOME,
        text=expense.description,
        category=expense.category,
    )


def part_of_settlement(settlement: Settlement, member_id: UUID) -> Part | None:
    """Whoever takes a debt over, or lets it go, has given no money: it is spending or earning to them."""
    step = step_of_settlement(settlement)
    if step is None or member_id not in (step.from_id, step.to_id):
        return None
    sign = 1 if step.from_id == member_id else -1
    is_money = settlement.kind == SettlementKind.SETTLEMENT_KIND_PAYMENT
    paid = settlement.paid if settlement.HasField("paid") else settlement.amount
    return Part(
        booked_on=settlement.booked_on,
        currency=step.currency,
        borne_minor=0 if is_money else sign * step.amount_minor,
        given_minor=sign * step.amount_minor if is_money else 0,
        paid_currency=paid.currency,
        paid_minor=sign * paid.minor,
        is_earned=True,
        text=settlement.note,
        category="",
    )
