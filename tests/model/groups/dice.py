"""What might somebody write down in a group next? Expenses of all kinds, split in all ways, now and then wrong in one respect."""

from collections.abc import Callable, Sequence
from typing import Any

from model.dice import WORDS, Dice
from model.drafts import DECIMALS
from model.groups.drafts import exchanged
from model.groups.state import EXPENSE, REFUND, Party
from model.state import MONEY_MAX
from tallystick_client.v1 import group_splits_pb2 as splits
from tallystick_client.v1.group_expenses_pb2 import Expense, ExpenseDraft, ExpenseKind
from tallystick_client.v1.group_splits_pb2 import ExpenseSplit, MemberAmount, MemberWeight, Payer
from tallystick_client.v1.money_pb2 import Money

CURRENCIES = ("EUR", "EUR", "EUR", "EUR", "EUR", "USD", "USD", "JPY", "KWD")
CATEGORIES = ("food", "rent", "", "Fun", "odd")
RATES = ("0.9", "1.5", "0.006125", "3", "0.5")
SIZES = (1, 2, 5, 100, 250, 999, 1000, 12_345)
LINES_MAX = 3
MEMBERS_MAX = 4


class DraftDice(Dice):
    """Composes what a person may say about an expense."""

    book: Party

    def heads(self) -> dict[str, Any]:
        return {"request_id": self.new_id(), "group_id": self.book.id}

    def money(self, currency: str) -> Money:
        return Money(currency=currency, minor=self.pick(SIZES) * self.random.randint(1, 9))

    def member(self) -> str:
        """Mostly somebody who is in."""
        if self.chance(97):
            return self.pick(self.book.present())
        return self.pick([*self.book.members(), self.new_id()])

    def members(self, at_most: int = MEMBERS_MAX) -> list[str]:
        present = self.book.present()
        found = self.random.sample(present, self.random.randint(1, min(at_most, len(present))))
        if self.chance(2):
            found.append(self.pick([*self.book.members(), self.new_id(), found[0]]))
        return found

    def parts(self, whole: int, count: int) -> list[int]:
        """Whole numbers that add up, none below zero."""
        cuts = sorted(self.random.randint(0, whole) for _ in range(count - 1))
        return [high - low for low, high in zip([0, *cuts], [*cuts, whole], strict=True)]

    def amounts(self, whole: int, at_most: int = MEMBERS_MAX) -> list[MemberAmount]:
        members = self.members(at_most)
        minors = self.parts(whole, len(members))
        return [MemberAmount(member_id=each, minor=minor) for each, minor in zip(members, minors, strict=True)]

    def weights(self) -> list[MemberWeight]:
        return [MemberWeight(member_id=each, weight=self.pick((0, 1, 1, 2, 3, 7))) for each in self.members()]

    def payers(self, whole: int) -> list[Payer]:
        at_most = 3 if self.chance(30) else 1
        return [Payer(member_id=each.member_id, minor=each.minor) for each in self.amounts(whole, at_most)]

    def split(self, whole: int) -> ExpenseSplit:
        return self.pick(_SPLITS)(self, whole)

    def equal(self, _: int) -> ExpenseSplit:
        return ExpenseSplit(equal=splits.EqualSplit(member_ids=self.members()))

    def exact(self, whole: int) -> ExpenseSplit:
        return ExpenseSplit(exact=splits.ExactSplit(amounts=self.amounts(whole)))

    def weighted(self, _: int) -> ExpenseSplit:
        return ExpenseSplit(weighted=splits.WeightedSplit(weights=self.weights()))

    def percent(self, _: int) -> ExpenseSplit:
        percents = [
            splits.MemberPercent(member_id=each.member_id, basis_points=each.minor) for each in self.amounts(10_000)
        ]
        return ExpenseSplit(percent=splits.PercentSplit(percents=percents))

    def adjusted(self, whole: int) -> ExpenseSplit:
        least = min(whole, 1000) // 10
        extras = [MemberAmount(member_id=each, minor=self.random.randint(-least, least * 2)) for each in self.members()]
        return ExpenseSplit(adjusted=splits.AdjustedSplit(extras=extras))

    def itemised(self, whole: int) -> ExpenseSplit:
        tax, tip, rest = self.parts(whole, 3) if self.chance(60) else (0, 0, whole)
        discount = self.pick((0, 0, 1, rest // 3))
        minors = self.parts(rest + discount, self.random.randint(1, LINES_MAX))
        lines = [splits.SplitLine(name=self.pick(WORDS), minor=each, weights=self.weights()) for each in minors]
        if self.chance(20):
            back = self.pick((1, 50))
            lines.append(splits.SplitLine(name="deposit", minor=-back, weights=lines[0].weights))
            lines[0].minor += back
        receipt = splits.ItemisedSplit(lines=lines, tax_minor=tax, tip_minor=tip, discount_minor=discount)
        return ExpenseSplit(itemised=receipt)

    def expense_draft(self) -> ExpenseDraft:
        kind = self.random.choices((0, EXPENSE, REFUND, ExpenseKind.EXPENSE_KIND_INCOME), (20, 50, 20, 10))[0]
        amount = self.money(self.pick(CURRENCIES))
        draft = ExpenseDraft(
            expense_id=self.new_id(),
            kind=kind,  # type: ignore[arg-type]  # mypy takes the choice for a number
            booked_on=self.day(),
            description=self.pick(WORDS),
            amount=amount,
            category=self.pick(CATEGORIES),
            note=self.pick(WORDS),
        )
        if self.chance(80):
            draft.payers.extend(self.payers(amount.minor))
        if self.chance(85):
            draft.split.CopyFrom(self.split(amount.minor))
        if amount.currency != self.book.group.default_currency:
            self.convert(draft)
        if kind == REFUND and self.chance(85):
            self.refund(draft)
        if self.chance(10):
            draft.import_key = self.pick(("k-1", "k-2", "k-3"))
        if self.chance(7):
            self.pick(_SPOILS)(self, draft)
        return draft

    def convert(self, draft: ExpenseDraft) -> None:
        if self.chance(30):
            currency, rate = self.book.group.default_currency, self.pick(RATES)
            draft.conversion.amount.CopyFrom(self.money(currency))
            if self.chance(40):
                draft.conversion.rate, draft.conversion.source = rate, "somewhere"
                draft.conversion.rate_on = draft.booked_on
                if draft.amount.currency in DECIMALS and self.chance(90):
                    draft.conversion.amount.minor = max(1, exchanged(draft.amount, currency, rate))
        elif self.chance(40):
            draft.convert_with = self.pick(RATES)
            draft.convert_source = self.pick(("", "card"))

    def refund(self, draft: ExpenseDraft) -> None:
        """Mostly of an expense that is there, and mostly divided as that one was."""
        expenses = [each for each in self.book.everything(Expense) if each.kind == EXPENSE]
        if not expenses or self.chance(3):
            draft.refund_of_id = self.one_of(Expense, "")
            return
        # One that counts as another amount than was paid is the harder one.
        converted = [each for each in expenses if each.HasField("conversion")]
        expense = self.pick(converted[-4:]) if converted and self.chance(35) else self.pick(expenses[-12:])
        draft.refund_of_id = expense.id
        draft.amount.CopyFrom(expense.amount)
        draft.amount.minor = max(1, expense.amount.minor // self.pick((1, 1, 2, 3, 7)))
        draft.ClearField("payers")
        draft.ClearField("conversion")
        draft.convert_with = draft.convert_source = ""
        if self.chance(60):
            draft.payers.extend(self.payers(draft.amount.minor))
        if self.chance(80):
            draft.ClearField("split")
        else:
            draft.split.CopyFrom(self.split(draft.amount.minor))
        if expense.HasField("conversion") and self.chance(60):
            self.convert(draft)

    def enlarge(self, draft: ExpenseDraft) -> None:
        """The most that can be written down is too much wherever something is owed already."""
        draft.amount.minor = 10**12 if self.book.is_followed else MONEY_MAX
        draft.ClearField("payers")
        draft.split.Clear()
        draft.split.equal.member_ids.extend(self.members())


_SPLITS: Sequence[Callable[[DraftDice, int], ExpenseSplit]] = (
    *(DraftDice.equal, DraftDice.equal, DraftDice.exact, DraftDice.weighted, DraftDice.percent, DraftDice.adjusted),
    DraftDice.itemised,
)

# Each makes a draft wrong, or at least strange, in one respect.
_SPOILS: tuple[Callable[[DraftDice, ExpenseDraft], object], ...] = (
    lambda dice, draft: setattr(draft.amount, "currency", dice.pick(("EUR", "USD", "KWD", "XQQ"))),
    lambda dice, draft: setattr(draft.amount, "minor", dice.pick((0, -5, draft.amount.minor + 1))),
    lambda dice, draft: setattr(draft, "booked_on", dice.pick(("2026-02-29", "2026-13-01"))),
    lambda dice, draft: setattr(draft, "refund_of_id", dice.one_of(Expense, "")),
    lambda dice, draft: setattr(draft, "expense_id", dice.one_of(Expense, "")),
    lambda dice, draft: draft.conversion.amount.CopyFrom(dice.money(dice.pick(("EUR", "USD")))),
    lambda dice, draft: setattr(draft, "convert_with", dice.pick(("0", "0.5", "0.00"))),
    lambda dice, draft: draft.payers.append(Payer(member_id=dice.member(), minor=1)),
    lambda dice, draft: draft.split.CopyFrom(dice.split(draft.amount.minor + 1)),
    lambda dice, draft: draft.ClearField("amount"),
    lambda dice, draft: draft.ClearField("booked_on"),
    lambda dice, draft: dice.enlarge(draft),
)
