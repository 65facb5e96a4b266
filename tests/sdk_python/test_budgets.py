"""Does a copy of a book show beforehand what the real server will make of budgets, their items, and the money in them?"""

import asyncio
from datetime import date
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message

from people import BookOf
from sdk_python.devices import Device, end
from sdk_python.vectors import name_of as name_of_case
from sdk_python.vectors import read_vectors
from tallystick.budgets.moves.rules import find_own_period
from tallystick.v1 import budget_pb2 as server_budget_pb2
from tallystick_client import new_id
from tallystick_client.offline import OfflineBook
from tallystick_client.offline.applying_budgets import BUDGET_RULES
from tallystick_client.offline.applying_items import ITEM_RULES
from tallystick_client.offline.applying_merging import MERGE_RULES
from tallystick_client.offline.applying_moves import MOVE_RULES
from tallystick_client.offline.budget_periods import period_of
from tallystick_client.offline.commands import name_of
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.v1 import (
    budget_items_pb2,
    budget_moves_pb2,
    budget_pb2,
    ledger_categories_pb2,
    ledger_labels_pb2,
    ledger_rules_pb2,
    ledger_service_pb2,
    ledger_templates_pb2,
)
from tallystick_client.v1.budget_items_pb2 import BudgetItem
from tallystick_client.v1.budget_moves_pb2 import BudgetMove
from tallystick_client.v1.budget_pb2 import Budget
from tallystick_client.v1.ledger_books_pb2 import UpdateBookRequest
from tallystick_client.v1.ledger_labels_pb2 import Payee
from tallystick_client.v1.ledger_pb2 import Category, Transaction, Weekday
from tallystick_client.v1.ledger_rules_pb2 import Rule
from tallystick_client.v1.ledger_templates_pb2 import Template
from tallystick_client.v1.money_pb2 import Money

# Messages within messages are written as dictionaries here, which types do not allow.
budgets: Any = budget_pb2
items: Any = budget_items_pb2
moves: Any = budget_moves_pb2
labels: Any = ledger_labels_pb2
rules: Any = ledger_rules_pb2
service: Any = ledger_service_pb2
templates: Any = ledger_templates_pb2
categories: Any = ledger_categories_pb2

KINDS: tuple[type[Any], ...] = (Budget, BudgetItem, BudgetMove, Category, Payee, Rule, Template, Transaction)
LIMIT, ENVELOPE = 1, 2
SUNDAY = Weekday.WEEKDAY_SUNDAY
MONTHLY = {"months": {"months": 1}}
FROM_2026: dict[str, Any] = {"name": "Plan", "mode": LIMIT, "periods": MONTHLY, "starts_on": "2026-01-01"}
ALL: dict[str, Any] = {"update_mask": {"paths": ["*"]}}


def eur(minor: int, currency: str = "EUR") -> Money:
    return Money(currency=currency, minor=minor)


def look(book: OfflineBook) -> dict[str, Message]:
    """All that is shown, but for what only the server knows."""
    shown: dict[str, Message] = {}
    for kind in KINDS:
        for each in book.list(kind):
            each.version = 0
            for name in ("created_at", "next_on"):
                if name in each.DESCRIPTOR.fields_by_name:
                    each.ClearField(name)
            shown[f"{kind.DESCRIPTOR.name} {each.id}"] = each
    return shown


