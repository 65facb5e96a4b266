"""Does a copy show beforehand what the real server will make of every kind of command?"""

import asyncio
import random
from typing import Any

import pytest
from google.protobuf.message import Message

from people import BookOf
from sdk_python.devices import Device
from sdk_python.dice import SIDES, Things, throw
from tallystick_client import new_id
from tallystick_client.offline import OfflineBook, Verdict
from tallystick_client.offline.applying import _RULES
from tallystick_client.offline.applying_budgets import BUDGET_RULES
from tallystick_client.offline.applying_expenses import EXPENSE_RULES
from tallystick_client.offline.applying_files import FILE_RULES
from tallystick_client.offline.applying_groups import GROUP_RULES
from tallystick_client.offline.applying_home import HOME_RULES
from tallystick_client.offline.applying_items import ITEM_RULES
from tallystick_client.offline.applying_merging import MERGE_RULES
from tallystick_client.offline.applying_moves import MOVE_RULES
from tallystick_client.offline.applying_notifications import NOTIFICATION_RULES
from tallystick_client.offline.applying_settlements import SETTLEMENT_RULES
from tallystick_client.offline.applying_webhooks import WEBHOOK_RULES
from tallystick_client.offline.commands import name_of
from tallystick_client.v1 import (
    ledger_accounts_pb2,
    ledger_books_pb2,
    ledger_categories_pb2,
    ledger_labels_pb2,
    ledger_rules_pb2,
    ledger_service_pb2,
    ledger_templates_pb2,
    ledger_transactions_pb2,
)
from tallystick_client.v1.ledger_pb2 import Account, Book, Category, Transaction
from tallystick_client.v1.money_pb2 import Money

# Messages within messages are written as dictionaries here, which types do not allow.
accounts: Any = ledger_accounts_pb2
books: Any = ledger_books_pb2
categories: Any = ledger_categories_pb2
labels: Any = ledger_labels_pb2
rules: Any = ledger_rules_pb2
service: Any = ledger_service_pb2
templates: Any = ledger_templates_pb2
transactions: Any = ledger_transactions_pb2

KINDS: tuple[type[Any], ...] = (
    Book,
    Account,
    Category,
    labels.Payee,
    labels.PaymentMethod,
    labels.Tag,
    rules.Rule,
    templates.Template,
    Transaction,
)
# What only the server can know beforehand.
SERVERS_OWN = {
    "template": ("next_on", "handled_until", "handled_ahead", "posted_count"),
    "account": ("opening_transaction_id",),
}
EXPENSE, INCOME, TRANSFER, REFUND = 1, 2, 3, 4


def eur(minor: int) -> Money:
    return Money(currency="EUR", minor=minor)


def ids(*names: str) -> dict[str, str]:
    return {name: new_id() for name in names}


def look(book: OfflineBook) -> dict[str, Message]:
    """All that is shown, but for what only the server knows. An opening balance is known by its account."""
    shown: dict[str, Message] = {}
    for kind in KINDS:
        for each in book.list(kind):
            each.version = 0
            each.ClearField("created_at")
            for name in SERVERS_OWN.get(kind.DESCRIPTOR.name.lower(), ()):
                each.ClearField(name)
            if kind is Transaction and each.kind == 5:
                each.id = f"opening of {each.entries[0].account_id}"
            shown[each.id] = each
    return shown


def of_labels(made: dict[str, str]) -> list[Message]:
    category_id, tag, tag_2 = made["category"], made["tag"], made["tag_2"]
    return [
        labels.CreatePayeeRequest(payee_id=made["payee"], name="  Bakery ", default_category_id=category_id.upper()),
        labels.UpdatePayeeRequest(payee_id=made["payee"], update_mask={"paths": ["default_category_id"]}),
        labels.CreatePaymentMethodRequest(payment_method_id=made["method"], name="Card", icon="card"),
        labels.UpdatePaymentMethodRequest(payment_method_id=made["method"], name=" Debit "),
        labels.CreateTagRequest(tag_id=tag, name="trip", color="#102030"),
        labels.UpdateTagRequest(tag_id=tag, name="journey", color="", update_mask={"paths": ["*"]}),
        labels.CreateTagRequest(tag_id=tag_2, name="gone"),
        labels.DeleteTagRequest(tag_id=tag_2),
        labels.CreatePayeeRequest(payee_id=made["payee_2"], name="Gone"),
        labels.DeletePayeeRequest(payee_id=made["payee_2"]),
        labels.RestorePayeeRequest(payee_id=made["payee_2"]),
        labels.DeletePaymentMethodRequest(payment_method_id=made["method"]),
        labels.RestorePaymentMethodRequest(payment_method_id=made["method"]),
        labels.DeleteTagRequest(tag_id=tag),
        labels.RestoreTagRequest(tag_id=tag),
    ]


