"""What is there to report on? A household with accounts of everybody, of members, and of one member's eyes only; and short calls."""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from people import BookOf, Person, make_book, new_id
from rpc.ledger import accounts, categories
from rpc.ledger.accounts import EXPENSE, INCOME, PENDING, REFUND, TRANSFER
from rpc.ledger.exchange import set_rate
from rpc.spaces.sharing import EDITOR, share
from tallystick_client.v1 import (
    ledger_books_pb2,
    ledger_categories_pb2,
    ledger_labels_pb2,
    ledger_pb2,
    ledger_templates_pb2,
    ledger_transactions_pb2,
    report_budgets_pb2,
    report_cash_flow_pb2,
    report_dashboard_pb2,
    report_net_worth_pb2,
    report_pb2,
    report_spending_pb2,
    report_summaries_pb2,
    space_service_pb2,
)
from tallystick_client.v1.ledger_pb2 import Split, TransactionDraft
from tallystick_client.v1.money_pb2 import Money

TYPES = ledger_pb2.AccountType
CARD, LOAN, CHECKING = TYPES.ACCOUNT_TYPE_CREDIT_CARD, TYPES.ACCOUNT_TYPE_LOAN, TYPES.ACCOUNT_TYPE_CHECKING
STEPS = report_pb2.ReportStep
DAY, WEEK, MONTH = STEPS.REPORT_STEP_DAY, STEPS.REPORT_STEP_WEEK, STEPS.REPORT_STEP_MONTH
QUARTER, YEAR = STEPS.REPORT_STEP_QUARTER, STEPS.REPORT_STEP_YEAR
PERIOD_BEFORE = report_pb2.ReportComparison.REPORT_COMPARISON_PERIOD_BEFORE
YEAR_BEFORE = report_pb2.ReportComparison.REPORT_COMPARISON_YEAR_BEFORE
FOR_SPENDING = ledger_pb2.CategoryKind.CATEGORY_KIND_EXPENSE
FOR_EARNING = ledger_pb2.CategoryKind.CATEGORY_KIND_INCOME

_MODULES = (
    report_budgets_pb2,
    report_cash_flow_pb2,
    report_dashboard_pb2,
    report_net_worth_pb2,
    report_spending_pb2,
    report_summaries_pb2,
)


def ask(name: str, book_id: str, **fields: Any) -> Any:
    """The request of a report."""
    (module,) = (each for each in _MODULES if hasattr(each, f"Get{name}Request"))
    return getattr(module, f"Get{name}Request")(book_id=book_id, **fields)


async def get(person: Person, name: str, book_id: str, **fields: Any) -> Any:
    """The whole answer of a report."""
    return await getattr(person.reports, f"Get{name}")(ask(name, book_id, **fields))


async def report(book: BookOf, name: str, **fields: Any) -> Any:
    """A report on a book, as its person sees it."""
    return (await get(book.person, name, book.id, **fields)).report


async def set_book(book: BookOf, **fields: Any) -> None:
    """Changes how the book counts days."""
    await book.person.ledger.UpdateBook(
        ledger_books_pb2.UpdateBookRequest(
            request_id=new_id(), book_id=book.id, update_mask=FieldMask(paths=list(fields)), **fields
        )
    )


async def members_of(person: Person, book_id: str) -> dict[str, str]:
    """The ids of members by their users."""
    answer = await person.spaces.ListMembers(space_service_pb2.ListMembersRequest(space_id=book_id))
    return {member.user_id: member.id for member in answer.members}


