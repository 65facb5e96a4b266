"""What do tests of budgets stand on? A book with a few categories, and budgets and items in few words."""

from dataclasses import dataclass, field
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from linked import make_account, make_category
from people import BookOf, Person, new_id
from rpc.ledger import promises
from tallystick_client.v1 import (
    budget_analysis_pb2,
    budget_items_pb2,
    budget_moves_pb2,
    budget_pb2,
    ledger_labels_pb2,
    ledger_pb2,
    ledger_service_pb2,
    money_pb2,
)

LIMIT = budget_pb2.BudgetMode.BUDGET_MODE_LIMIT
ENVELOPE = budget_pb2.BudgetMode.BUDGET_MODE_ENVELOPE
Kind = ledger_pb2.TransactionKind
EXPENSE, INCOME = Kind.TRANSACTION_KIND_EXPENSE, Kind.TRANSACTION_KIND_INCOME
TRANSFER, REFUND = Kind.TRANSACTION_KIND_TRANSFER, Kind.TRANSACTION_KIND_REFUND
Rollover = budget_items_pb2.Rollover
ALL_OF_IT = Rollover(surplus=True, deficit=True)

REQUESTS: dict[str, Any] = {
    name.removesuffix("Request"): message
    for module in (budget_pb2, budget_items_pb2, budget_moves_pb2, budget_analysis_pb2)
    for name, message in vars(module).items()
    if name.endswith("Request")
}


def money(minor: int, currency: str = "EUR") -> money_pb2.Money:
    return money_pb2.Money(currency=currency, minor=minor)


def months(anchor_on: str = "2026-01-01", length: int = 1) -> budget_pb2.BudgetPeriods:
    return budget_pb2.BudgetPeriods(months=budget_pb2.MonthPeriods(months=length, anchor_on=anchor_on))


def weeks(anchor_on: str = "2026-01-05", length: int = 1, **other: Any) -> budget_pb2.BudgetPeriods:
    return budget_pb2.BudgetPeriods(weeks=budget_pb2.WeekPeriods(weeks=length, anchor_on=anchor_on, **other))


def listed(*spans: tuple[str, str]) -> budget_pb2.BudgetPeriods:
    each = [budget_pb2.ListedPeriod(from_on=first, until_on=last) for first, last in spans]
    return budget_pb2.BudgetPeriods(listed=budget_pb2.ListedPeriods(spans=each))


def limit(minor: int, from_on: str = "", currency: str = "EUR") -> budget_items_pb2.BudgetLimit:
    return budget_items_pb2.BudgetLimit(from_on=from_on, amount=money(minor, currency))


