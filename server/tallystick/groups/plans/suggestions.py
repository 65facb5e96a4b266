"""Which payments would settle a group, currency by currency, and why each?"""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from tallystick.errors import InvalidInput
from tallystick.groups.balances import Debt
from tallystick.groups.fewest import EXACT_MEMBERS_MAX
from tallystick.groups.members.rules import Roster
from tallystick.groups.settling import Plan, Strategy, suggest
from tallystick.groups.sums.queries import Sums
from tallystick.groups.sums.state import debts_in_order, nets_by_currency
from tallystick.spaces.rules import is_in
from tallystick.v1.group_pb2 import Group
from tallystick.v1.group_plans_pb2 import (
    CreateSettlementPlanRequest,
    PlannedPayment,
    SettlementStrategy,
    SuggestedCurrency,
    SuggestSettlementsRequest,
)
from tallystick.v1.money_pb2 import Money

UNSPECIFIED = SettlementStrategy.SETTLEMENT_STRATEGY_UNSPECIFIED
FEWEST = SettlementStrategy.SETTLEMENT_STRATEGY_FEWEST
PAIRWISE = SettlementStrategy.SETTLEMENT_STRATEGY_PAIRWISE
VIA_MEMBER = SettlementStrategy.SETTLEMENT_STRATEGY_VIA_MEMBER
KEEP_EDGES = SettlementStrategy.SETTLEMENT_STRATEGY_KEEP_EDGES

_STRATEGIES = {
    FEWEST: Strategy.FEWEST,
    PAIRWISE: Strategy.PAIRWISE,
    VIA_MEMBER: Strategy.VIA_MEMBER,
    KEEP_EDGES: Strategy.KEEP_EDGES,
}


def strategy_of(
    request: SuggestSettlementsRequest | CreateSettlementPlanRequest, group: Group
) -> SettlementStrategy.ValueType:
    """What was asked for, or else what the group's switch says."""
    if request.strategy != UNSPECIFIED:
        return request.strategy
    return FEWEST if group.simplify_debts else PAIRWISE


def find_via(request: SuggestSettlementsRequest | CreateSettlementPlanRequest, roster: Roster) -> UUID | None:
    """The member whom all pay. Somebody who is gone can be paid no more."""
    if not request.via_member_id:
        return None
    via_id = UUID(request.via_member_id)
    if not is_in(roster.get(via_id)):
        raise InvalidInput.of_field("via_member_id", "is not in the group any more")
    return via_id


async def suggest_all(
    sums: Sums, strategy: SettlementStrategy.ValueType, via_id: UUID | None, exact_members_max: int = 0
) -> list[SuggestedCurrency]:
    """By currency, the lines numbered through all of them. The search for the fewest takes tens of milliseconds, so it has a thread: other
    calls have their turns meanwhile."""
    debts: dict[str, list[Debt]] = {}
    for currency, from_id, to_id, owes in debts_in_order(sums):
        debts.setdefault(currency, []).append(Debt(from_id, to_id, owes))
    nets = nets_by_currency(sums)
    suggested: list[SuggestedCurrency] = []
    number = 0
    for currency in sorted(nets.keys() | debts.keys()):
        of_currency = debts.get(currency, [])
        plan = await asyncio.to_thread(
            suggest,
            nets.get(currency, {}),
            _STRATEGIES[strategy],
            debts=of_currency,
            via_id=via_id,
            exact_members_max=exact_members_max or EXACT_MEMBERS_MAX,
        )
        if plan.payments:
            direct = {(from_id, to_id): owes for from_id, to_id, owes in of_currency}
            suggested.append(_compose(plan, currency, direct, number))
            number += len(plan.payments)
    return suggested


def _compose(plan: Plan, currency: str, direct: Mapping[tuple[UUID, UUID], int], first: int) -> SuggestedCurrency:
    payments = []
    for line, payment in enumerate(plan.payments, first):
        owes = min(direct.get((payment.from_id, payment.to_id), 0), payment.amount_minor)
        payments.append(
            PlannedPayment(
                line=line,
                from_member_id=str(payment.from_id),
                to_member_id=str(payment.to_id),
                amount=Money(currency=currency, minor=payment.amount_minor),
                among_member_ids=map(str, payment.among),
                owed_directly=[Money(currency=currency, minor=owes)] if owes else [],
            )
        )
    return SuggestedCurrency(currency=currency, payments=payments, lower_bound=plan.lower_bound, optimal=plan.optimal)