def of_categories(made: dict[str, str]) -> list[Message]:
    category_id, below = made["category"], made["below"]
    return [
        books.UpdateBookRequest(
            name="Household", first_day_of_week=7, first_day_of_month=15, time_zone="Europe/Zurich"
        ),
        service.CreateCategoryRequest(category_id=category_id, name="Food", kind=1, position=4, icon="bread"),
        service.CreateCategoryRequest(category_id=below.upper(), name="Bread", kind=1, parent_id=category_id),
        service.CreateCategoryRequest(category_id=made["other"], name="Other", kind=1),
        categories.UpdateCategoryRequest(category_id=below, name="Rolls", archived=True),
        categories.UpdateCategoryRequest(category_id=below, update_mask={"paths": ["archived"]}),
        categories.ReorderCategoriesRequest(category_ids=[made["other"], category_id]),
        categories.DeleteCategoryRequest(category_id=below),
        categories.RestoreCategoryRequest(category_id=below),
        # It has been made to be part of what cannot be: the server refuses, the copy shows nothing.
        categories.UpdateCategoryRequest(category_id=category_id, parent_id=below),
    ]


def of_accounts(made: dict[str, str]) -> list[Message]:
    return [
        service.CreateAccountRequest(account_id=made["bank"], name="Bank", type=2, currency="EUR", note="n"),
        service.CreateAccountRequest(account_id=made["yen"], name="Yen", type=2, currency="JPY", color="#010203"),
        service.CreateAccountRequest(account_id=made["own"], name="Mine", type=1, currency="EUR", private=True),
        service.CreateAccountRequest(
            account_id=made["safe"],
            name="Safe",
            type=3,
            currency="EUR",
            opening_balance=eur(-500),
            opening_on="2026-01-01",
        ),
        accounts.UpdateAccountRequest(account_id=made["bank"], name="The bank", position=3, private=True),
        accounts.UpdateAccountRequest(account_id=made["bank"], update_mask={"paths": ["private", "note"]}),
        accounts.CloseAccountRequest(account_id=made["safe"], closed_on="2026-02-02"),
        accounts.ReopenAccountRequest(account_id=made["safe"]),
        accounts.CloseAccountRequest(account_id=made["yen"], closed_on="2030-01-01"),
        accounts.DeleteAccountRequest(account_id=made["safe"]),
        accounts.RestoreAccountRequest(account_id=made["safe"]),
    ]


def of_transactions(made: dict[str, str], home: BookOf) -> list[Message]:
    usual: dict[str, Any] = {"booked_on": "2026-02-03", "account_id": home.account_id}
    one, two, three = made["one"], made["two"], made["three"]
    spent: dict[str, Any] = usual | {"kind": EXPENSE, "amount": eur(1000)}
    labelled = {"tag_ids": [made["tag"]], "payee_id": made["payee"], "payment_method_id": made["method"]}
    parts = [{"amount": eur(700), "category_id": made["category"]}, {"amount": eur(300), "note": "soap"}]
    create, update = service.CreateTransactionRequest, transactions.UpdateTransactionRequest
    return [
        create(transaction_id=one, category_id=made["category"], **spent | labelled),
        create(transaction_id=two, splits=parts, status=1, **spent),
        create(transaction_id=three, **spent | {"kind": TRANSFER, "to_account_id": made["bank"], "import_key": "k"}),
        create(transaction_id=made["gained"], **spent | {"kind": INCOME, "category_id": home.earning_id}),
        create(transaction_id=made["refund"], **spent | {"kind": REFUND, "refund_of_id": one, "amount": eur(10)}),
        create(transaction_id=made["own_1"], **spent | {"account_id": made["own"]}),
        create(
            transaction_id=made["far"],
            **spent | {"kind": TRANSFER, "to_account_id": made["yen"], "to_amount": Money(currency="JPY", minor=1617)},
        ),
        update(transaction_id=one, change={"amount": eur(1100), "note": "rye", "payee": "Bakery"}),
        update(transaction_id=one, update_mask={"paths": ["tag_ids", "category_id"]}),
        update(transaction_id=two, split_changes=[{"line": 1, "category_id": made["other"]}]),
        update(transaction_id=two, change={"splits": [{"amount": eur(1000), "line": 1}]}),
        update(
            transaction_id=two, change={"splits": [{"amount": eur(999), "line": 1}, {"amount": eur(1)}], "status": 2}
        ),
        update(transaction_id=three, change={"kind": EXPENSE, "booked_on": "2026-02-04"}),
        update(transaction_id=made["gained"], change={"account_id": made["bank"]}),
        transactions.DeleteTransactionRequest(transaction_id=three),
        transactions.RestoreTransactionRequest(transaction_id=three),
        transactions.BatchCreateTransactionsRequest(
            transactions=[spent | {"transaction_id": made["batch_1"]}, spent | {"transaction_id": made["batch_2"]}]
        ),
        transactions.BatchUpdateTransactionsRequest(
            updates=[
                {"transaction_id": made["batch_1"], "change": {"note": "first"}},
                {"transaction_id": made["batch_2"], "change": {"amount": eur(5)}},
            ]
        ),
        transactions.BatchDeleteTransactionsRequest(transaction_ids=[made["batch_1"]]),
        # Refused by both.
        create(transaction_id=new_id(), **spent | {"splits": [{"amount": eur(1)}]}),
        transactions.BatchDeleteTransactionsRequest(transaction_ids=[made["batch_2"], new_id()]),
    ]


