"""What must a command on a group and its members be answered, and what must be there after it?"""

from typing import Any

from model.groups.drafts import require_day
from model.groups.expenses import lay_over
from model.groups.state import ACTIVE, CONFIRMED, GUEST, RECORDED, Party, locked
from model.model import Plan
from model.state import Faults, Put, changed, copied, differing, is_stale
from tallystick_client.v1 import group_members_pb2 as pb
from tallystick_client.v1 import group_pb2 as groups
from tallystick_client.v1.group_pb2 import Group
from tallystick_client.v1.group_settlements_pb2 import Settlement, SettlementKind
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.role_pb2 import Role
from tallystick_client.v1.space_pb2 import Member, MemberState

CHANGEABLE = {"name", "description", "simplify_debts", "default_split"}
KINDS = {
    "settled": SettlementKind.SETTLEMENT_KIND_PAYMENT,
    "taken_over": SettlementKind.SETTLEMENT_KIND_TAKEN_OVER,
    "forgiven": SettlementKind.SETTLEMENT_KIND_FORGIVEN,
}
# Somebody gives somebody something of a currency.
Gift = tuple[str, str, str, int]


def add_guest(party: Party, user: str, asked: pb.AddGuestRequest, said: Any) -> Plan:
    no = Faults()
    no.when(party.group.archived, "GROUP_ARCHIVED")
    no.when(not asked.display_name.strip(), "INVALID_FIELD")
    no.when(asked.member_id in party.history, "ID_TAKEN")
    no.stop()
    name = asked.display_name.strip()
    guest = Member(id=asked.member_id, space_id=party.id, display_name=name, state=GUEST, version=party.next_seq)
    return Plan(pb.AddGuestResponse(member=guest), [Put(guest)])


def leave_group(party: Party, user: str, asked: pb.LeaveGroupRequest, said: Any) -> Plan:
    own = party.member_of(user)
    assert own is not None
    is_owner, is_self = party.role_of(user) == Role.ROLE_OWNER, asked.member_id in ("", own.id)
    no = Faults()
    no.when(not is_self and not is_owner, "ROLE_TOO_LOW")
    no.stop()
    member = party.member(asked.member_id or own.id)
    how = asked.WhichOneof("remainder")
    open_now = open_of(party, member.id)
    gifts = _gifts(member.id, asked.taken_over.member_id, open_now) if how else []
    is_in = party.is_in(member.id)
    no.when(not is_in and not gifts, "MEMBER_INACTIVE")
    no.when(is_in and member.role == Role.ROLE_OWNER and member.state == ACTIVE, "LAST_OWNER")
    no.when(not how and any(member.id in nets for nets in party.nets().values()), "MEMBER_HAS_BALANCE")
    no.when(gifts and locked(party, asked.on), "PERIOD_LOCKED")
    if how == "taken_over":
        taker = asked.taken_over.member_id
        no.when(taker == member.id, "INVALID_FIELD")
        no.when(taker not in party.members(), "NOT_FOUND")
        no.when(taker in party.members() and taker not in party.present(), "MEMBER_INACTIVE")
        no.when(not is_owner and any(debtor == member.id for debtor, _, _, _ in open_now), "ROLE_TOO_LOW")
    if how == "forgiven" and not is_owner:
        no.when(any(creditor != own.id for _, creditor, _, _ in open_now), "ROLE_TOO_LOW")
    if how:
        require_day(asked.on, no)
    no.stop()
    ids = list(said.settlement_ids) if said else [""] * len(gifts)
    no.when(len(ids) != len(gifts), "as many settlements as were needed")
    no.stop()
    settlements = [
        _settlement(party, each, asked.on, KINDS[how or "settled"], of) for each, of in zip(ids, gifts, strict=True)
    ]
    puts = [Put(each) for each in settlements]
    if is_in:
        state = MemberState.MEMBER_STATE_LEFT if is_self else MemberState.MEMBER_STATE_REMOVED
        member = changed(party, member, state=state)
        puts.append(Put(member))
    party.require_range(puts)
    return Plan(pb.LeaveGroupResponse(member=member, settlement_ids=ids), puts)


