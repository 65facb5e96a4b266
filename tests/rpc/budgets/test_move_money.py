"""What MoveMoney promises."""

from typing import Any

import pytest

from people import MISSING_ID, BookOf, refusal_of
from rpc.budgets.planning import keeps_the_promises_of_a_write, make_envelopes, make_planning, money
from tallystick_client.v1 import budget_moves_pb2


async def test_money_goes_from_one_envelope_to_another(book: BookOf) -> None:
    planning = await make_envelopes(book)
    food, fun = await planning.item("Food"), await planning.item("Fun")
    move = await planning.move(food, fun, 300, "2026-02-28")
    assert (move.period_from_on, move.from_item_id, move.to_item_id, move.amount) == (
        *("2026-02-01", food.id),
        *(fun.id, money(300)),
    )
    period = await planning.period("2026-02-03")
    assert {each.item_id: each.figures.left_minor for each in period.items} == {food.id: -300, fun.id: 300}
    assert period.envelopes.to_be_assigned_minor == 0


async def test_it_keeps_the_promises_of_a_write(book: BookOf) -> None:
    planning = await make_envelopes(book)
    food, fun = await planning.item("Food"), await planning.item("Fun")
    named = planning.named(from_item_id=food.id, to_item_id=fun.id, amount=money(1))
    request = budget_moves_pb2.MoveMoneyRequest(**named)
    await keeps_the_promises_of_a_write(book, "MoveMoney", request, amount=money(2))


@pytest.mark.parametrize(
    ("wrong", "reason", "fields"),
    [
        ({"amount": money(0)}, "INVALID_FIELD", ("amount.minor",)),
        ({"amount": money(-1)}, "INVALID_FIELD", ("amount.minor",)),
        ({"amount": money(1, "USD")}, "CURRENCY_MISMATCH", ("amount.currency",)),
        ({"to_item_id": ""}, "INVALID_FIELD", ("to_item_id",)),
        ({"to_item_id": MISSING_ID}, "NOT_FOUND", ()),
        ({"from_item_id": MISSING_ID}, "NOT_FOUND", ()),
        ({"on": "2025-12-31"}, "NO_BUDGET_PERIOD", ()),
    ],
    ids=str,
)
async def test_what_cannot_be_moved_is_refused(
    book: BookOf, wrong: dict[str, Any], reason: str, fields: tuple[str, ...]
) -> None:
    planning = await make_envelopes(book)
    food, fun = await planning.item("Food"), await planning.item("Fun")
    usual = {"from_item_id": food.id, "to_item_id": fun.id, "amount": money(1), "on": "2026-02-03"}
    refusal = await refusal_of(planning.call("MoveMoney", **usual | wrong))
    assert (refusal.reason, refusal.fields) == (reason, fields)


async def test_a_move_to_where_it_is_is_refused(book: BookOf) -> None:
    planning = await make_envelopes(book)
    food = await planning.item("Food")
    refusal = await refusal_of(
        planning.call("MoveMoney", from_item_id=food.id, to_item_id=food.id.upper(), amount=money(1), on="2026-02-03")
    )
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("to_item_id",))


async def test_limits_are_not_moved(book: BookOf) -> None:
    planning = await make_planning(book)
    food, fun = await planning.item("Food"), await planning.item("Fun")
    assert (await refusal_of(planning.move(food, fun, 1, "2026-02-03"))).reason == "BUDGET_HAS_LIMITS"
