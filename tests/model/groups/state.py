"""What is in a group? Every entity, by id, and who owes what computed anew from the expenses and settlements each time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from model.groups.splitting import debts_of
from model.state import MONEY_MAX, Book, Put, Refused
from tallystick_client.v1.group_expenses_pb2 import Expense, ExpenseKind
from tallystick_client.v1.group_pb2 import Group
from tallystick_client.v1.group_settlements_pb2 import Settlement, SettlementKind, SettlementState
from tallystick_client.v1.role_pb2 import Role
from tallystick_client.v1.space_pb2 import Member, MemberState

EXPENSE = ExpenseKind.EXPENSE_KIND_EXPENSE
REFUND = ExpenseKind.EXPENSE_KIND_REFUND
ACTIVE = MemberState.MEMBER_STATE_ACTIVE
GUEST = MemberState.MEMBER_STATE_GUEST
RECORDED = SettlementState.SETTLEMENT_STATE_RECORDED
CONFIRMED = SettlementState.SETTLEMENT_STATE_CONFIRMED
DISPUTED = SettlementState.SETTLEMENT_STATE_DISPUTED
REVERSED = SettlementState.SETTLEMENT_STATE_REVERSED
COUNTING = (RECORDED, CONFIRMED)
# Nobody paid anything for these.
GIVEN = (SettlementKind.SETTLEMENT_KIND_TAKEN_OVER, SettlementKind.SETTLEMENT_KIND_FORGIVEN)

# In which currency something counts, and who owes whom for it.
Counted = tuple[str, list[tuple[tuple[str, str], int]]]
# Who owes whom how much, by currency: the first of a pair owes the second.
Debts = dict[str, dict[tuple[str, str], int]]
Nets = dict[str, dict[str, int]]


@dataclass
class Party(Book):
    """Everything that happened in one group."""

    # Whether books hold the same amounts, in more sums than the group has.
    is_followed: bool = True
    # Who owes whom for each state of what counts: no state changes, so that it is computed once.
    _counted: dict[tuple[str, int], Counted] = field(default_factory=dict)

    def copy(self) -> "Party":
        copied = super().copy()
        assert isinstance(copied, Party)
        copied._counted = {**self._counted}
        return copied

    def at(self, version: int) -> "Party":
        """The group as one of its commits left it."""
        then = Party(self.id, self.roles, seq=version)
        for entity_id, revisions in self.history.items():
            seen = [each for each in revisions if each.entity.version <= version]
            if seen and not seen[-1].is_deleted:
                then.live[entity_id] = seen[-1].entity
        return then

    @property
    def group(self) -> Group:
        found: Group = self.live[self.id]
        return found

    def member_of(self, user: str) -> Member | None:
        return next((each for each in self.everything(Member) if each.user_id == user), None)

    def role_of(self, user: str) -> Role.ValueType:
        member = self.member_of(user)
        return member.role if member and member.state == ACTIVE else Role.ROLE_UNSPECIFIED

    def member(self, member_id: str) -> Member:
        found = self.live.get(member_id)
        if not isinstance(found, Member):
            raise Refused(["NOT_FOUND"])
        return found

    def is_in(self, member_id: str) -> bool:
        return self.member(member_id).state in (ACTIVE, GUEST)

    def members(self) -> list[str]:
        """Whoever is or was in."""
        return [each.id for each in self.everything(Member)]

    def present(self) -> list[str]:
        return [each.id for each in self.everything(Member) if each.state in (ACTIVE, GUEST)]

    def debts(self, puts: Sequence[Put] = (), until: str = "") -> Debts:
        """All that counts, as it would be after some changes, set off in pairs. Each pair is there once, with who owes first."""
        changed = {put.entity.id for put in puts}
        # What is only thought of is not kept in mind.
        steps = [(each, self._count) for each in self.live.values() if each.id not in changed]
        steps += [(put.entity, counted) for put in puts if not put.is_deleted]
        found: Debts = {}
        for each, count in steps:
            if isinstance(each, Expense | Settlement) and (not until or each.booked_on <= until):
                currency, owed = count(each)
                pairs = found.setdefault(currency, {})
                for (debtor, creditor), minor in owed:
                    pairs[debtor, creditor] = pairs.get((debtor, creditor), 0) + minor
        return {currency: _set_off(pairs) for currency, pairs in found.items()}

    def _count(self, entity: Expense | Settlement) -> Counted:
        key = entity.id, entity.version
        if key not in self._counted:
            self._counted[key] = counted(entity)
        return self._counted[key]

    def nets(self, puts: Sequence[Put] = (), until: str = "") -> Nets:
        return nets_of(self.debts(puts, until))

    def open_between(self, one: str, other: str, currency: str, puts: Sequence[Put] = ()) -> int:
        """What the first still owes the second."""
        pairs = self.debts(puts).get(currency, {})
        return pairs.get((one, other), 0) - pairs.get((other, one), 0)

    def require_range(self, puts: Sequence[Put]) -> None:
        """Nothing is owed that 64 bits do not hold."""
        debts = self.debts(puts)
        sums = [minor for pairs in debts.values() for minor in pairs.values()]
        sums += [minor for nets in nets_of(debts).values() for minor in nets.values()]
        if any(abs(minor) > MONEY_MAX for minor in sums):
            raise Refused(["AMOUNT_OUT_OF_RANGE"])


def counted(entity: Expense | Settlement) -> Counted:
    """In which currency something counts, and who owes whom for it."""
    if isinstance(entity, Settlement):
        # Whoever gave owes less: as if the other one owed it to them.
        counts = entity.state in COUNTING
        pair = entity.to_member_id, entity.from_member_id
        return entity.amount.currency, [(pair, entity.amount.minor)] if counts else []
    is_converted = entity.HasField("conversion")
    prefix = "converted_" if is_converted else ""
    owed, paid = (
        {share.member_id: int(getattr(share, f"{prefix}{side}_minor")) for share in entity.shares}
        for side in ("owed", "paid")
    )
    debts = debts_of(owed, paid)
    if entity.kind != EXPENSE:
        debts = {(creditor, debtor): minor for (debtor, creditor), minor in debts.items()}
    return (entity.conversion.amount if is_converted else entity.amount).currency, [*debts.items()]


def _set_off(pairs: dict[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    both = {(one, other): minor - pairs.get((other, one), 0) for (one, other), minor in pairs.items()}
    both |= {(other, one): -minor for (one, other), minor in both.items()}
    return {pair: minor for pair, minor in both.items() if minor > 0}


def nets_of(debts: Debts) -> Nets:
    found: Nets = {}
    for currency, pairs in debts.items():
        nets = found.setdefault(currency, {})
        for (debtor, creditor), minor in pairs.items():
            nets[debtor] = nets.get(debtor, 0) - minor
            nets[creditor] = nets.get(creditor, 0) + minor
    return {currency: {each: net for each, net in nets.items() if net} for currency, nets in found.items()}


def locked(party: Party, *days: str) -> bool:
    """Whether one of the days is in the locked period."""
    return any(day <= party.group.locked_until for day in days if day)


def entities_of(party: Party, kind: type[Any], *, deleted: bool = False) -> list[Any]:
    """The newest first."""
    kept = party.gone if deleted else party.live
    found = [each for each in kept.values() if isinstance(each, kind)]
    return sorted(found, key=lambda each: (each.booked_on, each.id), reverse=True)
