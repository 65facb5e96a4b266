"""What does a book look like in which everything has happened? Every kind of entity, transaction and change, written through the calls."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from files.desk import bring
from imports.desk import Desk, statement
from meeting import make_conflict
from people import BookOf, new_id
from rpc.budgets.planning import make_envelopes
from rpc.webhook_cases import make_hook
from tallystick_client.v1 import (
    ledger_accounts_pb2,
    ledger_labels_pb2,
    ledger_pb2,
    ledger_rates_pb2,
    ledger_rules_pb2,
    ledger_service_pb2,
    ledger_templates_pb2,
    ledger_transactions_pb2,
    money_pb2,
)

KINDS = ledger_pb2.TransactionKind
EXPENSE, INCOME = KINDS.TRANSACTION_KIND_EXPENSE, KINDS.TRANSACTION_KIND_INCOME
TRANSFER, REFUND = KINDS.TRANSACTION_KIND_TRANSFER, KINDS.TRANSACTION_KIND_REFUND


def eur(minor: int) -> money_pb2.Money:
    return money_pb2.Money(currency="EUR", minor=minor)


@dataclass
class WholeBook:
    """The ids of what is in it."""

    book: BookOf
    dice: Random
    savings_id: str = ""
    dollars_id: str = ""
    private_id: str = ""
    payee_id: str = ""
    method_id: str = ""
    tag_ids: list[str] = field(default_factory=list)
    expense_ids: list[str] = field(default_factory=list)
    transfer_ids: list[str] = field(default_factory=list)

    async def call(self, rpc: str, module: Any, **fields: Any) -> Any:
        request = getattr(module, f"{rpc}Request")(request_id=new_id(), book_id=self.book.id, **fields)
        return await getattr(self.book.person.ledger, rpc)(request)

    async def record(self, **fields: Any) -> str:
        made = await self.call("CreateTransaction", ledger_service_pb2, **fields)
        return str(made.transaction.id)

    async def account(self, name: str, currency: str, **fields: Any) -> str:
        made = await self.call(
            "CreateAccount",
            ledger_service_pb2,
            name=name,
            currency=currency,
            type=ledger_pb2.AccountType.ACCOUNT_TYPE_CHECKING,
            **fields,
        )
        return str(made.account.id)

    async def update(self, transaction_id: str, *paths: str, **change: Any) -> None:
        await self.call(
            "UpdateTransaction",
            ledger_transactions_pb2,
            transaction_id=transaction_id,
            update_mask=FieldMask(paths=paths),
            change=ledger_pb2.TransactionDraft(**change),
        )

    async def delete(self, transaction_id: str) -> None:
        await self.call("DeleteTransaction", ledger_transactions_pb2, transaction_id=transaction_id)

    def day(self) -> str:
        return f"2026-{self.dice.randint(1, 6):02}-{self.dice.randint(1, 28):02}"

    def spending(self, minor: int = 0, **other: Any) -> dict[str, Any]:
        return {
            "kind": EXPENSE,
            "account_id": self.book.account_id,
            "category_id": self.book.spending_id,
            "amount": eur(minor or self.dice.randint(1, 99_999)),
            "booked_on": self.day(),
            "payee": self.dice.choice(["Bakery", "Zoë's", "Straßenbahn", ""]),
        } | other

    def splits(self, *minors: int) -> list[ledger_pb2.Split]:
        return [ledger_pb2.Split(category_id=self.book.spending_id, amount=eur(minor), note="part") for minor in minors]


async def make_whole_book(book: BookOf, *, seed: int = 1) -> WholeBook:
    whole = WholeBook(book, Random(seed))
    await _make_nouns(whole)
    await _make_transactions(whole)
    await _change_transactions(whole)
    await make_conflict(book)
    await _make_plans(book)
    await make_hook(book)
    await _bring_files(whole)
    return whole


async def _make_nouns(whole: WholeBook) -> None:
    whole.savings_id = await whole.account("Savings", "EUR", opening_balance=eur(100_000), opening_on="2026-01-01")
    whole.dollars_id = await whole.account("Dollars", "USD")
    whole.private_id = await whole.account("Mine", "EUR", private=True)
    spending = whole.book.spending_id
    payee = await whole.call("CreatePayee", ledger_labels_pb2, name="Bakery", default_category_id=spending)
    method = await whole.call("CreatePaymentMethod", ledger_labels_pb2, name="Card")
    tags = [await whole.call("CreateTag", ledger_labels_pb2, name=name) for name in ("holiday", "work")]
    whole.payee_id, whole.method_id = payee.payee.id, method.payment_method.id
    whole.tag_ids = [tag.tag.id for tag in tags]
    await whole.call("SetRate", ledger_rates_pb2, base="EUR", quote="USD", on="2026-01-05", rate="1.08")
    await whole.call(
        "CreateRule",
        ledger_rules_pb2,
        name="bread",
        when=ledger_rules_pb2.RuleCondition(payee_contains="bakery"),
        then=ledger_rules_pb2.RuleOutcome(category_id=spending, tag_ids=whole.tag_ids[:1]),
    )
    draft = ledger_pb2.TransactionDraft(**whole.spending(4_500) | {"booked_on": ""})
    schedule = ledger_templates_pb2.Schedule(starts_on="2099-01-31", rule="FREQ=MONTHLY;BYMONTHDAY=31")
    mode = ledger_templates_pb2.TemplateMode.TEMPLATE_MODE_REMIND
    await whole.call("CreateTemplate", ledger_templates_pb2, name="rent", draft=draft, schedule=schedule, mode=mode)


async def _make_plans(book: BookOf) -> None:
    planning = await make_envelopes(book)
    food, fun = await planning.item("Food"), await planning.item("Fun")
    await planning.assign(food, 5_000, "2026-02-03")
    await planning.move(food, fun, 1_000, "2026-02-03")


async def _make_transactions(whole: WholeBook) -> None:
    book = whole.book
    named = {"payee_id": whole.payee_id, "payment_method_id": whole.method_id, "tag_ids": whole.tag_ids}
    receipt = await bring(book.person, book.id, b"receipt")
    await whole.record(**whole.spending(), attachment_ids=[receipt.id])
    for number in range(8):
        whole.expense_ids.append(await whole.record(**whole.spending(), **named if number % 2 else {}))
    split = whole.spending(600, category_id="", splits=whole.splits(100, 200, 300), import_key="bank-1")
    whole.expense_ids.append(await whole.record(**split))
    pending = ledger_pb2.TransactionStatus.TRANSACTION_STATUS_PENDING
    whole.expense_ids.append(await whole.record(**whole.spending(status=pending)))
    await whole.record(**whole.spending(kind=INCOME, category_id=book.earning_id))
    await whole.record(**whole.spending(account_id=whole.private_id))
    await whole.record(**whole.spending(account_id=whole.dollars_id, amount=money_pb2.Money(currency="USD", minor=999)))
    original = await whole.record(**whole.spending(5_000))
    await whole.record(**whole.spending(1_000, kind=REFUND, refund_of_id=original))
    moved = whole.spending(kind=TRANSFER, category_id="", to_account_id=whole.savings_id)
    whole.transfer_ids.append(await whole.record(**moved))
    whole.transfer_ids.append(await whole.record(**moved | {"to_account_id": whole.private_id}))
    dollars = money_pb2.Money(currency="USD", minor=5_400)
    whole.transfer_ids.append(
        await whole.record(**moved | {"to_account_id": whole.dollars_id, "to_amount": dollars, "amount": eur(5_000)})
    )


async def _change_transactions(whole: WholeBook) -> None:
    first, second, third, fourth, fifth, *_ = whole.expense_ids
    split = whole.expense_ids[8]
    await whole.update(first, "amount", amount=eur(777))
    await whole.update(first, "booked_on", booked_on="2025-12-31")
    await whole.update(second, "tag_ids", tag_ids=whole.tag_ids[:1])
    await whole.update(split, "splits", "amount", amount=eur(600), splits=whole.splits(250, 350))
    await whole.delete(third)
    await whole.delete(fourth)
    await whole.call("RestoreTransaction", ledger_transactions_pb2, transaction_id=fourth)
    await whole.update(fifth, "account_id", account_id=whole.private_id)
    await whole.call(
        "ReconcileAccount",
        ledger_accounts_pb2,
        account_id=whole.savings_id,
        statement_balance=eur(123_456),
        statement_on="2026-06-30",
        adjust=True,
    )
    empty = await whole.account("Empty", "EUR")
    await whole.call("DeleteAccount", ledger_accounts_pb2, account_id=empty)
    await whole.call(
        "UpdateAccount",
        ledger_accounts_pb2,
        account_id=whole.savings_id,
        name="Rainy days",
        update_mask=FieldMask(paths=["name"]),
    )


async def _bring_files(whole: WholeBook) -> None:
    book = whole.book
    receipt = await bring(book.person, book.id, b"A loaf of bread")
    await bring(book.person, book.id, b"A ring", private=True)
    await whole.record(**whole.spending(attachment_ids=[receipt.id]))
    await Desk(book).take_in(statement("2026-03-01,Bakery,-3.50", "2026-03-02,Employer,2000.00"))
