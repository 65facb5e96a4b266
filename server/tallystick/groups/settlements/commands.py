"""What shall happen to settlements? One function per writing call, run inside the write door."""

from datetime import date
from uuid import UUID

from tallystick.errors import NotVisible
from tallystick.groups.members.queries import MEMBERS, open_roster
from tallystick.groups.members.rules import Roster
from tallystick.groups.plans import payments
from tallystick.groups.plans.payments import PlanInUse
from tallystick.groups.plans.queries import asked_of_plan
from tallystick.groups.profiles.queries import GROUP_OF_SPACE
from tallystick.groups.profiles.rules import require_unlocked
from tallystick.groups.settlements import rules
from tallystick.groups.settlements.queries import SETTLEMENT_BY_ID, asked_to_record
from tallystick.groups.sums.effects import step_of_settlement
from tallystick.groups.sums.posting import post
from tallystick.groups.tables import GROUP, SETTLEMENT
from tallystick.ledger.rules import canonical
from tallystick.ledger.templates.rules import today_in
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.group_pb2 import Group
from tallystick.v1.group_settlements_pb2 import (
    ConfirmSettlementRequest,
    ConfirmSettlementResponse,
    DisputeSettlementRequest,
    DisputeSettlementResponse,
    RecordSettlementRequest,
    RecordSettlementResponse,
    ReverseSettlementRequest,
    ReverseSettlementResponse,
    Settlement,
    SettlementKind,
)

Answer = ConfirmSettlementRequest | DisputeSettlementRequest | ReverseSettlementRequest


async def record_settlement(tx: WriteTx, request: RecordSettlementRequest) -> RecordSettlementResponse:
    found = await tx.fetch_all(*asked_to_record(tx.space_id, request))
    group, roster = tx.require(GROUP, found[0]), open_roster(tx, found[1])
    from_id = canonical(request.from_member_id) or _own_member_id(tx, roster)
    to_id = canonical(request.to_member_id)
    rules.require_shape(request)
    plan = payments.open_plan(tx, *found[2:]) if request.plan_id else None
    line = plan.require_payable(request, from_id, to_id) if plan else None
    settlement = Settlement(
        id=canonical(request.settlement_id) or str(tx.new_id()),
        group_id=str(tx.space_id),
        from_member_id=from_id,
        to_member_id=to_id,
        amount=line.amount if line else request.amount,
        paid=request.paid if request.HasField("paid") else None,
        booked_on=request.booked_on or today_in(group.time_zone, tx.now).isoformat(),
        note=request.note.strip(),
        kind=SettlementKind.SETTLEMENT_KIND_PAYMENT,
        state=rules.RECORDED,
        plan_id=canonical(request.plan_id),
        plan_line=request.plan_line,
        created_at=to_timestamp(tx.now),
    )
    rules.require_whole(settlement)
    giver, payee = UUID(from_id), UUID(to_id)
    roster.require_in((giver, payee))
    require_unlocked(group, date.fromisoformat(settlement.booked_on))
    if plan:
        plan.mark(settlement)
    tx.add(SETTLEMENT, settlement)
    sums = await post(tx, [(None, step_of_settlement(settlement))])
    return RecordSettlementResponse(
        settlement=settlement, open=rules.owed(sums.debts, giver, payee, settlement.amount.currency)
    )


async def confirm_settlement(tx: WriteTx, request: ConfirmSettlementRequest) -> ConfirmSettlementResponse:
    group, roster, before = await _read(tx, request)
    rules.require_payee(roster.get(UUID(before.to_member_id)), tx.caller.user_id, tx.role)
    return ConfirmSettlementResponse(settlement=await _change(tx, group, before, rules.confirmed(before)))


async def dispute_settlement(tx: WriteTx, request: DisputeSettlementRequest) -> DisputeSettlementResponse:
    group, roster, before = await _read(tx, request)
    rules.require_payee(roster.get(UUID(before.to_member_id)), tx.caller.user_id, tx.role)
    return DisputeSettlementResponse(settlement=await _change(tx, group, before, rules.disputed(before, request.text)))


async def reverse_settlement(tx: WriteTx, request: ReverseSettlementRequest) -> ReverseSettlementResponse:
    group, _, before = await _read(tx, request)
    return ReverseSettlementResponse(settlement=await _change(tx, group, before, rules.reversed_(before)))


async def _read(tx: WriteTx, request: Answer) -> tuple[Group, Roster, Settlement]:
    groups, members, settlements = await tx.fetch_all(
        GROUP_OF_SPACE(space_id=tx.space_id),
        MEMBERS(space_id=tx.space_id),
        SETTLEMENT_BY_ID(space_id=tx.space_id, id=UUID(request.settlement_id)),
    )
    return tx.require(GROUP, groups), open_roster(tx, members), tx.require(SETTLEMENT, settlements)


async def _change(tx: WriteTx, group: Group, before: Settlement, after: Settlement) -> Settlement:
    """What is so already is not written again. Balances, and the plan that it was a payment of, follow whether it counts."""
    if after == before:
        return before
    if rules.counts(before) != rules.counts(after):
        require_unlocked(group, date.fromisoformat(after.booked_on))
        if plan := await _plan_of(tx, before):
            plan.mark(after)
        await post(tx, [(step_of_settlement(before), step_of_settlement(after))])
    return tx.put(SETTLEMENT, before, after)


async def _plan_of(tx: WriteTx, settlement: Settlement) -> PlanInUse | None:
    if not settlement.plan_id:
        return None
    return payments.open_plan(tx, *await tx.fetch_all(*asked_of_plan(tx.space_id, settlement.plan_id)))


def _own_member_id(tx: WriteTx, roster: Roster) -> str:
    own = roster.find_user(tx.caller.user_id)
    if own is None:
        raise NotVisible
    return own.id
