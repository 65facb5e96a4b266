"""What must a command on settlements be answered, and what must be there after it?"""

from typing import Any

from model.drafts import DECIMALS
from model.groups.drafts import require_day
from model.groups.state import ACTIVE, CONFIRMED, COUNTING, DISPUTED, RECORDED, REVERSED, Party, locked
from model.model import Plan
from model.state import Faults, Put, Refused, copied, differing
from tallystick_client.v1 import group_settlements_pb2 as pb
from tallystick_client.v1.group_settlements_pb2 import Settlement, SettlementKind
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.role_pb2 import Role


def record_settlement(party: Party, user: str, asked: pb.RecordSettlementRequest, said: Any) -> Plan:
    own = party.member_of(user)
    assert own is not None
    giver, payee = asked.from_member_id or own.id, asked.to_member_id
    no = Faults()
    no.when(not asked.HasField("amount") or asked.amount.minor <= 0 or giver == payee, "INVALID_FIELD")
    no.when(asked.amount.currency not in DECIMALS or asked.paid.currency not in {*DECIMALS, ""}, "UNKNOWN_CURRENCY")
    no.when(asked.paid.currency == asked.amount.currency, "INVALID_FIELD")
    require_day(asked.booked_on, no)
    for each in (giver, payee):
        if not no.when(each not in party.members(), "NOT_FOUND"):
            no.when(each not in party.present(), "MEMBER_INACTIVE")
    no.when(locked(party, asked.booked_on), "PERIOD_LOCKED")
    no.when(asked.settlement_id in party.history, "ID_TAKEN")
    no.stop()
    made = Settlement(
        id=asked.settlement_id,
        group_id=party.id,
        from_member_id=giver,
        to_member_id=payee,
        amount=asked.amount,
        paid=asked.paid if asked.HasField("paid") else None,
        booked_on=asked.booked_on,
        note=asked.note.strip(),
        kind=SettlementKind.SETTLEMENT_KIND_PAYMENT,
        state=RECORDED,
        version=party.next_seq,
    )
    party.require_range([Put(made)])
    currency = made.amount.currency
    left = Money(currency=currency, minor=party.open_between(giver, payee, currency, [Put(made)]))
    return Plan(pb.RecordSettlementResponse(settlement=made, open=left), [Put(made)])


def confirm_settlement(party: Party, user: str, asked: pb.ConfirmSettlementRequest, said: Any) -> Plan:
    before = _there(party, asked.settlement_id)
    no = _answering(party, user, before)
    return _become(party, before, no, pb.ConfirmSettlementResponse, state=CONFIRMED, dispute="")


def dispute_settlement(party: Party, user: str, asked: pb.DisputeSettlementRequest, said: Any) -> Plan:
    before = _there(party, asked.settlement_id)
    no = _answering(party, user, before)
    dispute = before.dispute if before.state == DISPUTED else asked.text.strip()
    return _become(party, before, no, pb.DisputeSettlementResponse, state=DISPUTED, dispute=dispute)


def reverse_settlement(party: Party, user: str, asked: pb.ReverseSettlementRequest, said: Any) -> Plan:
    before = _there(party, asked.settlement_id)
    return _become(party, before, Faults(), pb.ReverseSettlementResponse, state=REVERSED)


def _there(party: Party, settlement_id: str) -> Settlement:
    found = party.live.get(settlement_id)
    if not isinstance(found, Settlement):
        raise Refused(["NOT_FOUND"])
    return found


def _answering(party: Party, user: str, settlement: Settlement) -> Faults:
    """Whether it arrived says who got it. For whoever has no login, an owner does."""
    payee, no = party.member(settlement.to_member_id), Faults()
    speaks = payee.user_id == user if payee.state == ACTIVE else party.role_of(user) == Role.ROLE_OWNER
    no.when(not speaks, "NOT_THE_PAYEE")
    no.when(settlement.state == REVERSED, "SETTLEMENT_REVERSED")
    return no


def _become(party: Party, before: Settlement, no: Faults, answer: type[Any], **fields: Any) -> Plan:
    after = copied(before)
    for name, value in fields.items():
        setattr(after, name, value)
    counts = [each.state in COUNTING for each in (before, after)]
    no.when(counts[0] != counts[1] and locked(party, before.booked_on), "PERIOD_LOCKED")
    no.stop()
    if not differing(before, after):
        return Plan(answer(settlement=before), [])
    after.version = party.next_seq
    party.require_range([Put(after)])
    return Plan(answer(settlement=after), [Put(after)])
