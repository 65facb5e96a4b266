"""What brings the balance of somebody who leaves to zero, and who may say so? Pure.

Whatever becomes of it, nothing is open any more between them and anybody: their debts with each come to nothing, and so does their net,
which is the sum of those. Settlements do that, and nothing else, so that the balance of a group stays what was shared and what was given.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from tallystick.errors import InvalidInput, NotAllowed
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.group_members_pb2 import LeaveGroupRequest
from tallystick.v1.group_settlements_pb2 import SettlementKind, SettlementState
from tallystick.v1.role_pb2 import Role

PAYMENT = SettlementKind.SETTLEMENT_KIND_PAYMENT
TAKEN_OVER = SettlementKind.SETTLEMENT_KIND_TAKEN_OVER
FORGIVEN = SettlementKind.SETTLEMENT_KIND_FORGIVEN


class OpenDebt(NamedTuple):
    """What is open between a member and another one: above zero, they owe it; below, it is owed to them."""

    other_id: UUID
    currency: str
    owes_minor: int


class Gift(NamedTuple):
    """What a settlement says: who gives, who gets, and how much."""

    from_id: UUID
    to_id: UUID
    currency: str
    minor: int


def debts_of_member(member_id: UUID, debts: Mapping[tuple[UUID, UUID, str], int]) -> list[OpenDebt]:
    """Those of a group's debts that are a member's, from where they stand."""
    found = []
    for (one_id, other_id, currency), owes in debts.items():
        if owes and member_id == one_id:
            found.append(OpenDebt(other_id, currency, owes))
        elif owes and member_id == other_id:
            found.append(OpenDebt(one_id, currency, -owes))
    return sorted(found)


def kind_of(request: LeaveGroupRequest) -> SettlementKind.ValueType:
    """Of the settlements that a request asks for. Unspecified: of none."""
    kinds = {"settled": PAYMENT, "taken_over": TAKEN_OVER, "forgiven": FORGIVEN}
    return kinds.get(request.WhichOneof("remainder") or "", SettlementKind.SETTLEMENT_KIND_UNSPECIFIED)


def state_of(kind: SettlementKind.ValueType) -> SettlementState.ValueType:
    """That money was given, whoever got it may still deny."""
    if kind == PAYMENT:
        return SettlementState.SETTLEMENT_STATE_RECORDED
    return SettlementState.SETTLEMENT_STATE_CONFIRMED


def even_out(member_id: UUID, debts: Iterable[OpenDebt]) -> list[Gift]:
    """Whoever owes gives it: the member, or the other one."""
    return [_gift(member_id, each.other_id, each.currency, each.owes_minor) for each in debts]


def hand_over(member_id: UUID, taker_id: UUID, debts: Iterable[OpenDebt]) -> list[Gift]:
    """Each debt moves from the member to the taker: what evens it out, and its opposite with the taker in the member's place. With
    the taker themselves it only ends."""
    gifts = []
    for each in debts:
        gifts.append(_gift(member_id, each.other_id, each.currency, each.owes_minor))
        if each.other_id != taker_id:
            gifts.append(_gift(each.other_id, taker_id, each.currency, each.owes_minor))
    return gifts


def require_other(member_id: UUID, taker_id: UUID) -> None:
    if member_id == taker_id:
        raise InvalidInput.of_field("taken_over.member_id", "is the one who leaves")


def require_may_hand_over(role: Role.ValueType, debts: Iterable[OpenDebt]) -> None:
    """Nobody gives what they owe to somebody else: an owner says that they agreed."""
    if role != Role.ROLE_OWNER and any(each.owes_minor > 0 for each in debts):
        raise _only_owners("Only owners can let another member take over what is owed.", role)


def require_may_forgive(role: Role.ValueType, own_id: UUID, member_id: UUID, debts: Iterable[OpenDebt]) -> None:
    """What is owed to several people is not for one of them to forgive, nor for the one who owes it."""
    owed_to = {each.other_id if each.owes_minor > 0 else member_id for each in debts}
    if role != Role.ROLE_OWNER and not owed_to <= {own_id}:
        raise _only_owners("Only owners, and whoever alone is owed, can forgive it.", role)


def _only_owners(text: str, role: Role.ValueType) -> NotAllowed:
    metadata = {"role": Role.Name(role), "needed": Role.Name(Role.ROLE_OWNER)}
    return NotAllowed(ErrorReason.ERROR_REASON_ROLE_TOO_LOW, text, metadata=metadata)


def _gift(from_id: UUID, to_id: UUID, currency: str, minor: int) -> Gift:
    """Below zero it goes the other way."""
    return Gift(from_id, to_id, currency, minor) if minor > 0 else Gift(to_id, from_id, currency, -minor)