class Made:
    """An id for each name, so that commands can be about the same thing."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def __getattr__(self, name: str) -> str:
        return self._ids.setdefault(name, new_id())


def spans(*days: str) -> dict[str, Any]:
    listed = [{"from_on": first, "until_on": last} for first, last in zip(days[::2], days[1::2], strict=True)]
    return {"listed": {"spans": listed}}


def of_budgets(made: Made) -> list[Message]:
    create, update = budgets.CreateBudgetRequest, budgets.UpdateBudgetRequest
    kept = {"surplus": True, "deficit": True, "surplus_max": eur(5000)}
    return [
        # What it leaves to the book is the book's.
        UpdateBookRequest(first_day_of_week=SUNDAY, first_day_of_month=15, time_zone="Pacific/Kiritimati"),
        create(budget_id=made.today.upper(), name=" Today ", mode=LIMIT, periods={"weeks": {"weeks": 2}}),
        create(budget_id=made.months, **FROM_2026 | {"thresholds_bp": [10000, 8000], "rollover": kept}),
        create(
            budget_id=made.quarters, **FROM_2026 | {"periods": {"months": {"months": 3, "anchor_on": "2025-12-31"}}}
        ),
        create(
            budget_id=made.weeks,
            **FROM_2026 | {"periods": {"weeks": {"weeks": 4, "first_day": SUNDAY}}, "currency": "CHF"},
        ),
        create(
            budget_id=made.trips,
            name="Trips",
            mode=LIMIT,
            periods=spans("2026-07-01", "2026-07-14", "2026-02-01", "2026-02-08"),
            template=True,
        ),
        create(budget_id=made.jars, **FROM_2026 | {"mode": ENVELOPE, "opening": eur(-100)}),
        create(budget_id=made.camps, **FROM_2026 | {"mode": ENVELOPE, "periods": spans("2026-02-01", "2026-02-08")}),
        update(budget_id=made.months, name="By the month", thresholds_bp=[9000, 5000, 7000]),
        update(budget_id=made.months, name="All", periods=MONTHLY, starts_on="2026-01-01", **ALL),
        update(budget_id=made.months, update_mask={"paths": ["starts_on"]}),
        update(
            budget_id=made.months, starts_on="2026-02-28", periods={"months": {"months": 2, "anchor_on": "2024-02-29"}}
        ),
        update(budget_id=made.jars, opening=eur(2500)),
        budgets.DeleteBudgetRequest(budget_id=made.weeks),
        budgets.RestoreBudgetRequest(budget_id=made.weeks),
        budgets.RestoreBudgetRequest(budget_id=made.weeks),
        budgets.DeleteBudgetRequest(budget_id=made.quarters),
    ]


def of_items(made: Made, home: BookOf) -> list[Message]:
    create, update = items.CreateBudgetItemRequest, items.UpdateBudgetItemRequest
    limits = [{"from_on": "2026-03-01", "amount": eur(30)}, {"amount": eur(0)}]
    food = home.spending_id
    return [
        service.CreateCategoryRequest(category_id=made.treats, name="Treats", kind=1, parent_id=food),
        service.CreateCategoryRequest(category_id=made.old, name="Old", kind=1),
        labels.CreatePayeeRequest(payee_id=made.baker, name="Baker"),
        labels.CreateTagRequest(tag_id=made.trip, name="Trip"),
        create(
            budget_id=made.months.upper(),
            item_id=made.food,
            name=" Food ",
            category_ids=[made.treats.upper(), food, made.old],
            tag_ids=[made.trip],
            payee_ids=[made.baker],
            account_ids=[home.account_id.upper()],
            limits=limits,
            thresholds_bp=[2, 1],
            rollover={"surplus": True},
            position=3,
        ),
        update(budget_id=made.months, item_id=made.food, name="Eating", without_children=True),
        labels.DeleteTagRequest(tag_id=made.trip),
        # What was named before may be gone.
        update(budget_id=made.months, item_id=made.food, limits=limits[:1], position=1),
        update(budget_id=made.months, item_id=made.food, update_mask={"paths": ["rollover", "payee_ids", "limits"]}),
        items.DeleteBudgetItemRequest(budget_id=made.months, item_id=made.food),
        ledger_categories_pb2.DeleteCategoryRequest(category_id=made.old),
        items.RestoreBudgetItemRequest(budget_id=made.months, item_id=made.food),
        items.RestoreBudgetItemRequest(budget_id=made.months, item_id=made.food),
        create(budget_id=made.trips, item_id=made.fun, name="Fun", category_ids=[made.treats], limits=limits),
        create(budget_id=made.trips, item_id=made.cash_only, name="Cash", account_ids=[home.account_id]),
        create(budget_id=made.jars, item_id=made.a, name="a", category_ids=[food]),
        create(budget_id=made.jars, item_id=made.b, name="b", category_ids=[food]),
        create(budget_id=made.camps, item_id=made.tent, name="Tent", category_ids=[made.treats]),
        budgets.CopyBudgetRequest(
            budget_id=made.trips,
            new_budget_id=made.next_trips,
            name=" Trips again ",
            periods=spans("2027-07-01", "2027-07-14"),
        ),
        budgets.CopyBudgetRequest(budget_id=made.jars.upper(), new_budget_id=made.jars_again.upper(), template=True),
    ]


def of_moves(made: Made) -> list[Message]:
    assign, move = moves.AssignMoneyRequest, moves.MoveMoneyRequest
    jars: dict[str, Any] = {"budget_id": made.jars}
    return [
        assign(move_id=made.one, item_id=made.a, amount=eur(1000), on="2026-01-31", **jars),
        assign(move_id=made.two, item_id=made.b.upper(), amount=eur(-300), on="2026-01-01", **jars),
        assign(item_id=made.a, amount=eur(1), **jars),
        move(from_item_id=made.a, to_item_id=made.b, amount=eur(250), on="2026-01-15", **jars),
        moves.CopyForwardRequest(from_on="2026-01-15", to_on="2026-03-02", **jars),
        moves.CopyForwardRequest(from_on="2026-01-01", to_on="2026-03-31", **jars),
        assign(item_id=made.b, amount=eur(7), on="2026-03-01", **jars),
        moves.CopyForwardRequest(from_on="2026-01-01", to_on="2026-03-31", **jars),
        assign(budget_id=made.camps, item_id=made.tent, amount=eur(5), on="2026-02-08"),
    ]


def of_merging(made: Made, home: BookOf) -> list[Message]:
    """Everything that can have a category has the one that goes."""
    food, usual = home.spending_id, {"account_id": home.account_id, "amount": eur(1000), "booked_on": "2026-02-03"}
    draft = {"kind": 1, "account_id": home.account_id, "amount": eur(5), "category_id": made.treats}
    parts = [{"amount": eur(999), "category_id": made.treats}, {"amount": eur(1), "category_id": food}]
    return [
        service.CreateCategoryRequest(category_id=made.below, name="Below", kind=1, parent_id=made.treats),
        service.CreateTransactionRequest(transaction_id=new_id(), kind=1, category_id=made.treats, **usual),
        service.CreateTransactionRequest(transaction_id=new_id(), kind=1, splits=parts, **usual),
        labels.CreatePayeeRequest(payee_id=new_id(), name="Sweet", default_category_id=made.treats),
        rules.CreateRuleRequest(
            rule_id=new_id(), name="Sweet", when={"payee_contains": "s"}, then={"category_id": made.treats}
        ),
        templates.CreateTemplateRequest(
            template_id=new_id(),
            name="Sweet",
            draft=draft,
            schedule={"starts_on": "2030-01-01", "rule": "FREQ=MONTHLY"},
            mode=2,
        ),
        categories.MergeCategoriesRequest(category_id=made.treats.upper(), into_category_id=food),
        categories.MergeCategoriesRequest(category_id=made.below, into_category_id=food),
    ]


def refused(made: Made, home: BookOf) -> list[Message]:
    """What a device can tell beforehand."""
    create, update = budgets.CreateBudgetRequest, budgets.UpdateBudgetRequest
    item, assign, move = items.CreateBudgetItemRequest, moves.AssignMoneyRequest, moves.MoveMoneyRequest
    named: dict[str, Any] = {"name": "x", "category_ids": [home.spending_id]}
    jars: dict[str, Any] = {"budget_id": made.jars, "on": "2026-01-01"}
    return [
        create(**FROM_2026 | {"starts_on": "2026-02-30"}),
        create(**FROM_2026 | {"name": " "}),
        create(**FROM_2026 | {"opening": eur(1)}),
        create(**FROM_2026 | {"mode": ENVELOPE, "opening": eur(1, "CHF")}),
        create(**FROM_2026 | {"rollover": {"surplus_max": eur(1)}}),
        create(**FROM_2026 | {"rollover": {"surplus": True, "surplus_max": eur(0)}}),
        create(**FROM_2026 | {"periods": {"months": {"months": 1, "anchor_on": "2026-00-01"}}}),
        create(**FROM_2026 | {"starts_on": "9999-12-31"}),
        create(**FROM_2026 | {"periods": spans("2026-02-01", "2026-01-01")}),
        create(**FROM_2026 | {"periods": spans("2026-01-01", "2026-02-01", "2026-02-01", "2026-02-02")}),
        create(**FROM_2026 | {"periods": spans("2025-01-01", "2025-12-31")}),
        update(budget_id=made.months, update_mask={"paths": ["mode"]}),
        update(budget_id=made.months, update_mask={"paths": ["periods"]}),
        update(budget_id=made.quarters, name="It is gone"),
        budgets.CopyBudgetRequest(budget_id=made.months, starts_on="2026-13-01"),
        budgets.CopyBudgetRequest(budget_id=made.quarters),
        item(budget_id=made.weeks, name="nothing"),
        item(budget_id=made.camps, **named | {"category_ids": [home.earning_id]}),
        item(budget_id=made.today, **named | {"account_ids": [made.own]}),
        items.UpdateBudgetItemRequest(budget_id=made.next_trips, item_id=made.a, name="of another budget"),
        assign(item_id=made.a, amount=eur(0), **jars),
        move(from_item_id=made.a, to_item_id=made.a, amount=eur(1), **jars),
        assign(budget_id=made.trips, item_id=made.fun, amount=eur(1)),
        assign(budget_id=made.months, item_id=made.food, amount=eur(1)),
        assign(item_id=made.a, amount=eur(1, "CHF"), **jars),
        # Before the first period, in a gap, and too far away.
        assign(item_id=made.a, amount=eur(1), **jars | {"on": "2025-12-14"}),
        assign(budget_id=made.camps, item_id=made.tent, amount=eur(5), on="2026-02-09"),
        assign(item_id=made.a, amount=eur(1), **jars | {"on": "2126-01-01"}),
        moves.CopyForwardRequest(budget_id=made.jars, from_on="2026-01-01", to_on="2026-01-02"),
        moves.CopyForwardRequest(budget_id=made.camps, from_on="2026-02-01", to_on="2025-12-31"),
        categories.MergeCategoriesRequest(category_id=home.spending_id, into_category_id=made.treats),
        categories.MergeCategoriesRequest(category_id=made.treats, into_category_id=home.earning_id),
    ]


@pytest.mark.parametrize("case", read_vectors("budgets")["periods"], ids=name_of_case)
def test_periods(case: Any) -> None:
    written = {"periods": case["periods"], "startsOn": case["startsOn"]}
    budget, on_server = ParseDict(written, Budget()), ParseDict(written, server_budget_pb2.Budget())
    for day, span in case["days"].items():
        there = find_own_period(on_server, date.fromisoformat(day))
        assert (there and [there.from_on.isoformat(), there.until_on.isoformat()]) == span, day
        if span is None:
            with pytest.raises(CannotApply):
                period_of(budget, day)
        else:
            assert [each.isoformat() for each in period_of(budget, day)[1:]] == span, day


async def make_own_account(home: BookOf, made: Made) -> None:
    fields: dict[str, Any] = {"account_id": made.own, "name": "Mine", "type": 1, "currency": "EUR", "private": True}
    await home.person.ledger.CreateAccount(service.CreateAccountRequest(request_id=new_id(), book_id=home.id, **fields))


@pytest.mark.parametrize("at_once", [True, False], ids=["all at once", "one after the other"])
async def test_what_is_shown_is_what_comes(phone: Device, home: BookOf, at_once: bool) -> None:
    book, made = phone.book, Made()
    await make_own_account(home, made)

    def compare(what: str) -> None:
        before = look(book)
        phone.sync()
        assert book.waiting == 0
        assert look(book) == before, what

    def story() -> None:
        phone.sync()
        done = [*of_budgets(made), *of_items(made, home), *of_moves(made), *of_merging(made, home)]
        assert {
            name_of(each) for each in done
        } >= BUDGET_RULES.keys() | ITEM_RULES.keys() | MOVE_RULES.keys() | MERGE_RULES.keys()
        for command in done:
            book.do(command)
            if not at_once:
                compare(name_of(command))
        compare("all")
        assert book.tray() == []
        end(phone)

    await asyncio.to_thread(story)


async def test_what_can_be_told_to_be_wrong_is_not_shown(phone: Device, home: BookOf) -> None:
    book, made = phone.book, Made()
    await make_own_account(home, made)

    def story() -> None:
        phone.sync()
        for command in [*of_budgets(made), *of_items(made, home), *of_moves(made)]:
            book.do(command)
        phone.sync()
        before = look(book)
        for command in refused(made, home):
            book.do(command)
            assert look(book) == before, command
            phone.sync()
            assert len(book.tray()) == 1, command
            assert book.tray()[0].rejection is not None
            book.discard(book.tray()[0].request_id)
        assert look(book) == before

    await asyncio.to_thread(story)
