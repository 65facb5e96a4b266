"""What AssignMoney promises."""

from typing import Any

import grpc
import pytest

from people import MISSING_ID, BookOf, new_id, refusal_of
from rpc.budgets.planning import ENVELOPE, keeps_the_promises_of_a_write, listed, make_envelopes, make_planning, money
from tallystick_client.v1 import budget_moves_pb2
from turned_clock import TurnedClock


async def test_money_goes_into_the_envelope_and_is_taken_back(book: BookOf) -> None:
    planning = await make_envelopes(book)
    food = await planning.item("Food")
    move = await planning.assign(food, 500, "2026-02-20")
    assert (move.book_id, move.budget_id, move.period_from_on) == (book.id, planning.budget.id, "2026-02-01")
    assert (move.from_item_id, move.to_item_id, move.amount) == ("", food.id, money(500))
    back = await planning.assign(food, -200, "2026-02-01")
    assert (back.from_item_id, back.to_item_id, back.amount) == (food.id, "", money(200))
    period = await planning.period("2026-02-28")
    assert period.items[0].figures.assigned_minor == 300
    assert (period.envelopes.to_be_assigned_minor, period.envelopes.over_assigned_minor) == (-300, 300)


async def test_without_a_day_it_is_the_period_of_today(book: BookOf, clock: TurnedClock) -> None:
    planning = await make_envelopes(book)
    move = await planning.assign(await planning.item("Food"), 1, "")
    assert move.period_from_on == clock.now().date().replace(day=1).isoformat()


async def test_it_keeps_the_promises_of_a_write(book: BookOf) -> None:
    planning = await make_envelopes(book)
    food = await planning.item("Food")
    request = budget_moves_pb2.AssignMoneyRequest(**planning.named(item_id=food.id, amount=money(1), move_id=new_id()))
    await keeps_the_promises_of_a_write(book, "AssignMoney", request, amount=money(2))
    taken = await refusal_of(planning.call("AssignMoney", item_id=food.id, amount=money(1), move_id=request.move_id))
    assert (taken.code, taken.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ID_TAKEN")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"amount": money(0)}, "INVALID_FIELD"),
        ({"amount": money(1, "USD")}, "CURRENCY_MISMATCH"),
        ({"amount": money(-(2**63))}, "AMOUNT_OUT_OF_RANGE"),
        ({"on": "2026-02-30"}, "INVALID_DATE"),
        ({"on": "2025-12-31"}, "NO_BUDGET_PERIOD"),
        ({"on": "2126-01-01"}, "INVALID_DATE"),
        ({"on": "9999-12-31"}, "INVALID_DATE"),
        ({"item_id": MISSING_ID}, "NOT_FOUND"),
    ],
    ids=str,
)
async def test_what_cannot_be_assigned_is_refused(book: BookOf, wrong: dict[str, Any], reason: str) -> None:
    planning = await make_envelopes(book)
    food = await planning.item("Food")
    usual = {"item_id": food.id, "amount": money(1), "on": "2026-02-03"}
    assert (await refusal_of(planning.call("AssignMoney", **usual | wrong))).reason == reason


async def test_only_envelopes_that_are_in_force_take_money(book: BookOf) -> None:
    limits, template = await make_planning(book), await make_envelopes(book, template=True)
    gap = await make_planning(
        book, mode=ENVELOPE, periods=listed(("2026-01-01", "2026-01-10"), ("2026-02-01", "2026-02-10"))
    )
    for planning, reason in (
        (limits, "BUDGET_HAS_LIMITS"),
        (template, "BUDGET_NOT_IN_FORCE"),
        (gap, "NO_BUDGET_PERIOD"),
    ):
        refusal = await refusal_of(planning.assign(await planning.item("Food"), 1, "2026-01-20"))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, reason)