@dataclass
class Household:
    """Ann's book, which Eve shares: with everything in it that a report can trip over."""

    book: BookOf
    eve: Person
    dice: Random
    # By account: its currency, and who may book on it.
    currencies: dict[str, str] = field(default_factory=dict)
    visible_to: dict[str, tuple[Person, ...]] = field(default_factory=dict)
    spending_ids: list[str] = field(default_factory=list)
    earning_ids: list[str] = field(default_factory=list)
    payee_ids: list[str] = field(default_factory=list)
    tag_ids: list[str] = field(default_factory=list)
    method_ids: list[str] = field(default_factory=list)
    days: list[str] = field(default_factory=list)
    live: list[tuple[str, Person]] = field(default_factory=list)
    gone: list[tuple[str, Person]] = field(default_factory=list)

    @property
    def ann(self) -> Person:
        return self.book.person

    async def call(self, person: Person, rpc: str, module: Any, **fields: Any) -> Any:
        request = getattr(module, f"{rpc}Request")(request_id=new_id(), book_id=self.book.id, **fields)
        return await getattr(person.ledger, rpc)(request)

    def draft(self, person: Person) -> TransactionDraft:
        dice = self.dice
        mine = [each for each, people in self.visible_to.items() if person in people]
        account_id, kind = dice.choice(mine), dice.choice([EXPENSE] * 5 + [INCOME, INCOME, TRANSFER, REFUND])
        fields: dict[str, Any] = {
            "kind": kind,
            "account_id": account_id,
            "amount": self._money(account_id),
            "booked_on": dice.choice(self.days),
            "payee": dice.choice(["", "Bakery", "bakery ", "Rent & Co", "Straße"]),
            "note": dice.choice(["", "rye", "for Bakery"]),
            "status": dice.choice([0, 0, 0, PENDING]),
            "payee_id": dice.choice(["", "", *self.payee_ids]),
            "payment_method_id": dice.choice(["", *self.method_ids]),
            "tag_ids": dice.sample(self.tag_ids, dice.choice([0, 0, 1])),
        }
        if kind == TRANSFER:
            other = dice.choice([each for each in mine if each != account_id])
            is_same = self.currencies[other] == self.currencies[account_id]
            return TransactionDraft(
                **fields, to_account_id=other, to_amount=fields["amount"] if is_same else self._money(other)
            )
        ids = self.earning_ids if kind == INCOME else self.spending_ids
        if dice.random() < 0.3:
            return TransactionDraft(**fields | self._parts(account_id, mine, ids))
        return TransactionDraft(**fields, category_id=dice.choice(["", *ids]))

    def _money(self, account_id: str) -> Money:
        return Money(currency=self.currencies[account_id], minor=self.dice.choice([1, 99, 100, 1050, 250_000]))

    def _parts(self, account_id: str, mine: list[str], category_ids: list[str]) -> dict[str, Any]:
        currency, dice = self.currencies[account_id], self.dice
        alike = [each for each in mine if self.currencies[each] == currency]
        parts = [
            Split(
                account_id=dice.choice(alike),
                category_id=dice.choice(["", *category_ids]),
                amount=Money(currency=currency, minor=dice.choice([7, 450])),
            )
            for _ in range(3)
        ]
        return {"splits": parts, "amount": Money(currency=currency, minor=sum(each.amount.minor for each in parts))}

    async def record(self, count: int) -> None:
        person = self.dice.choice([self.ann, self.eve])
        drafts = [self.draft(person) for _ in range(count)]
        answer = await self.call(person, "BatchCreateTransactions", ledger_transactions_pb2, transactions=drafts)
        self.live += [(each, person) for each in answer.transaction_ids]

    async def happen(self) -> None:
        """Something in the past becomes something else, goes, or comes back."""
        dice = self.dice
        match dice.randint(0, 2):
            case 0:
                transaction_id, person = dice.choice(self.live)
                paths = [
                    "kind",
                    "account_id",
                    "category_id",
                    "amount",
                    "booked_on",
                    "payee",
                    "note",
                    "payee_id",
                    "status",
                ]
                paths += ["payment_method_id", "tag_ids", "to_account_id", "to_amount", "splits"]
                await self.call(
                    person,
                    "UpdateTransaction",
                    ledger_transactions_pb2,
                    transaction_id=transaction_id,
                    change=self.draft(person),
                    update_mask={"paths": paths},
                )
            case 1:
                one = self.live.pop(dice.randrange(len(self.live)))
                await self.call(one[1], "DeleteTransaction", ledger_transactions_pb2, transaction_id=one[0])
                self.gone.append(one)
            case _ if self.gone:
                one = self.gone.pop(dice.randrange(len(self.gone)))
                await self.call(one[1], "RestoreTransaction", ledger_transactions_pb2, transaction_id=one[0])
                self.live.append(one)

    async def merge(self) -> None:
        """Two categories of spending become one."""
        request = ledger_categories_pb2.MergeCategoriesRequest(
            request_id=new_id(),
            book_id=self.book.id,
            category_id=self.spending_ids[-1],
            into_category_id=self.spending_ids[0],
        )
        try:
            await self.ann.ledger.MergeCategories(request)
        except grpc.aio.AioRpcError:
            # Eve has it on an account that only she sees.
            return
        self.spending_ids.pop()