def open_of(party: Party, member_id: str) -> list[Gift]:
    """What somebody owes and is owed, in the order of the others and the currencies."""
    found = [
        (debtor, creditor, currency, minor)
        for currency, pairs in party.debts().items()
        for (debtor, creditor), minor in pairs.items()
        if member_id in (debtor, creditor)
    ]
    return sorted(found, key=lambda each: (other_of(each, member_id), each[2]))


def other_of(debt: Gift, member_id: str) -> str:
    return debt[1] if debt[0] == member_id else debt[0]


def _gifts(member_id: str, taker_id: str, open_now: list[Gift]) -> list[Gift]:
    """Each debt is given; taken over, it moves to who takes it, if it was not owed between the two."""
    found = []
    for debt in open_now:
        found.append(debt)
        other, (debtor, _, currency, minor) = other_of(debt, member_id), debt
        if taker_id and other != taker_id:
            found.append(
                (other, taker_id, currency, minor) if debtor == member_id else (taker_id, other, currency, minor)
            )
    return found


def _settlement(party: Party, settlement_id: str, on: str, kind: SettlementKind.ValueType, gift: Gift) -> Settlement:
    giver, getter, currency, minor = gift
    return Settlement(
        id=settlement_id,
        group_id=party.id,
        from_member_id=giver,
        to_member_id=getter,
        amount=Money(currency=currency, minor=minor),
        booked_on=on,
        kind=kind,
        state=RECORDED if kind == SettlementKind.SETTLEMENT_KIND_PAYMENT else CONFIRMED,
        version=party.next_seq,
    )


def update_group(party: Party, user: str, asked: groups.UpdateGroupRequest, said: Any) -> Plan:
    before, no = party.group, Faults()
    names = set(asked.update_mask.paths) or {field.name for field, _ in asked.ListFields()} & CHANGEABLE
    no.when(names - CHANGEABLE, "INVALID_UPDATE_MASK")
    no.stop()
    after = copied(before)
    for name in names:
        lay_over(after, asked, name)
    after.name, after.description = after.name.strip(), after.description.strip()
    no.when(not after.name, "INVALID_FIELD")
    if "default_split" in names:
        _judge_weights(party, before, after, no)
    no.when(is_stale(party, user, asked, before.id, differing(before, after)), "STALE_VERSION")
    no.stop()
    return _put(party, after, groups.UpdateGroupResponse)


def _judge_weights(party: Party, before: Group, after: Group, no: Faults) -> None:
    named, kept = [each.member_id for each in after.default_split], [each.member_id for each in before.default_split]
    no.when(len(set(named)) < len(named), "INVALID_FIELD")
    no.when(named and not any(each.weight for each in after.default_split), "INVALID_FIELD")
    for each in named:
        no.when(each not in party.members(), "NOT_FOUND")
        no.when(each not in party.present() and each not in kept, "MEMBER_INACTIVE")


def _put(party: Party, after: Group, answer: type[Any]) -> Plan:
    """What is so already is not written again."""
    before = party.group
    if not differing(before, after):
        return Plan(answer(group=before), [])
    after.version = party.next_seq
    return Plan(answer(group=after), [Put(after)])


def lock_period(party: Party, user: str, asked: groups.LockPeriodRequest, said: Any) -> Plan:
    no = Faults()
    require_day(asked.locked_until, no)
    no.when(asked.locked_until < party.group.locked_until, "INVALID_FIELD")
    no.stop()
    return _put(party, changed(party, party.group, locked_until=asked.locked_until), groups.LockPeriodResponse)


def reopen_period(party: Party, user: str, asked: groups.ReopenPeriodRequest, said: Any) -> Plan:
    no = Faults()
    if asked.locked_until:
        require_day(asked.locked_until, no)
    no.when(asked.locked_until > party.group.locked_until, "INVALID_FIELD")
    no.stop()
    return _put(party, changed(party, party.group, locked_until=asked.locked_until), groups.ReopenPeriodResponse)


def archive_group(party: Party, user: str, asked: groups.ArchiveGroupRequest, said: Any) -> Plan:
    return _put(party, changed(party, party.group, archived=True), groups.ArchiveGroupResponse)


def unarchive_group(party: Party, user: str, asked: groups.UnarchiveGroupRequest, said: Any) -> Plan:
    return _put(party, changed(party, party.group, archived=False), groups.UnarchiveGroupResponse)
