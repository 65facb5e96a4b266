"""What becomes of a plan when its payments are made or taken back? Pure."""

from collections.abc import Iterator

from tallystick.errors import InvalidInput, RuleBroken
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.group_plans_pb2 import PlannedPayment, SettlementPlan, SettlementPlanState
from tallystick.v1.group_settlements_pb2 import RecordSettlementRequest

OPEN = SettlementPlanState.SETTLEMENT_PLAN_STATE_OPEN
DONE = SettlementPlanState.SETTLEMENT_PLAN_STATE_DONE
CANCELLED = SettlementPlanState.SETTLEMENT_PLAN_STATE_CANCELLED


def lines_of(plan: SettlementPlan) -> Iterator[PlannedPayment]:
    for each in plan.currencies:
        yield from each.payments


def require_payable(plan: SettlementPlan, request: RecordSettlementRequest, from_id: str, to_id: str) -> PlannedPayment:
    """The payment that the request makes: all of it, by and to whom the plan says."""
    line = next((each for each in lines_of(plan) if each.line == request.plan_line), None)
    if line is None:
        raise InvalidInput.of_field("plan_line", "is no payment of the plan")
    if line.settlement_id:
        raise RuleBroken(
            ErrorReason.ERROR_REASON_PLAN_PAYMENT_MADE,
            "The payment was made before.",
            metadata={"settlement_id": line.settlement_id},
        )
    require_open(plan)
    if line.from_member_id != from_id:
        raise InvalidInput.of_field("from_member_id", "is not who pays it by the plan")
    if line.to_member_id != to_id:
        raise InvalidInput.of_field("to_member_id", "is not who is paid by the plan")
    if request.HasField("amount") and request.amount != line.amount:
        raise InvalidInput.of_field("amount", "is not that of the plan")
    return line


def require_open(plan: SettlementPlan) -> None:
    if plan.state != OPEN:
        raise RuleBroken(ErrorReason.ERROR_REASON_PLAN_CLOSED, "The plan is done or was cancelled.")


def is_stale(plan: SettlementPlan, newest_version: int) -> bool:
    """Whether balances moved in another way than by its own payments since they were planned."""
    return newest_version > plan.balance_version


def marked(
    plan: SettlementPlan, number: int, settlement_id: str, *, counts: bool, newest_version: int, seq: int
) -> SettlementPlan:
    """The plan after a settlement of one of its payments began to count, or stopped. The other payments stay as they are.

    A payment that another settlement has made meanwhile stays with that one; then this one is no part of the plan any more.
    """
    after = SettlementPlan()
    after.CopyFrom(plan)
    line = next(each for each in lines_of(after) if each.line == number)
    if line.settlement_id != ("" if counts else settlement_id):
        return after
    line.settlement_id = settlement_id if counts else ""
    if not is_stale(plan, newest_version):
        after.balance_version = seq
    if after.state != CANCELLED:
        after.state = DONE if all(each.settlement_id for each in lines_of(after)) else OPEN
    return after


def cancelled(plan: SettlementPlan) -> SettlementPlan:
    require_open(plan)
    after = SettlementPlan()
    after.CopyFrom(plan)
    after.state = CANCELLED
    return after
