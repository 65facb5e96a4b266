"""Whatever happens in a group, the book that follows it ends up with what the group says."""

from random import Random
from typing import Any

import pytest

from circle import equally, make_circle, money, paid_by, weighted
from linked import TRANSFER, Linked, make_linked
from people import Person, new_id
from rpc.spaces.sharing import outcome_of
from tallystick.app import App
from tallystick_client.v1 import group_expenses_pb2, group_settlements_pb2
from tallystick_client.v1.group_splits_pb2 import Conversion

KINDS = group_expenses_pb2.ExpenseKind
STEPS = 200
CURRENCIES = ("EUR", "EUR", "USD", "JPY")


class Walk:
    """Somebody who does this and that in a group, and now and then something in the book."""

    def __init__(self, linked: Linked, seed: int) -> None:
        self.linked = linked
        self.dice = Random(seed)
        self.expenses: list[str] = []
        self.settlements: list[str] = []

    async def step(self) -> None:
        doing = self.dice.choice(
            [
                *(self.spend, self.spend, self.change, self.change, self.delete, self.restore),
                *(self.settle, self.undo, self.describe, self.reconcile),
            ]
        )
        await doing()

    def some(self) -> list[str]:
        everybody = self.linked.circle.everybody
        return self.dice.sample(everybody, self.dice.randint(1, len(everybody)))

    def facts(self) -> dict[str, Any]:
        minor, currency = self.dice.randint(1, 10_000), self.dice.choice(CURRENCIES)
        payers = self.some()
        paid = {each: minor // len(payers) for each in payers}
        paid[payers[0]] += minor - sum(paid.values())
        split = self.dice.choice(
            [equally(*self.some()), weighted(**{each: self.dice.randint(1, 9) for each in self.some()})]
        )
        facts: dict[str, Any] = {
            "amount": money(minor, currency),
            "payers": paid_by(**{each: part for each, part in paid.items() if part}),
            "split": split,
            "booked_on": f"2026-0{self.dice.randint(1, 9)}-1{self.dice.randint(0, 9)}",
            "category": self.dice.choice(["food", "fun", ""]),
        }
        if currency != "EUR" and self.dice.random() < 0.5:
            facts["conversion"] = Conversion(amount=money(self.dice.randint(1, 10_000)))
        return facts

    async def spend(self) -> None:
        kind = self.dice.choice(
            [KINDS.EXPENSE_KIND_EXPENSE] * 4 + [KINDS.EXPENSE_KIND_REFUND, KINDS.EXPENSE_KIND_INCOME]
        )
        facts = self.facts()
        draft = group_expenses_pb2.ExpenseDraft(kind=kind, description="x", **facts)
        request = group_expenses_pb2.CreateExpenseRequest(
            request_id=new_id(), group_id=self.linked.circle.id, expense=draft
        )
        self.expenses.append((await self.linked.circle.person.groups.CreateExpense(request)).expense.id)

    async def change(self) -> None:
        if self.expenses:
            paths = ["amount", "payers", "split", "conversion", "booked_on", "category"]
            change = self.linked.change(self.dice.choice(self.expenses), paths=paths, **self.facts())
            await outcome_of(change)

    async def delete(self) -> None:
        if self.expenses:
            await outcome_of(self.linked.call("DeleteExpense", self.dice.choice(self.expenses)))

    async def restore(self) -> None:
        if self.expenses:
            await outcome_of(self.linked.call("RestoreExpense", self.dice.choice(self.expenses)))

    async def settle(self) -> None:
        one, other = self.dice.sample(self.linked.circle.everybody, 2)
        minor, currency = self.dice.randint(1, 5000), self.dice.choice(CURRENCIES)
        paid = {"paid": money(self.dice.randint(1, 5000), "EUR")} if currency != "EUR" else {}
        self.settlements.append((await self.linked.settle(one, other, minor, currency, **paid)).id)

    async def undo(self) -> None:
        if self.settlements:
            rpc = self.dice.choice(["DisputeSettlement", "ReverseSettlement", "ConfirmSettlement"])
            request = getattr(group_settlements_pb2, f"{rpc}Request")(
                request_id=new_id(), group_id=self.linked.circle.id, settlement_id=self.dice.choice(self.settlements)
            )
            await outcome_of(getattr(self.linked.person.groups, rpc)(request))

    async def describe(self) -> None:
        found = [each for each in await self.linked.transactions() if each.link_id]
        if found:
            await self.linked.describe(self.dice.choice(found), note=f"mine {self.dice.random()}")

    async def reconcile(self) -> None:
        link = (await self.linked.get()).link
        if link.accounts and self.dice.random() < 0.2:
            made = self.dice.choice(link.accounts)
            await self.linked.reconcile(made.receivable_account_id, currency=made.currency)

    async def own_shares(self) -> dict[str, int]:
        """What the member bears of everything, by the currency that it counts as."""
        groups, member_id = self.linked.circle.person.groups, self.linked.link.member_id
        borne: dict[str, int] = {}
        token = ""
        while True:
            request = group_expenses_pb2.ListExpensesRequest(
                group_id=self.linked.circle.id, page_size=200, page_token=token
            )
            page = await groups.ListExpenses(request)
            for expense in page.expenses:
                sign = 1 if expense.kind == KINDS.EXPENSE_KIND_EXPENSE else -1
                counted = expense.conversion.amount if expense.HasField("conversion") else expense.amount
                for share in expense.shares:
                    if share.member_id == member_id:
                        minor = share.converted_owed_minor if expense.HasField("conversion") else share.owed_minor
                        borne[counted.currency] = borne.get(counted.currency, 0) + sign * minor
            token = page.next_page_token
            if not token:
                return {currency: minor for currency, minor in borne.items() if minor}


@pytest.mark.parametrize("seed", range(3))
async def test_after_catching_up_the_book_holds_what_the_group_says(ann: Person, server: App, seed: int) -> None:
    linked = await make_linked(ann, server, await make_circle(ann, "Gus", "Hal", "Ida"))
    walk = Walk(linked, seed)
    for number in range(STEPS):
        await walk.step()
        if number % 7 == seed:
            await linked.caught_up()
    await linked.caught_up()
    assert await linked.spent() == await walk.own_shares()
    before = await linked.transactions()
    assert any(each.kind == TRANSFER for each in before)
    await linked.unlink(keep=True)
    await linked.link_again()
    await linked.caught_up()
    assert await linked.transactions() == before
