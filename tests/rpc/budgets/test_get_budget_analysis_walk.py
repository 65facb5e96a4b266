"""Does an analysis say what looking at every transaction says? Drawn books, changed and changed again, as two people see them."""

from collections import Counter
from datetime import date
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from people import BookOf, Person, new_id, sign_up
from rpc.budgets.brute import Brute, days_of, told_by
from rpc.budgets.planning import (
    ENVELOPE,
    EXPENSE,
    INCOME,
    LIMIT,
    REFUND,
    TRANSFER,
    Planning,
    Rollover,
    limit,
    listed,
    make_planning,
    money,
    months,
    weeks,
)
from rpc.ledger.categories import merge
from rpc.ledger.exchange import set_rate
from rpc.spaces.sharing import members, share
from tallystick_client.v1 import ledger_transactions_pb2
from tallystick_client.v1.ledger_pb2 import Split, TransactionDraft

SEEDS = range(4)
DAYS = days_of(date(2025, 11, 20), 150)
# What one unit is worth; of francs nothing is known.
RATES = {"USD": {"2025-12-01": "0.9", "2026-02-10": "1.1"}, "JPY": {"2025-11-01": "0.0061", "2026-01-20": "0.007"}}
WORTH = {
    currency: {on: Fraction(rate) * (100 if currency == "JPY" else 1) for on, rate in by_day.items()}
    for currency, by_day in RATES.items()
}
BUDGETS: list[dict[str, Any]] = [
    {"mode": LIMIT, "periods": months("2025-12-31"), "rollover": Rollover(surplus=True, deficit=True)},
    {"mode": LIMIT, "periods": weeks("2025-12-01", 2)},
    {"mode": ENVELOPE, "periods": months("2026-01-15"), "opening": money(70_000)},
    {"mode": ENVELOPE, "periods": months(), "rollover": Rollover(surplus=True, surplus_max=money(3000))},
    {
        "mode": ENVELOPE,
        "periods": listed(("2025-12-03", "2026-01-09"), ("2026-01-20", "2026-02-28"), ("2026-03-01", "2026-03-31")),
    },
]


