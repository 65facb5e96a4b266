"""What CopyForward promises."""

import pytest

from people import BookOf, refusal_of
from rpc.budgets.planning import Planning, keeps_the_promises_of_a_write, make_envelopes, make_planning
from tallystick_client.v1 import budget_moves_pb2


async def assigned(planning: Planning, on: str) -> list[int]:
    return [each.figures.assigned_minor for each in (await planning.period(on)).items]


async def test_each_envelope_is_given_what_it_was_given_in_the_other_period(book: BookOf) -> None:
    planning = await make_envelopes(book)
    food, fun = await planning.item("Food", position=1), await planning.item("Fun", position=2)
    await planning.assign(food, 500, "2026-01-03")
    await planning.move(food, fun, 200, "2026-01-04")
    await planning.assign(fun, 900, "2026-02-01")
    forward = {"from_on": "2026-01-31", "to_on": "2026-02-28"}
    moves = (await planning.call("CopyForward", **forward)).moves
    assert [(each.from_item_id, each.to_item_id, each.amount.minor) for each in moves] == [
        ("", food.id, 300),
        (fun.id, "", 700),
    ]
    assert await assigned(planning, "2026-02-15") == await assigned(planning, "2026-01-15") == [300, 200]
    assert list((await planning.call("CopyForward", **forward)).moves) == []


async def test_it_keeps_the_promises_of_a_write(book: BookOf) -> None:
    planning = await make_envelopes(book)
    await planning.assign(await planning.item("Food"), 500, "2026-01-03")
    named = planning.named(from_on="2026-01-01", to_on="2026-02-01")
    request = budget_moves_pb2.CopyForwardRequest(**named)
    await keeps_the_promises_of_a_write(book, "CopyForward", request, to_on="2026-03-01")


@pytest.mark.parametrize(
    ("from_on", "to_on", "reason"),
    [
        ("2026-01-01", "2026-01-31", "INVALID_FIELD"),
        ("2025-12-31", "2026-01-31", "NO_BUDGET_PERIOD"),
        ("2026-01-31", "2025-12-31", "NO_BUDGET_PERIOD"),
        ("2026-02-30", "2026-01-31", "INVALID_DATE"),
        ("2026-01-31", "2126-01-01", "INVALID_DATE"),
    ],
)
async def test_what_cannot_be_copied_is_refused(book: BookOf, from_on: str, to_on: str, reason: str) -> None:
    planning = await make_envelopes(book)
    assert (await refusal_of(planning.call("CopyForward", from_on=from_on, to_on=to_on))).reason == reason


async def test_limits_are_not_copied(book: BookOf) -> None:
    planning = await make_planning(book)
    refusal = await refusal_of(planning.call("CopyForward", from_on="2026-01-01", to_on="2026-02-01"))
    assert refusal.reason == "BUDGET_HAS_LIMITS"
