"""Is what can be read in a group what the model says? One question at a time, of a random kind, by whoever is or was in it."""

from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any

from model.groups.bridge import Bridge, Keeper
from model.groups.command_dice import GroupDice
from model.groups.dice import CATEGORIES
from model.groups.state import Party, entities_of
from model.groups.walk import GroupWalk
from model.looking import Looker
from people import Refusal
from tallystick_client.v1 import group_balances_pb2 as balances
from tallystick_client.v1 import group_expenses_pb2 as expenses
from tallystick_client.v1 import group_settlements_pb2 as settlements
from tallystick_client.v1.group_expenses_pb2 import Expense
from tallystick_client.v1.group_settlements_pb2 import Settlement
from tallystick_client.v1.money_pb2 import Money


class GroupLooker(Looker):
    """Reads a walk's group, and the books that follow it, and compares."""

    walk: GroupWalk

    def __init__(self, walk: GroupWalk, keeper: Keeper) -> None:
        super().__init__(walk)
        self._keeper = keeper

    async def look(self, seed: object) -> None:
        dice = GroupDice(Random(f"look {seed}"), self.walk.book)
        user = dice.pick([*self.walk.book.roles])
        await dice.random.choices(_LOOKS, _OFTEN)[0](self, dice, user)

    async def look_at_all(self) -> None:
        for user in self.walk.book.roles:
            await self._balances(user, "")
            for deleted in (False, True):
                await self._expenses(user, expenses.ListExpensesRequest(page_size=200, deleted=deleted))
            await self._settlements(user, settlements.ListSettlementsRequest(page_size=200))
        for linked in self.walk.linked:
            await Bridge(self._keeper, self.walk.book, linked).look()
            await self._keeper.verify_book(linked)

    async def who_owes(self, dice: GroupDice, user: str) -> None:
        await self._balances(user, dice.day() if dice.chance(40) else "")

    async def _balances(self, user: str, as_of: str) -> None:
        asked = balances.GetBalancesRequest(group_id=self.walk.book.id, as_of=as_of)
        said = await self.walk.desk.call(user, "GetBalances", asked)
        if isinstance(said, Refusal) or not self.walk.book.role_of(user):
            self._require(self._is_shut_out(user, said), asked, "NOT_FOUND", said)
            return
        wanted = balances_of(self.walk.book, as_of)
        self._require(said == wanted, asked, str(wanted), said)

    def _is_shut_out(self, user: str, said: Any) -> bool:
        return not self.walk.book.role_of(user) and isinstance(said, Refusal) and said.reason == "NOT_FOUND"

    async def spent(self, dice: GroupDice, user: str) -> None:
        asked = expenses.ListExpensesRequest(page_size=dice.pick((0, 2, 7, 200)), deleted=dice.chance(15))
        if dice.chance(40):
            days = sorted((dice.day(), dice.day()))
            setattr(asked, "from", days[0])
            asked.until = days[1]
        if dice.chance(30):
            asked.member_id = dice.pick(self.walk.book.members())
        if dice.chance(20):
            asked.category = dice.pick(CATEGORIES)
        await self._expenses(user, asked)

    async def _expenses(self, user: str, asked: expenses.ListExpensesRequest) -> None:
        asked.group_id = self.walk.book.id
        wanted = None
        if self.walk.book.role_of(user):
            found = entities_of(self.walk.book, Expense, deleted=asked.deleted)
            wanted = [each for each in found if _fits(each, asked)]
        await self._compare_pages(user, "ListExpenses", asked, "expenses", wanted)

    async def one_expense(self, dice: GroupDice, user: str) -> None:
        asked = expenses.GetExpenseRequest(group_id=self.walk.book.id, expense_id=dice.one_of(Expense, user))
        found = self.walk.book.find(user, Expense, asked.expense_id.lower())
        is_seen = found is not None and self.walk.book.role_of(user)
        await self._compare(user, "GetExpense", asked, expenses.GetExpenseResponse(expense=found) if is_seen else None)

    async def revisions(self, dice: GroupDice, user: str) -> None:
        asked = expenses.ListExpenseHistoryRequest(
            group_id=self.walk.book.id, expense_id=dice.one_of(Expense, user).lower(), page_size=dice.pick((0, 2))
        )
        wanted = None
        if self.walk.book.role_of(user) and asked.expense_id in self.walk.book.history:
            wanted = revisions_of(self.walk.book, asked.expense_id)
        await self._compare_pages(user, "ListExpenseHistory", asked, "revisions", wanted)

    async def given(self, dice: GroupDice, user: str) -> None:
        asked = settlements.ListSettlementsRequest(page_size=dice.pick((0, 2, 200)))
        if dice.chance(40):
            asked.member_id = dice.pick(self.walk.book.members())
        await self._settlements(user, asked)

    async def _settlements(self, user: str, asked: settlements.ListSettlementsRequest) -> None:
        asked.group_id = self.walk.book.id
        wanted = None
        if self.walk.book.role_of(user):
            found = entities_of(self.walk.book, Settlement)
            one = asked.member_id
            wanted = [each for each in found if one in ("", each.from_member_id, each.to_member_id)]
        await self._compare_pages(user, "ListSettlements", asked, "settlements", wanted)

    async def books(self, dice: GroupDice, user: str) -> None:
        if self.walk.linked:
            await Bridge(self._keeper, self.walk.book, dice.pick(self.walk.linked)).look()


def balances_of(party: Party, as_of: str) -> balances.GetBalancesResponse:
    nets, debts = party.nets(until=as_of), party.debts(until=as_of)
    return balances.GetBalancesResponse(
        balances=[
            balances.MemberBalance(member_id=each, net=Money(currency=currency, minor=net))
            for currency in sorted(nets)
            for each, net in sorted(nets[currency].items())
        ],
        debts=[
            balances.Debt(from_member_id=one, to_member_id=other, amount=Money(currency=currency, minor=minor))
            for currency in sorted(debts)
            for (one, other), minor in sorted(debts[currency].items())
        ],
        version=party.seq,
    )


def revisions_of(party: Party, expense_id: str) -> Sequence[expenses.ExpenseRevision]:
    found = []
    for revision in party.history[expense_id][::-1]:
        fields = [field.name for field in Expense.DESCRIPTOR.fields if field.name in revision.fields]
        found.append(expenses.ExpenseRevision(expense=revision.entity, fields=fields, deleted=revision.is_deleted))
    return found


def _fits(expense: Expense, asked: expenses.ListExpensesRequest) -> bool:
    if not getattr(asked, "from") <= expense.booked_on <= (asked.until or "9999-12-31"):
        return False
    touched = {share.member_id for share in expense.shares if share.owed_minor or share.paid_minor}
    return asked.category in ("", expense.category) and (not asked.member_id or asked.member_id in touched)


_LOOKS: tuple[Callable[[GroupLooker, GroupDice, str], Awaitable[None]], ...] = (
    GroupLooker.who_owes,
    GroupLooker.spent,
    GroupLooker.one_expense,
    GroupLooker.revisions,
    GroupLooker.given,
    GroupLooker.books,
)
_OFTEN = (35, 22, 9, 9, 9, 16)
