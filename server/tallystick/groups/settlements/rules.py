"""What may become of a settlement, and who may say so? Pure."""

from uuid import UUID

from tallystick.errors import InvalidInput, NotAllowed, RuleBroken
from tallystick.groups.rules import require_payment
from tallystick.ledger.rules import require_currency, require_date
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.group_settlements_pb2 import RecordSettlementRequest, Settlement, SettlementState
from tallystick.v1.money_pb2 import Money
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import Member, MemberState

RECORDED = SettlementState.SETTLEMENT_STATE_RECORDED
CONFIRMED = SettlementState.SETTLEMENT_STATE_CONFIRMED
DISPUTED = SettlementState.SETTLEMENT_STATE_DISPUTED
REVERSED = SettlementState.SETTLEMENT_STATE_REVERSED


def require_shape(request: RecordSettlementRequest) -> None:
    """What is wrong whatever the group holds. A payment of a plan names the plan and which one of its payments it is."""
    if bool(request.plan_id) != request.HasField("plan_line"):
        raise InvalidInput.of_field("plan_line", "goes with a plan, and a plan with it")
    if request.HasField("paid"):
        require_currency("paid.currency", request.paid.currency)
    if request.HasField("amount"):
        require_currency("amount.currency", request.amount.currency)
    elif not request.plan_id:
        raise InvalidInput.of_field("amount", "must be stated")
    if request.booked_on:
        require_date("booked_on", request.booked_on)


def require_whole(settlement: Settlement) -> None:
    """Also when the plan says who gives how much."""
    require_payment(UUID(settlement.from_member_id), UUID(settlement.to_member_id), settlement.amount.minor)
    if settlement.HasField("paid") and settlement.paid.currency == settlement.amount.currency:
        raise InvalidInput.of_field("paid.currency", "is that of the amount")


def require_payee(payee: Member, user_id: UUID, role: Role.ValueType) -> None:
    """Only whoever got it knows whether it arrived. For those who have no login, or are in the group no more, an owner says it."""
    is_here = payee.state == MemberState.MEMBER_STATE_ACTIVE
    if payee.user_id == str(user_id) if is_here else role == Role.ROLE_OWNER:
        return
    raise NotAllowed(ErrorReason.ERROR_REASON_NOT_THE_PAYEE, "Only whoever got it can say so.")


def counts(settlement: Settlement) -> bool:
    return settlement.state in (RECORDED, CONFIRMED)


def confirmed(before: Settlement) -> Settlement:
    _require_there(before)
    return _with_state(before, CONFIRMED)


def disputed(before: Settlement, text: str) -> Settlement:
    """One that is disputed already stays as it is."""
    _require_there(before)
    return before if before.state == DISPUTED else _with_state(before, DISPUTED, text.strip())


def reversed_(before: Settlement) -> Settlement:
    return _with_state(before, REVERSED, before.dispute)


def owed(debts: dict[tuple[UUID, UUID, str], int], from_id: UUID, to_id: UUID, currency: str) -> Money:
    """What the first owes the second, below zero if it is the other way round, of debts as they are kept."""
    if from_id < to_id:
        return Money(currency=currency, minor=debts.get((from_id, to_id, currency), 0))
    return Money(currency=currency, minor=-debts.get((to_id, from_id, currency), 0))


def _require_there(settlement: Settlement) -> None:
    if settlement.state == REVERSED:
        raise RuleBroken(ErrorReason.ERROR_REASON_SETTLEMENT_REVERSED, "The settlement was reversed.")


def _with_state(before: Settlement, state: SettlementState.ValueType, dispute: str = "") -> Settlement:
    after = Settlement()
    after.CopyFrom(before)
    after.state, after.dispute = state, dispute
    return after
