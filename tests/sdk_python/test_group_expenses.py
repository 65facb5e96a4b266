"""Does a copy of a group share expenses beforehand as the real server will, to the cent?"""

import asyncio
from typing import Any

from circle import Circle, equally, money, paid_by, weighted
from sdk_python.devices import Device
from sdk_python.drafts import INCOME, REFUND, many_drafts
from sdk_python.told import Told, both_ways
from tallystick_client import new_id
from tallystick_client.v1 import group_expenses_pb2
from tallystick_client.v1.group_splits_pb2 import Payer

# Messages within messages are written as dictionaries here, which types do not allow.
expenses: Any = group_expenses_pb2


def bad_drafts(circle: Circle) -> list[Any]:
    one, gus, _ = circle.everybody
    return [
        circle.draft(0),
        circle.draft(1000, booked_on="2026-02-30"),
        circle.draft(1000, payers=[Payer(member_id=one, minor=999)]),
        circle.draft(1000, split=equally(one, one)),
        circle.draft(1000, among=[one, new_id()]),
        circle.draft(1000, split=weighted(**{one: 0, gus: 0})),
        circle.draft(1000, conversion={"amount": money(900)}),
        circle.draft(1000, currency="USD", convert_with="0"),
        circle.draft(1, currency="JPY", convert_with="0.00001"),
        circle.draft(1000, import_key="k"),
        circle.draft(1000, refund_of_id=new_id()),
    ]


@both_ways
async def test_b2_b6_expenses_are_shared_to_the_cent_as_they_will_be(
    tablet: Device, circle: Circle, at_once: bool
) -> None:
    def story() -> None:
        told, drafts = Told(tablet, at_once=at_once), many_drafts(circle)
        told.all(*(expenses.CreateExpenseRequest(expense=each) for each in drafts))
        batch = [each for each in many_drafts(circle) if not each.import_key]
        told.all(expenses.BatchCreateExpensesRequest(expenses=batch))
        bad = bad_drafts(circle)
        told.all(*(expenses.CreateExpenseRequest(expense=each) for each in bad), refused=len(bad))
        # A batch is done wholly, or not at all.
        told.all(expenses.BatchCreateExpensesRequest(expenses=[circle.draft(1), circle.draft(0)]), refused=len(bad) + 1)

    await asyncio.to_thread(story)


def changes_of(circle: Circle, made: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """What becomes of expenses: which, and what the request says beside that."""
    one, gus, hal = circle.everybody
    return [
        ("plain", {"change": {"description": "Lunch", "note": "n"}}),
        ("plain", {"change": {"category": ""}, "update_mask": {"paths": ["category"]}}),
        ("plain", {"change": {"amount": money(1234)}}),
        ("plain", {"change": {"split": equally(gus, hal)}}),
        ("plain", {"change": expenses.ExpenseDraft(), "update_mask": {"paths": ["split"]}}),
        ("plain", {"change": {"payers": paid_by(**{one: 1000, hal: 234})}}),
        ("plain", {"change": {"booked_on": "2026-03-01", "kind": INCOME}}),
        ("plain", {"change": {"amount": money(2000, "USD"), "payers": paid_by(**{one: 2000}), "convert_with": "0.9"}}),
        ("plain", {"change": {"amount": money(2001, "USD")}}),
        ("plain", {"change": {"booked_on": "2026-03-02"}}),
        ("plain", {"change": {"amount": money(3000)}}),
        ("rated", {"change": {"amount": money(500, "USD"), "note": "half"}}),
        ("rated", {"change": expenses.ExpenseDraft(), "update_mask": {"paths": ["conversion"]}}),
        ("agreed", {"change": {"conversion": {"amount": money(450)}}}),
        ("agreed", {"change": {"amount": money(1000), "convert_with": ""}}),
    ]


@both_ways
async def test_b4_b15_b25_expenses_change_as_they_will(tablet: Device, circle: Circle, at_once: bool) -> None:
    made = {name: new_id() for name in ("plain", "rated", "agreed", "refunded")}

    def update(name: str, says: dict[str, Any]) -> Any:
        return expenses.UpdateExpenseRequest(expense_id=made[name].upper(), **says)

    def story() -> None:
        told = Told(tablet, at_once=at_once)
        drafts = [
            circle.draft(1000, expense_id=made["plain"], category="Food"),
            circle.draft(1000, expense_id=made["rated"], currency="USD", convert_with="0.9"),
            circle.draft(1000, expense_id=made["agreed"], currency="USD", conversion={"amount": money(900)}),
            circle.draft(1000, expense_id=made["refunded"]),
            circle.draft(10, kind=REFUND, refund_of_id=made["refunded"]),
        ]
        told.all(*(expenses.CreateExpenseRequest(expense=each) for each in drafts))
        told.all(*(update(name, says) for name, says in changes_of(circle, made)))
        told.all(
            update("refunded", {"change": {"note": "given back in part"}}),
            expenses.DeleteExpenseRequest(expense_id=made["plain"]),
            expenses.RestoreExpenseRequest(expense_id=made["plain"].upper()),
            expenses.RestoreExpenseRequest(expense_id=made["plain"]),
            expenses.DeleteExpenseRequest(expense_id=made["rated"]),
        )
        told.all(update("agreed", {"change": {"amount": money(7, "JPY")}}), refused=0)
        told.all(update("refunded", {"change": {"amount": money(999)}}), refused=1)
        told.all(expenses.DeleteExpenseRequest(expense_id=made["refunded"]), refused=2)
        told.all(update("plain", {"change": {"payers": paid_by(**{circle.owner_id: 1})}}), refused=3)

    await asyncio.to_thread(story)


async def test_b5_refunds_give_back_what_is_left(tablet: Device, circle: Circle) -> None:
    one, gus, hal = circle.everybody
    dinner, trip = new_id(), new_id()

    def refund(minor: int, of: str = dinner, currency: str = "EUR", **other: Any) -> Any:
        fields: dict[str, Any] = {"kind": REFUND, "refund_of_id": of, "booked_on": "2026-02-05"}
        return expenses.CreateExpenseRequest(
            expense=expenses.ExpenseDraft(amount=money(minor, currency), **fields | other)
        )

    def story() -> None:
        told = Told(tablet)
        told.all(
            expenses.CreateExpenseRequest(expense=circle.draft(1000, expense_id=dinner)),
            expenses.CreateExpenseRequest(
                expense=circle.draft(1001, currency="USD", convert_with="0.9", expense_id=trip)
            ),
            refund(100),
            refund(101, of=dinner.upper(), split=equally(*circle.everybody)),
            refund(50, split=equally(gus)),
            refund(7, payers=[Payer(member_id=hal, minor=7)]),
            refund(333, of=trip, currency="USD"),
            refund(333, of=trip, currency="USD", conversion={"amount": money(302)}),
            refund(1001 - 666, of=trip, currency="USD"),
        )
        told.all(refund(900), refused=1)
        told.all(refund(100, of=trip), refused=2)
        told.all(refund(300, split=equally(gus)), refused=3)
        told.all(refund(742), refused=3)

    await asyncio.to_thread(story)
