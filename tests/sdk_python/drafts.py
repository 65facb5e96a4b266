"""In which ways do people write down what they shared?"""

from typing import Any

from circle import Circle, equally, money, paid_by, weighted
from tallystick_client import new_id
from tallystick_client.v1.group_expenses_pb2 import ExpenseDraft

REFUND, INCOME = 2, 3


def many_drafts(circle: Circle) -> list[Any]:
    """Expenses of every kind, each with an id of its own."""
    one, gus, hal = circle.everybody
    lines: list[dict[str, Any]] = [
        {"name": "Pizza", "minor": 1201, "weights": [{"member_id": one, "weight": 2}, {"member_id": gus, "weight": 1}]},
        {"name": "Water", "minor": 300, "weights": [{"member_id": hal, "weight": 1}]},
    ]
    amounts = [{"member_id": one, "minor": 1}, {"member_id": hal, "minor": 999}]
    percents = [{"member_id": one, "basis_points": 3333}, {"member_id": gus, "basis_points": 6667}]
    extras = [{"member_id": one, "minor": 0}, {"member_id": gus, "minor": -100}, {"member_id": hal, "minor": 50}]
    drafts = [
        circle.draft(1000),
        circle.draft(1000, expense_id=new_id().upper(), split=equally(gus.upper(), one)),
        # Who pays, and how it is shared, by default.
        ExpenseDraft(booked_on="2026-02-03", amount=money(1001), description=" Cake ", note=" n "),
        circle.draft(1501, split={"itemised": {"lines": lines, "tip_minor": 100, "discount_minor": 100}}),
        circle.draft(1000, split={"exact": {"amounts": amounts}}, category="Food", import_key="k"),
        circle.draft(1000, split=weighted(**{one: 3, hal: 0, gus: 4}), payers=paid_by(**{one: 999, gus: 1})),
        circle.draft(1000, split={"percent": {"percents": percents}}),
        circle.draft(1000, split={"adjusted": {"extras": extras}}),
        circle.draft(777, kind=INCOME, by=gus),
        circle.draft(333, kind=REFUND),
        # In other currencies: by itself, at a rate, and as both amounts say.
        circle.draft(1000, currency="USD"),
        circle.draft(1000, currency="JPY", convert_with="0.00615000", convert_source="bank"),
        circle.draft(1001, currency="USD", convert_with="0.5"),
        circle.draft(1000, currency="KWD", conversion={"amount": money(301)}),
        circle.draft(1000, currency="USD", conversion={"amount": money(900), "rate": "0.9", "rate_on": "2026-02-01"}),
    ]
    for each in drafts:
        each.expense_id = each.expense_id or new_id()
    return drafts
