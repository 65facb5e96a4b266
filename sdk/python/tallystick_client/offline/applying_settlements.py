"""What do commands about settlements, and about the plans that they pay, change?"""

from collections.abc import Iterator

from tallystick_client.offline.composing import canonical
from tallystick_client.offline.making import Making, Rule
from tallystick_client.offline.masks import copy_of
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.roster import group_in, own_member, require_day, require_in, require_unlocked, today_in
from tallystick_client.offline.rows import Row
from tallystick_client.v1.group_plans_pb2 import (
    CancelSettlementPlanRequest,
    PlannedPayment,
    SettlementPlan,
    SettlementPlanState,
)
from tallystick_client.v1.group_settlements_pb2 import (
    ConfirmSettlementRequest,
    DisputeSettlementRequest,
    RecordSettlementRequest,
    ReverseSettlementRequest,
    Settlement,
    SettlementKind,
    SettlementState,
)
from tallystick_client.v1.role_pb2 import Role
from tallystick_client.v1.space_pb2 import Member, MemberState

_RECORDED = SettlementState.SETTLEMENT_STATE_RECORDED
_CONFIRMED = SettlementState.SETTLEMENT_STATE_CONFIRMED
_DISPUTED = SettlementState.SETTLEMENT_STATE_DISPUTED
_REVERSED = SettlementState.SETTLEMENT_STATE_REVERSED
_OPEN = SettlementPlanState.SETTLEMENT_PLAN_STATE_OPEN
_DONE = SettlementPlanState.SETTLEMENT_PLAN_STATE_DONE
_CANCELLED = SettlementPlanState.SETTLEMENT_PLAN_STATE_CANCELLED


def _record(making: Making, command: RecordSettlementRequest) -> Iterator[Row]:
    group = group_in(making)
    from_id, to_id = canonical(command.from_member_id) or own_member(making).id, canonical(command.to_member_id)
    if bool(command.plan_id) != command.HasField("plan_line"):
        raise CannotApply
    made = Settlement(
        id=making.require_new("settlement", command.settlement_id),
        group_id=making.space_id,
        from_member_id=from_id,
        to_member_id=to_id,
        amount=_planned(making, command, from_id, to_id).amount if command.plan_id else command.amount,
        paid=command.paid if command.HasField("paid") else None,
        booked_on=require_day(command.booked_on) if command.booked_on else today_in(group, making),
        note=command.note.strip(),
        kind=SettlementKind.SETTLEMENT_KIND_PAYMENT,
        state=_RECORDED,
        plan_id=canonical(command.plan_id),
        plan_line=command.plan_line,
        created_at=making.made_at,
    )
    _require_payment(made)
    require_in(making, (from_id, to_id))
    require_unlocked(group, made.booked_on)
    yield from _marked(making, made)
    yield Row("settlement", made.id, made)


def _planned(making: Making, command: RecordSettlementRequest, from_id: str, to_id: str) -> PlannedPayment:
    """The payment of a plan that the command makes: all of it, by and to whom the plan says."""
    plan: SettlementPlan = making.require("settlement_plan", command.plan_id)
    line = next((each for each in _lines_of(plan) if each.line == command.plan_line), None)
    if line is None or line.settlement_id or plan.state != _OPEN:
        raise CannotApply
    is_other = command.HasField("amount") and command.amount != line.amount
    if is_other or (line.from_member_id, line.to_member_id) != (from_id, to_id):
        raise CannotApply
    return line


def _require_payment(made: Settlement) -> None:
    """It goes from one to another, and moves something; what was paid, if that is said, is in another currency."""
    is_same = made.HasField("paid") and made.paid.currency == made.amount.currency
    if made.from_member_id == made.to_member_id or made.amount.minor <= 0 or is_same:
        raise CannotApply


def _confirm(making: Making, command: ConfirmSettlementRequest) -> Iterator[Row]:
    yield from _answer(making, command.settlement_id, _CONFIRMED)


def _dispute(making: Making, command: DisputeSettlementRequest) -> Iterator[Row]:
    yield from _answer(making, command.settlement_id, _DISPUTED, command.text.strip())


def _answer(making: Making, settlement_id: str, state: SettlementState.ValueType, text: str = "") -> Iterator[Row]:
    before: Settlement = making.require("settlement", settlement_id)
    _require_payee(making, making.require("member", before.to_member_id))
    if before.state == _REVERSED:
        raise CannotApply
    if state != before.state:
        yield from _with_state(making, before, state, text)


def _require_payee(making: Making, payee: Member) -> None:
    """Only whoever got it knows whether it arrived. For those who have no login, or are in the group no more, an owner says it."""
    if payee.state == MemberState.MEMBER_STATE_ACTIVE:
        if payee.user_id != making.user_id:
            raise CannotApply
    elif own_member(making).role != Role.ROLE_OWNER:
        raise CannotApply


def _reverse(making: Making, command: ReverseSettlementRequest) -> Iterator[Row]:
    before: Settlement = making.require("settlement", command.settlement_id)
    if before.state != _REVERSED:
        yield from _with_state(making, before, _REVERSED, before.dispute)


def _with_state(making: Making, before: Settlement, state: SettlementState.ValueType, dispute: str) -> Iterator[Row]:
    after = copy_of(before)
    after.state, after.dispute = state, dispute
    if _counts(before) != _counts(after):
        require_unlocked(group_in(making), after.booked_on)
        yield from _marked(making, after)
    yield Row("settlement", after.id, after)


def _counts(settlement: Settlement) -> bool:
    return settlement.state in {_RECORDED, _CONFIRMED}


def _marked(making: Making, settlement: Settlement) -> Iterator[Row]:
    """The plan that it is a payment of, after it began to count or stopped. What another has paid meanwhile stays with that one."""
    if not settlement.plan_id:
        return
    after: SettlementPlan = copy_of(making.require("settlement_plan", settlement.plan_id))
    counts = _counts(settlement)
    for line in _lines_of(after):
        if line.line == settlement.plan_line and line.settlement_id == ("" if counts else settlement.id):
            line.settlement_id = settlement.id if counts else ""
            if after.state != _CANCELLED:
                after.state = _DONE if all(each.settlement_id for each in _lines_of(after)) else _OPEN
            yield Row("settlement_plan", after.id, after)


def _lines_of(plan: SettlementPlan) -> Iterator[PlannedPayment]:
    for each in plan.currencies:
        yield from each.payments


def _cancel_plan(making: Making, command: CancelSettlementPlanRequest) -> Iterator[Row]:
    after: SettlementPlan = copy_of(making.require("settlement_plan", command.plan_id))
    if after.state != _OPEN:
        raise CannotApply
    after.state = _CANCELLED
    yield Row("settlement_plan", after.id, after)


SETTLEMENT_RULES: dict[str, Rule] = {
    "record_settlement": _record,
    "confirm_settlement": _confirm,
    "dispute_settlement": _dispute,
    "reverse_settlement": _reverse,
    "cancel_settlement_plan": _cancel_plan,
}