def of_rules(made: dict[str, str], home: BookOf) -> list[Message]:
    when, then = (
        {"payee_contains": "bak"},
        {"category_id": home.spending_id, "tag_ids": [made["tag"], made["tag"].upper()]},
    )
    draft = {"kind": EXPENSE, "account_id": home.account_id.upper(), "amount": eur(5), "category_id": home.spending_id}
    schedule = {"starts_on": "2030-01-01", "rule": "FREQ=MONTHLY"}
    return [
        rules.CreateRuleRequest(rule_id=made["rule"], name="Bread", when=when, then={"category_id": home.spending_id}),
        rules.CreateRuleRequest(
            rule_id=made["rule_2"], name="Second", when=when, then=then | {"tag_ids": [made["tag"]]}
        ),
        rules.UpdateRuleRequest(rule_id=made["rule"], disabled=True, when={"text_contains": "rye"}),
        rules.ReorderRulesRequest(rule_ids=[made["rule_2"], made["rule"]]),
        rules.DeleteRuleRequest(rule_id=made["rule"]),
        rules.RestoreRuleRequest(rule_id=made["rule"]),
        templates.CreateTemplateRequest(template_id=made["rent"], name="Rent", draft=draft, schedule=schedule, mode=2),
        templates.UpdateTemplateRequest(template_id=made["rent"], name="The rent", paused=True),
        templates.DeleteTemplateRequest(template_id=made["rent"]),
        templates.RestoreTemplateRequest(template_id=made["rent"]),
    ]


@pytest.mark.parametrize("at_once", [True, False], ids=["all at once", "one after the other"])
async def test_the_copy_shows_what_comes(phone: Device, home: BookOf, at_once: bool) -> None:
    made = ids(
        *("category", "below", "other", "payee", "payee_2", "method", "tag", "tag_2", "bank", "yen", "own", "safe"),
        *("one", "two", "three", "gained", "refund", "own_1", "far", "batch_1", "batch_2", "rule", "rule_2", "rent"),
    )
    commands = [
        *of_categories(made),
        *of_labels(made),
        *of_accounts(made),
        *of_transactions(made, home),
        *of_rules(made, home),
    ]
    others = (
        *(EXPENSE_RULES, GROUP_RULES, SETTLEMENT_RULES, HOME_RULES, NOTIFICATION_RULES),
        *(BUDGET_RULES, ITEM_RULES, MOVE_RULES, MERGE_RULES, WEBHOOK_RULES, FILE_RULES),
    )
    elsewhere = {name for rules_there in others for name in rules_there}
    assert {name_of(command) for command in commands} == _RULES.keys() - elsewhere - {"resolve_conflict"}

    def story() -> None:
        phone.sync()
        # One push of all, or a push for each: every effect is then the base of the next.
        for command in commands:
            phone.book.do(command)
            if not at_once:
                compare(name_of(command))
        compare("all")
        assert phone.book.verify(phone.client) is Verdict.SAME
        assert len(phone.book.tray()) == 3, phone.book.tray()

    def compare(what: str) -> None:
        before, held = look(phone.book), phone.book.balances()
        phone.sync()
        assert phone.book.waiting == 0
        after = look(phone.book)
        assert before.keys() == after.keys(), what
        for entity_id, shown in before.items():
            assert shown == after[entity_id], what
        assert held == phone.book.balances()

    await asyncio.to_thread(story)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_thrown_looks_like_what_comes(phone: Device, home: BookOf, seed: int) -> None:
    """Also of what the server refuses: the copy has shown no effect of it."""
    chance, bank = random.Random(seed), new_id()
    things = Things(
        home.account_id, bank, home.spending_id, *(tuple(new_id() for _ in range(count)) for count in (4, 3))
    )

    def story() -> None:
        phone.sync()
        phone.book.do(service.CreateAccountRequest(account_id=bank, name="Bank", type=2, currency="EUR"))
        for number in range(12):
            for _ in range(chance.randint(1, 8)):
                phone.book.do(throw(things, chance.randrange(SIDES), chance.randrange(12), chance.randint(1, 9)))
            shown, held = look(phone.book), phone.book.balances()
            phone.sync()
            assert look(phone.book) == shown, number
            assert phone.book.balances() == held, number
        assert phone.book.verify(phone.client) is Verdict.SAME

    await asyncio.to_thread(story)