class Walk:
    """A drawn book and what happens in it."""

    def __init__(self, book: BookOf, dice: Random) -> None:
        self.book = book
        self.dice = dice
        self.made: list[Any] = []
        self.deleted: list[str] = []
        self.moves: dict[str, list[Any]] = {}

    async def begin(self, eve: Person) -> None:
        owner = await make_planning(self.book, **BUDGETS[0], starts_on="2025-12-01")
        self.plannings = [owner]
        for budget in BUDGETS[1:]:
            other = await make_planning(self.book, **budget, starts_on="2025-12-01")
            self.plannings.append(Planning(self.book, other.budget, owner.categories))
        await owner.category("Bread", parent_id=owner.categories["Food"])
        await owner.category("Rolls", parent_id=owner.categories["Bread"])
        await owner.category("Games", parent_id=owner.categories["Fun"])
        self.payees = [await owner.payee(name) for name in "abc"]
        self.tags = [await owner.tag(name) for name in "xyz"]
        self.members = {each.user_id: each.id for each in await members(eve, self.book.id)}
        shared = [self.book.account_id, await owner.account()]
        held = await owner.account(held_by_member_id=self.members[eve.user.id])
        private = await owner.account(private=True)
        self.accounts = {"EUR": [*shared, held, private]}
        for currency in ("USD", "JPY", "CHF"):
            self.accounts[currency] = [await owner.account(currency)]
        self.accounts["USD"].append(await owner.account("USD", private=True))
        for currency, by_day in RATES.items():
            for on, rate in by_day.items():
                await set_rate(self.book, f"{currency}/EUR", on, rate)
        for planning in self.plannings:
            await self.add_items(planning)

    async def add_items(self, planning: Planning) -> None:
        dice, categories = self.dice, planning.categories
        limits = [limit(dice.randint(0, 9000)), limit(dice.randint(0, 9000), dice.choice(DAYS))]
        drawn: list[dict[str, Any]] = [
            {"category_ids": [categories["Food"]], "without_children": dice.random() < 0.5},
            {"category_ids": [categories["Bread"], categories["Games"]]},
            {"payee_ids": dice.sample(self.payees, 2)},
            {"tag_ids": dice.sample(self.tags, 2), "category_ids": [categories["Food"], categories["Fun"]]},
            {"account_ids": [self.accounts["EUR"][1], self.accounts["USD"][0]]},
            {"category_ids": [categories["Fun"]], "rollover": Rollover(deficit=True)},
        ]
        dice.shuffle(drawn)
        for position, fields in enumerate(drawn[: dice.randint(3, 6)]):
            await planning.item(f"item {position}", limits=limits, position=position % 3, **fields)

    async def step(self) -> None:
        happens = self.dice.choice(
            ["spend"] * 12 + ["change"] * 4 + ["delete"] * 2 + ["restore", "assign", "assign", "item"]
        )
        await getattr(self, happens)()

    def drawn(self) -> dict[str, Any]:
        dice = self.dice
        currency = dice.choice(["EUR"] * 6 + ["USD", "USD", "JPY", "CHF"])
        account_id = dice.choice(self.accounts[currency])
        kind, minor = dice.choice([EXPENSE] * 6 + [INCOME, REFUND, REFUND, TRANSFER]), dice.randint(1, 5000)
        fields: dict[str, Any] = {
            "kind": kind,
            "account_id": account_id,
            "amount": money(minor, currency),
            "booked_on": dice.choice(DAYS),
            "category_id": self.category() if kind in {EXPENSE, REFUND} else "",
        }
        if kind == TRANSFER:
            to_currency = dice.choice(["EUR", "USD"])
            to_id = dice.choice([each for each in self.accounts[to_currency] if each != account_id])
            fields |= {"to_account_id": to_id, "payee": ""}
            if to_currency != currency:
                fields["to_amount"] = money(dice.randint(1, 5000), to_currency)
            return fields
        if kind == INCOME and dice.random() < 0.5:
            fields["category_id"] = self.book.earning_id
        if dice.random() < 0.5:
            fields["payee_id"] = dice.choice(self.payees)
        fields["tag_ids"] = dice.sample(self.tags, dice.choice([0, 0, 1, 2]))
        if kind == EXPENSE and minor > 12 and dice.random() < 0.4:
            # More than ten parts, so that lines have two digits.
            count = dice.choice([2, 3, 12])
            parts = [minor // count] * (count - 1)
            parts.append(minor - sum(parts))
            fields["category_id"] = ""
            others = self.accounts[currency]
            fields["splits"] = [
                Split(amount=money(part, currency), category_id=self.category(), account_id=dice.choice(["", *others]))
                for part in parts
            ]
        return fields

    def category(self) -> str:
        return self.dice.choice([*self.plannings[0].categories.values(), ""])

    async def spend(self) -> None:
        fields: dict[str, Any] = {"payee": ""} | self.drawn()
        self.made.append((await self.book.spend(**fields)).transaction)

    async def change(self) -> None:
        """Also in the past: another day, another amount, another category."""
        if not self.made:
            return
        transaction = self.dice.choice(self.made)
        change: dict[str, Any] = {"booked_on": self.dice.choice(DAYS)}
        if transaction.kind == EXPENSE and len(transaction.entries) == 1:
            change |= {"amount": money(self.dice.randint(1, 900), transaction.entries[0].amount.currency)}
            change |= {"category_id": self.category(), "tag_ids": self.dice.sample(self.tags, 1)}
        request = ledger_transactions_pb2.UpdateTransactionRequest(
            request_id=new_id(),
            book_id=self.book.id,
            transaction_id=transaction.id,
            change=TransactionDraft(**change),
            update_mask=FieldMask(paths=[*change]),
        )
        await self.book.person.ledger.UpdateTransaction(request)

    async def delete(self) -> None:
        if self.made:
            gone = self.made.pop(self.dice.randrange(len(self.made)))
            self.deleted.append(gone.id)
            await self._call("DeleteTransaction", gone.id)

    async def restore(self) -> None:
        if self.deleted:
            self.made.append((await self._call("RestoreTransaction", self.deleted.pop())).transaction)

    async def _call(self, rpc: str, transaction_id: str) -> Any:
        request = getattr(ledger_transactions_pb2, f"{rpc}Request")
        named = {"request_id": new_id(), "book_id": self.book.id, "transaction_id": transaction_id}
        return await getattr(self.book.person.ledger, rpc)(request(**named))

    async def assign(self) -> None:
        planning = self.dice.choice(self.plannings[2:])
        items = (await planning.call("ListBudgetItems")).items
        on, minor = self.dice.choice(["2025-12-20", "2026-01-25", "2026-03-02"]), self.dice.randint(1, 9000)
        if len(items) > 1 and self.dice.random() < 0.3:
            source, target = self.dice.sample([*items], 2)
            move = await planning.move(source, target, minor, on)
        elif items:
            move = await planning.assign(self.dice.choice(items), self.dice.choice([1, 1, -1]) * minor, on)
        else:
            return
        self.moves.setdefault(planning.budget.id, []).append(move)

    async def item(self) -> None:
        """An item goes, with whatever lies in it; or one comes back."""
        planning = self.dice.choice(self.plannings)
        there, gone = [(await planning.call("ListBudgetItems", deleted=deleted)).items for deleted in (False, True)]
        if gone:
            await planning.call("RestoreBudgetItem", item_id=gone[0].id)
        elif len(there) > 2:
            await planning.call("DeleteBudgetItem", item_id=self.dice.choice(there).id)

    async def judge(self, reader: Person) -> None:
        for planning in self.plannings:
            moves = self.moves.get(planning.budget.id, [])
            brute = await Brute(planning, reader, WORTH, moves, self.members).read()
            periods = await brute.periods()
            wanted = brute.tell(periods)
            shown = self.dice.randrange(len(periods))
            before = self.dice.randint(0, shown)
            answer = await planning.analysis(periods[shown][1], before, by=reader)
            assert [told_by(period) for period in answer.periods] == wanted[shown - before : shown + 1]
            whole = await planning.analysis(periods[-1][0], min(59, len(periods) - 1), by=reader)
            told = [told_by(period) for period in whole.periods]
            assert told == wanted[len(wanted) - len(told) :]
            assert whole.incomplete == bool(whole.unconverted)
            missing = Counter[str]()
            for each in whole.unconverted:
                missing[each.amount.currency] += each.amount.minor
            assert missing == brute.missing


@pytest.mark.parametrize("seed", SEEDS)
async def test_an_analysis_is_what_every_transaction_says(book: BookOf, seed: int) -> None:
    eve = await sign_up(book.person.client, "Eve")
    await share(book.person, book.id, eve)
    walk = Walk(book, Random(seed))
    await walk.begin(eve)
    for _ in range(3):
        for _ in range(25):
            await walk.step()
        await walk.judge(book.person)
        await walk.judge(eve)
    categories = walk.plannings[0].categories
    await merge(book, categories.pop("Games"), categories["Bread"])
    await merge(book, categories.pop("Rolls"), categories["Food"])
    for _ in range(10):
        await walk.step()
    await walk.judge(book.person)
    await walk.judge(eve)
