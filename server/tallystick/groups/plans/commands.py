"""What shall happen to plans? One function per writing call, run inside the write door."""

from tallystick.errors import RuleBroken
from tallystick.groups.members.queries import MEMBERS, open_roster
from tallystick.groups.plans import rules
from tallystick.groups.plans.queries import as_seen, asked_of_plan
from tallystick.groups.plans.suggestions import find_via, strategy_of, suggest_all
from tallystick.groups.profiles.queries import GROUP_OF_SPACE
from tallystick.groups.sums.queries import TALLIES, open_sums
from tallystick.groups.tables import GROUP, SETTLEMENT_PLAN
from tallystick.ledger.rules import canonical
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.group_plans_pb2 import (
    CancelSettlementPlanRequest,
    CancelSettlementPlanResponse,
    CreateSettlementPlanRequest,
    CreateSettlementPlanResponse,
    SettlementPlan,
)


async def create_settlement_plan(tx: WriteTx, request: CreateSettlementPlanRequest) -> CreateSettlementPlanResponse:
    groups, members, tallies = await tx.fetch_all(
        GROUP_OF_SPACE(space_id=tx.space_id),
        MEMBERS(space_id=tx.space_id),
        TALLIES(space_id=tx.space_id),
    )
    sums = open_sums(tx, tallies)
    strategy = strategy_of(request, tx.require(GROUP, groups))
    suggested = await suggest_all(sums, strategy, find_via(request, open_roster(tx, members)))
    if not suggested:
        raise RuleBroken(ErrorReason.ERROR_REASON_NOTHING_TO_SETTLE, "Nothing is open.")
    plan = SettlementPlan(
        id=canonical(request.plan_id) or str(tx.new_id()),
        group_id=str(tx.space_id),
        strategy=strategy,
        currencies=suggested,
        state=rules.OPEN,
        balance_version=sums.version,
        created_at=to_timestamp(tx.now),
    )
    return CreateSettlementPlanResponse(plan=tx.add(SETTLEMENT_PLAN, plan))


async def cancel_settlement_plan(tx: WriteTx, request: CancelSettlementPlanRequest) -> CancelSettlementPlanResponse:
    plans, ((newest,),) = await tx.fetch_all(*asked_of_plan(tx.space_id, request.plan_id))
    before = tx.require(SETTLEMENT_PLAN, plans)
    after = tx.put(SETTLEMENT_PLAN, before, rules.cancelled(before))
    return CancelSettlementPlanResponse(plan=as_seen(after, newest))