@dataclass
class Planning:
    """A budget in a person's book. `categories` are ids by name; Food is the book's own."""

    book: BookOf
    budget: Any
    categories: dict[str, str] = field(default_factory=dict)

    @property
    def person(self) -> Person:
        return self.book.person

    def named(self, **fields: Any) -> dict[str, Any]:
        return {"request_id": new_id(), "book_id": self.book.id, "budget_id": self.budget.id} | fields

    async def call(self, rpc: str, **fields: Any) -> Any:
        """A call about the budget, or whatever its fields name."""
        request_type = REQUESTS[rpc]
        usual = self.named() if "request_id" in request_type.DESCRIPTOR.fields_by_name else self.asked()
        return await getattr(self.person.budgets, rpc)(request_type(**usual | fields))

    def asked(self) -> dict[str, str]:
        return {"book_id": self.book.id, "budget_id": self.budget.id}

    async def item(self, name: str = "Food", minor: int = 10_000, **other: Any) -> Any:
        """An item for the category of its name, unless something else is said."""
        made = await self.person.budgets.CreateBudgetItem(self.adding(name, minor, **other))
        return made.item

    def adding(self, name: str = "Food", minor: int = 10_000, **other: Any) -> budget_items_pb2.CreateBudgetItemRequest:
        fields: dict[str, Any] = {"name": name, "limits": [limit(minor)]}
        if not {"category_ids", "payee_ids", "tag_ids", "account_ids"} & other.keys():
            fields["category_ids"] = [self.categories[name]]
        return budget_items_pb2.CreateBudgetItemRequest(**self.named(**fields | other))

    async def change(self, item: Any, **fields: Any) -> Any:
        paths = fields.pop("paths", [*fields])
        request = budget_items_pb2.UpdateBudgetItemRequest(
            **self.named(item_id=item.id, **fields), update_mask=FieldMask(paths=paths)
        )
        return (await self.person.budgets.UpdateBudgetItem(request)).item

    async def assign(self, item: Any, minor: int, on: str) -> Any:
        request = budget_moves_pb2.AssignMoneyRequest(**self.named(item_id=item.id, amount=money(minor), on=on))
        return (await self.person.budgets.AssignMoney(request)).move

    async def move(self, source: Any, target: Any, minor: int, on: str) -> Any:
        request = budget_moves_pb2.MoveMoneyRequest(
            **self.named(from_item_id=source.id, to_item_id=target.id, amount=money(minor), on=on)
        )
        return (await self.person.budgets.MoveMoney(request)).move

    async def analysis(self, on: str = "", before: int = 0, *, by: Person | None = None) -> Any:
        request = budget_analysis_pb2.GetBudgetAnalysisRequest(
            book_id=self.book.id, budget_id=self.budget.id, on=on, before=before
        )
        return await (by or self.person).budgets.GetBudgetAnalysis(request)

    async def period(self, on: str, *, by: Person | None = None) -> Any:
        return (await self.analysis(on, by=by)).periods[0]

    async def figures(self, item: Any, on: str, *, by: Person | None = None) -> Any:
        period = await self.period(on, by=by)
        return next(each.figures for each in period.items if each.item_id == item.id)

    async def spent(self, item: Any, on: str, *, by: Person | None = None) -> int:
        return int((await self.figures(item, on, by=by)).actual_minor)

    async def spend(self, name: str, minor: int, on: str, **other: Any) -> Any:
        """An expense of a category by its name; of none, if it has none."""
        category_id = self.categories[name] if name else ""
        made = await self.book.spend(minor, **{"category_id": category_id, "booked_on": on} | other)
        return made.transaction

    async def earn(self, minor: int, on: str, **other: Any) -> Any:
        made = await self.book.spend(
            minor, **{"kind": INCOME, "category_id": self.book.earning_id, "booked_on": on} | other
        )
        return made.transaction

    async def category(self, name: str, **other: Any) -> str:
        """One more category for spending."""
        request = ledger_service_pb2.CreateCategoryRequest(
            request_id=new_id(),
            book_id=self.book.id,
            name=name,
            kind=ledger_pb2.CategoryKind.CATEGORY_KIND_EXPENSE,
            **other,
        )
        made = await self.person.ledger.CreateCategory(request)
        self.categories[name] = made.category.id
        return str(made.category.id)

    async def account(self, currency: str = "EUR", **other: Any) -> str:
        if not other:
            return await make_account(self.book, currency)
        request = ledger_service_pb2.CreateAccountRequest(
            request_id=new_id(),
            book_id=self.book.id,
            name="Other",
            type=ledger_pb2.AccountType.ACCOUNT_TYPE_CASH,
            currency=currency,
            **other,
        )
        return str((await self.person.ledger.CreateAccount(request)).account.id)

    async def payee(self, name: str) -> str:
        request = ledger_labels_pb2.CreatePayeeRequest(request_id=new_id(), book_id=self.book.id, name=name)
        return str((await self.person.ledger.CreatePayee(request)).payee.id)

    async def tag(self, name: str) -> str:
        request = ledger_labels_pb2.CreateTagRequest(request_id=new_id(), book_id=self.book.id, name=name)
        return str((await self.person.ledger.CreateTag(request)).tag.id)


def creating(book: BookOf, **other: Any) -> budget_pb2.CreateBudgetRequest:
    """A request for a budget of calendar months from January 2026 on; whatever is given replaces the usual."""
    fields: dict[str, Any] = {
        "request_id": new_id(),
        "book_id": book.id,
        "name": "Home",
        "mode": LIMIT,
        "periods": months(),
        "starts_on": "2026-01-01",
    }
    return budget_pb2.CreateBudgetRequest(**fields | other)


async def make_planning(book: BookOf, **other: Any) -> Planning:
    budget = (await book.person.budgets.CreateBudget(creating(book, **other))).budget
    categories = {"Food": book.spending_id, "Fun": await make_category(book, "Fun")}
    return Planning(book, budget, categories)


async def keeps_the_promises_of_a_write(book: BookOf, rpc: str, request: Message, **other: Any) -> Any:
    return await promises.keeps_the_promises_of_a_write(book, rpc, request, service="budgets", **other)


async def make_envelopes(book: BookOf, **other: Any) -> Planning:
    return await make_planning(book, **{"mode": ENVELOPE} | other)
