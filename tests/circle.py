"""How does a test share expenses? A group of one person with a login and some guests, whose expenses need few words."""

from dataclasses import dataclass, field
from typing import Any

from people import Person, new_id
from tallystick_client.v1 import group_expenses_pb2, group_members_pb2, group_pb2, group_splits_pb2, money_pb2
from tallystick_client.v1.group_expenses_pb2 import CreateExpenseRequest, Expense, ExpenseDraft
from tallystick_client.v1.group_splits_pb2 import EqualSplit, ExpenseSplit, Payer


def money(minor: int, currency: str = "EUR") -> money_pb2.Money:
    return money_pb2.Money(currency=currency, minor=minor)


def equally(*member_ids: str) -> ExpenseSplit:
    return ExpenseSplit(equal=EqualSplit(member_ids=member_ids))


def paid_by(**minors: int) -> list[Payer]:
    return [Payer(member_id=member_id, minor=minor) for member_id, minor in minors.items()]


@dataclass
class Circle:
    """A group. `owner_id` is the member that its maker is; `guests` are member ids by name."""

    person: Person
    id: str
    owner_id: str
    guests: dict[str, str] = field(default_factory=dict)

    @property
    def everybody(self) -> list[str]:
        return [self.owner_id, *self.guests.values()]

    def draft(self, minor: int = 3000, **other: Any) -> ExpenseDraft:
        """A dinner that the owner paid and all share; whatever is given replaces the usual."""
        currency = other.pop("currency", "EUR")
        fields: dict[str, Any] = {
            "booked_on": "2026-02-03",
            "description": "Dinner",
            "amount": money(minor, currency),
            "payers": [Payer(member_id=other.pop("by", self.owner_id), minor=minor)],
            "split": equally(*other.pop("among", self.everybody)),
        }
        return group_expenses_pb2.ExpenseDraft(**fields | other)

    def expense(self, minor: int = 3000, **other: Any) -> CreateExpenseRequest:
        return CreateExpenseRequest(request_id=new_id(), group_id=self.id, expense=self.draft(minor, **other))

    async def spend(self, minor: int = 3000, **other: Any) -> Expense:
        made: Expense = (await self.person.groups.CreateExpense(self.expense(minor, **other))).expense
        return made

    async def add_guest(self, name: str) -> str:
        request = group_members_pb2.AddGuestRequest(request_id=new_id(), group_id=self.id, display_name=name)
        member_id: str = (await self.person.groups.AddGuest(request)).member.id
        self.guests[name] = member_id
        return member_id


def shares_of(expense: Expense) -> dict[str, int]:
    """What each bears, by member."""
    return {share.member_id: share.owed_minor for share in expense.shares}


def weighted(**weights: int) -> ExpenseSplit:
    parts = [group_splits_pb2.MemberWeight(member_id=each, weight=weight) for each, weight in weights.items()]
    return ExpenseSplit(weighted=group_splits_pb2.WeightedSplit(weights=parts))


async def make_circle(person: Person, *guests: str, currency: str = "EUR") -> Circle:
    request = group_pb2.CreateGroupRequest(request_id=new_id(), name="Trip", default_currency=currency, guests=guests)
    made = await person.groups.CreateGroup(request)
    owner, *others = made.members
    return Circle(person, made.group.id, owner.id, {each.display_name: each.id for each in others})