async def make_household(ann: Person, eve: Person, seed: int, days: list[str]) -> Household:
    book = await make_book(ann)
    await share(ann, book.id, eve, EDITOR)
    home = Household(book, eve, Random(seed), days=days)
    members, of_eve = await members_of(ann, book.id), replace(book, person=eve)
    for person, fields in (
        (ann, {}),
        (ann, {"type": CARD, "held_by_member_id": members[ann.user.id]}),
        (ann, {"type": LOAN, "currency": "KWD", "held_by_member_id": members[eve.user.id]}),
        (ann, {"currency": "KWD"}),
        (ann, {"currency": "UYU", "type": CARD}),
        (ann, {"private": True}),
        (eve, {"private": True}),
        (eve, {"private": True, "currency": "KWD"}),
    ):
        made = await accounts.make(book if person is ann else of_eve, **fields)
        home.currencies[made.id] = made.currency
        home.visible_to[made.id] = (person,) if fields.get("private") else (ann, eve)
    await accounts.opened(book, 123_456, on=days[1])
    for pair, on, rate in (("KWD/EUR", days[2], "2.9137"), ("EUR/KWD", days[5], "0.3"), ("KWD/EUR", days[7], "3.1")):
        await set_rate(book, pair, on, rate)
    home.spending_ids, home.earning_ids = [book.spending_id], [book.earning_id]
    for parent_id in (book.spending_id, book.spending_id, ""):
        child = await categories.make(book, parent_id=parent_id)
        home.spending_ids += [child.id, (await categories.make(book, parent_id=child.id)).id]
    home.earning_ids.append((await categories.make(book, kind=FOR_EARNING)).id)
    for name in ("Bakery", "Zoo"):
        home.payee_ids.append((await home.call(ann, "CreatePayee", ledger_labels_pb2, name=name)).payee.id)
    for number in range(2):
        tag = await home.call(ann, "CreateTag", ledger_labels_pb2, name=f"tag {number}")
        home.tag_ids.append(tag.tag.id)
        method = await home.call(ann, "CreatePaymentMethod", ledger_labels_pb2, name=f"method {number}")
        home.method_ids.append(method.payment_method.id)
    return home


async def make_template(book: BookOf, account_id: str, **fields: Any) -> ledger_templates_pb2.Template:
    """A rent of 800 that somebody is reminded of on the first of every month."""
    draft: dict[str, Any] = {
        "kind": EXPENSE,
        "account_id": account_id,
        "category_id": book.spending_id,
        "amount": Money(currency="EUR", minor=80_000),
    }
    schedule = {"starts_on": "2026-01-01", "rule": "FREQ=MONTHLY;BYMONTHDAY=1"}
    answer = await book.person.ledger.CreateTemplate(
        ledger_templates_pb2.CreateTemplateRequest(
            request_id=new_id(),
            book_id=book.id,
            name="Rent",
            draft=TransactionDraft(**draft | fields.pop("draft", {})),
            schedule=ledger_templates_pb2.Schedule(**schedule | fields.pop("schedule", {})),
            mode=ledger_templates_pb2.TemplateMode.TEMPLATE_MODE_REMIND,
            **fields,
        )
    )
    made: ledger_templates_pb2.Template = answer.template
    return made
