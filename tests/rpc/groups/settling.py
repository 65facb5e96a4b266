"""How do tests settle? Short names for the calls that nearly every test of balances, settlements and plans makes."""

from dataclasses import dataclass
from typing import Any

from circle import Circle, money
from people import Client, Person, new_id
from rpc.spaces.sharing import EDITOR, member_of, share
from tallystick_client.v1 import group_balances_pb2, group_plans_pb2
from tallystick_client.v1 import group_settlements_pb2 as pb
from tallystick_client.v1.group_balances_pb2 import GetBalancesResponse
from tallystick_client.v1.group_plans_pb2 import PlannedPayment, SettlementPlan
from tallystick_client.v1.group_settlements_pb2 import Settlement

RECORDED = pb.SettlementState.SETTLEMENT_STATE_RECORDED
CONFIRMED = pb.SettlementState.SETTLEMENT_STATE_CONFIRMED
DISPUTED = pb.SettlementState.SETTLEMENT_STATE_DISPUTED
REVERSED = pb.SettlementState.SETTLEMENT_STATE_REVERSED

Strategy = group_plans_pb2.SettlementStrategy
FEWEST = Strategy.SETTLEMENT_STRATEGY_FEWEST
PAIRWISE = Strategy.SETTLEMENT_STRATEGY_PAIRWISE
VIA_MEMBER = Strategy.SETTLEMENT_STRATEGY_VIA_MEMBER
KEEP_EDGES = Strategy.SETTLEMENT_STRATEGY_KEEP_EDGES
STRATEGIES = (FEWEST, PAIRWISE, VIA_MEMBER, KEEP_EDGES)

OPEN = group_plans_pb2.SettlementPlanState.SETTLEMENT_PLAN_STATE_OPEN
DONE = group_plans_pb2.SettlementPlanState.SETTLEMENT_PLAN_STATE_DONE
CANCELLED = group_plans_pb2.SettlementPlanState.SETTLEMENT_PLAN_STATE_CANCELLED


def payment(circle: Circle, from_id: str, to_id: str, minor: int = 1000, **other: Any) -> pb.RecordSettlementRequest:
    """A request for a payment; whatever is given replaces the usual."""
    fields: dict[str, Any] = {
        "request_id": new_id(),
        "group_id": circle.id,
        "from_member_id": from_id,
        "to_member_id": to_id,
        "amount": money(minor, other.pop("currency", "EUR")),
        "booked_on": "2026-02-04",
    }
    return pb.RecordSettlementRequest(**fields | other)


async def pay(
    circle: Circle, from_id: str, to_id: str, minor: int = 1000, *, by: Client | None = None, **other: Any
) -> Settlement:
    answer = await (by or circle.person).groups.RecordSettlement(payment(circle, from_id, to_id, minor, **other))
    settlement: Settlement = answer.settlement
    return settlement


async def confirm(person: Client, settlement: Settlement) -> Settlement:
    request = pb.ConfirmSettlementRequest(
        request_id=new_id(), group_id=settlement.group_id, settlement_id=settlement.id
    )
    confirmed: Settlement = (await person.groups.ConfirmSettlement(request)).settlement
    return confirmed


async def dispute(person: Client, settlement: Settlement, text: str = "Not here") -> Settlement:
    request = pb.DisputeSettlementRequest(
        request_id=new_id(), group_id=settlement.group_id, settlement_id=settlement.id, text=text
    )
    disputed: Settlement = (await person.groups.DisputeSettlement(request)).settlement
    return disputed


async def reverse(person: Client, settlement: Settlement) -> Settlement:
    request = pb.ReverseSettlementRequest(
        request_id=new_id(), group_id=settlement.group_id, settlement_id=settlement.id
    )
    reversed_: Settlement = (await person.groups.ReverseSettlement(request)).settlement
    return reversed_


async def balances_of(circle: Circle, by: Client | None = None, **other: Any) -> GetBalancesResponse:
    request = group_balances_pb2.GetBalancesRequest(group_id=circle.id, **other)
    answer: GetBalancesResponse = await (by or circle.person).groups.GetBalances(request)
    return answer


async def nets_of(circle: Circle, **other: Any) -> dict[tuple[str, str], int]:
    """By member and currency."""
    answer = await balances_of(circle, **other)
    return {(each.member_id, each.net.currency): each.net.minor for each in answer.balances}


async def debts_of(circle: Circle, **other: Any) -> dict[tuple[str, str, str], int]:
    """By who owes, who is owed, and currency."""
    answer = await balances_of(circle, **other)
    return {(each.from_member_id, each.to_member_id, each.amount.currency): each.amount.minor for each in answer.debts}


async def suggest(circle: Circle, **other: Any) -> group_plans_pb2.SuggestSettlementsResponse:
    request = group_plans_pb2.SuggestSettlementsRequest(group_id=circle.id, **other)
    answer: group_plans_pb2.SuggestSettlementsResponse = await circle.person.groups.SuggestSettlements(request)
    return answer


async def plan(circle: Circle, **other: Any) -> SettlementPlan:
    request = group_plans_pb2.CreateSettlementPlanRequest(request_id=new_id(), group_id=circle.id, **other)
    made: SettlementPlan = (await circle.person.groups.CreateSettlementPlan(request)).plan
    return made


async def get_plan(circle: Circle, plan_id: str) -> SettlementPlan:
    request = group_plans_pb2.GetSettlementPlanRequest(group_id=circle.id, plan_id=plan_id)
    found: SettlementPlan = (await circle.person.groups.GetSettlementPlan(request)).plan
    return found


def lines_of(planned: Any) -> list[PlannedPayment]:
    """Of a plan or a suggestion, over all currencies."""
    return [line for each in planned.currencies for line in each.payments]


async def pay_line(circle: Circle, planned: SettlementPlan, line: PlannedPayment, **other: Any) -> Settlement:
    fields: dict[str, Any] = {
        "request_id": new_id(),
        "group_id": circle.id,
        "from_member_id": line.from_member_id,
        "to_member_id": line.to_member_id,
        "plan_id": planned.id,
        "plan_line": line.line,
        "booked_on": "2026-02-05",
    }
    request = pb.RecordSettlementRequest(**fields | other)
    settlement: Settlement = (await circle.person.groups.RecordSettlement(request)).settlement
    return settlement


@dataclass
class Crowd:
    """A group in which a second person has a login."""

    circle: Circle
    other: Person
    other_id: str


async def with_member(circle: Circle, person: Person, role: Any = EDITOR) -> Crowd:
    await share(circle.person, circle.id, person, role)
    return Crowd(circle, person, (await member_of(circle.person, circle.id, person)).id)


async def open_debts(circle: Circle) -> tuple[str, str, str]:
    """Balances without any expense: what was given too much is owed back. Ann is owed 30, Gus owes 10 and Hal 20."""
    ann, gus, hal = circle.everybody
    await pay(circle, ann, gus, 1000)
    await pay(circle, ann, hal, 2000)
    return ann, gus, hal
