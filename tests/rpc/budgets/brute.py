"""What should an analysis say? Every transaction is listed and looked at, one by one, for every item and period: nothing is kept, and
nothing is clever."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from people import Person
from rpc.budgets.planning import ENVELOPE, EXPENSE, INCOME, REFUND, Planning
from tallystick_client.v1 import (
    budget_analysis_pb2,
    budget_items_pb2,
    ledger_accounts_pb2,
    ledger_categories_pb2,
    ledger_service_pb2,
)

DAY = timedelta(days=1)


@dataclass
class Told:
    """What must come of one period: by item what was carried, given and spent; all items together; and what is to be assigned."""

    from_on: str
    items: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    whole: int = 0
    members: dict[str, int] = field(default_factory=dict)
    income: int = 0
    unbudgeted: int = 0
    to_be_assigned: int = 0


def told_by(period: Any) -> Told:
    """What the server says."""
    return Told(
        period.from_on,
        {
            each.item_id: (each.figures.carried_minor, each.figures.assigned_minor, each.figures.actual_minor)
            for each in period.items
        },
        period.whole.actual_minor,
        {each.member_id: each.actual_minor for each in period.whole.members},
        period.envelopes.income_minor,
        period.envelopes.unbudgeted_minor,
        period.envelopes.to_be_assigned_minor,
    )


@dataclass
class Brute:
    """What one reader sees of a book, and of one of its budgets. `rates` are worth in the budget's currency by currency, day by day;
    `moves` are those that the test has made."""

    planning: Planning
    reader: Person
    rates: dict[str, dict[str, Fraction]]
    moves: list[Any]
    member_of_user: dict[str, str]
    missing: Counter[str] = field(default_factory=Counter)

    async def read(self) -> "Brute":
        book_id, ledger, budgets = self.planning.book.id, self.reader.ledger, self.reader.budgets
        self.transactions = list[Any]()
        token = ""
        while True:
            page = await ledger.ListTransactions(
                ledger_service_pb2.ListTransactionsRequest(book_id=book_id, page_size=200, page_token=token)
            )
            self.transactions += page.transactions
            token = page.next_page_token
            if not token:
                break
        accounts = await ledger.ListAccounts(ledger_accounts_pb2.ListAccountsRequest(book_id=book_id, page_size=200))
        self.accounts = {each.id: each for each in accounts.accounts}
        categories = await ledger.ListCategories(
            ledger_categories_pb2.ListCategoriesRequest(book_id=book_id, page_size=200, archived=True)
        )
        self.parents = {each.id: each.parent_id for each in categories.categories}
        items = await budgets.ListBudgetItems(
            budget_items_pb2.ListBudgetItemsRequest(book_id=book_id, budget_id=self.planning.budget.id, page_size=200)
        )
        self.items = list(items.items)
        self.is_envelope = self.planning.budget.mode == ENVELOPE
        return self

    async def periods(self) -> list[tuple[str, str]]:
        """All of the budget's, a year beyond today."""
        request = budget_analysis_pb2.ListBudgetPeriodsRequest(
            book_id=self.planning.book.id, budget_id=self.planning.budget.id, until_on="2026-12-31", page_size=60
        )
        found = await self.reader.budgets.ListBudgetPeriods(request)
        return [(each.from_on, each.until_on) for each in found.periods]

    def tell(self, periods: list[tuple[str, str]]) -> list[Told]:
        """Every period from the first on."""
        told = list[Told]()
        carried: dict[str, int] = defaultdict(int)
        to_be_assigned = returned = 0
        for from_on, until_on in periods:
            now = self._spent(from_on, until_on)
            if not told:
                now.income += self.planning.budget.opening.minor
            given = self._given(from_on, until_on)
            for item in self.items:
                now.items[item.id] = (carried[item.id], given[item.id], now.items[item.id][2])
            to_be_assigned += now.income - now.unbudgeted - given[""] + returned
            now.to_be_assigned = to_be_assigned if self.is_envelope else 0
            told.append(now)
            returned = 0
            for item in self.items:
                before, assigned, spent = now.items[item.id]
                left = before + assigned - spent
                carried[item.id] = self._carry(item, left)
                returned += left - carried[item.id]
        return told

    def _carry(self, item: Any, left: int) -> int:
        budget = self.planning.budget
        rollover = (
            item.rollover if item.HasField("rollover") else budget.rollover if budget.HasField("rollover") else None
        )
        if rollover is None:
            return left if self.is_envelope else 0
        if left < 0:
            return left if rollover.deficit else 0
        if not rollover.surplus:
            return 0
        return min(left, rollover.surplus_max.minor) if rollover.HasField("surplus_max") else left

    def _given(self, from_on: str, until_on: str) -> Counter[str]:
        """By item; and under nothing, what left what is to be assigned."""
        given: Counter[str] = Counter()
        if not self.is_envelope:
            for item in self.items:
                in_force = [each.amount.minor for each in item.limits if each.from_on <= until_on]
                given[item.id] = in_force[-1] if in_force else 0
            return given
        present = {item.id for item in self.items}
        for move in self.moves:
            if from_on <= move.period_from_on <= until_on:
                for item_id, sign in ((move.from_item_id, -1), (move.to_item_id, 1)):
                    given[item_id if item_id in present else ""] += sign * move.amount.minor
        given[""] = -given[""]
        return given

    def _spent(self, from_on: str, until_on: str) -> Told:
        # By what it counts for, whose it is, currency and day.
        sums: Counter[tuple[str, str, str, str]] = Counter()
        for transaction in self.transactions:
            if not from_on <= transaction.booked_on <= until_on:
                continue
            for entry in transaction.entries:
                for place in self._places_of(transaction, entry):
                    sign = 1 if place == "income" else -1
                    key = (place, self._holder_of(entry), entry.amount.currency, transaction.booked_on)
                    sums[key] += sign * entry.amount.minor
        told = Told(from_on, {item.id: (0, 0, self._convert(sums, item.id)) for item in self.items})
        told.whole, told.unbudgeted = (
            self._convert(sums, "whole", misses=1),
            self._convert(sums, "unbudgeted", misses=1),
        )
        told.income = self._convert(sums, "income", misses=-1)
        holders = {holder for place, holder, *_ in sums if place == "whole"}
        by_holder = {each: self._convert(sums, "whole", holder=each) for each in holders}
        told.members = {holder: minor for holder, minor in by_holder.items() if minor}
        return told

    def _places_of(self, transaction: Any, entry: Any) -> list[str]:
        if entry.account_id not in self.accounts or transaction.kind not in {EXPENSE, INCOME, REFUND}:
            return []
        if transaction.kind == INCOME:
            return ["income"] if self.is_envelope else []
        fitting = [item.id for item in self.items if self._fits(item, transaction, entry)]
        if self.is_envelope:
            fitting = fitting[:1]
        if fitting:
            return [*fitting, "whole"]
        return ["unbudgeted"] if self.is_envelope else []

    def _fits(self, item: Any, transaction: Any, entry: Any) -> bool:
        above = entry.category_id
        categories = {above}
        while not item.without_children and above:
            above = self.parents.get(above, "")
            categories.add(above)
        return (
            (not item.category_ids or not categories.isdisjoint(item.category_ids))
            and (not item.payee_ids or transaction.payee_id in item.payee_ids)
            and (not item.tag_ids or not set(transaction.tag_ids).isdisjoint(item.tag_ids))
            and (not item.account_ids or entry.account_id in item.account_ids)
        )

    def _holder_of(self, entry: Any) -> str:
        account = self.accounts[entry.account_id]
        return account.held_by_member_id or self.member_of_user.get(account.private_to, "")

    def _convert(
        self, sums: Counter[tuple[str, str, str, str]], place: str, holder: str | None = None, *, misses: int = 0
    ) -> int:
        """What a currency and a day come to is converted once."""
        by_day: Counter[tuple[str, str]] = Counter()
        for (its_place, its_holder, currency, day), minor in sums.items():
            if its_place == place and holder in {None, its_holder}:
                by_day[currency, day] += minor
        total = 0
        for (currency, day), minor in by_day.items():
            if currency == self.planning.budget.currency:
                total += minor
                continue
            known = [on for on in self.rates.get(currency, {}) if on <= day]
            if known:
                total += round(minor * self.rates[currency][max(known)])
            else:
                self.missing[currency] += misses * minor
        return total


def days_of(first: date, count: int) -> list[str]:
    return [(first + number * DAY).isoformat() for number in range(count)]
