"""What UpdateBudget promises."""

from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from people import MISSING_ID, BookOf, refusal_of
from rpc.budgets.planning import Rollover, keeps_the_promises_of_a_write, make_envelopes, make_planning, money, months
from tallystick_client.v1 import budget_pb2


async def test_only_what_is_given_changes(book: BookOf) -> None:
    planning = await make_planning(book, thresholds_bp=[8000])
    after = (await planning.call("UpdateBudget", name=" House ", periods=months("2026-01-15"))).budget
    assert (after.name, after.periods, list(after.thresholds_bp)) == ("House", months("2026-01-15"), [8000])
    assert after.version > planning.budget.version
    assert (await planning.call("GetBudget")).budget == after


async def test_the_mask_says_what_changes_and_can_empty_a_field(book: BookOf) -> None:
    planning = await make_planning(book, thresholds_bp=[8000], rollover=Rollover(surplus=True))
    mask = FieldMask(paths=["thresholds_bp", "rollover"])
    after = (await planning.call("UpdateBudget", name="ignored", update_mask=mask)).budget
    assert (after.name, list(after.thresholds_bp), after.HasField("rollover")) == ("Home", [], False)


async def test_saying_what_is_so_already_changes_nothing(book: BookOf) -> None:
    planning = await make_planning(book)
    same = {"name": "Home", "periods": planning.budget.periods, "starts_on": "2026-01-01"}
    assert (await planning.call("UpdateBudget", **same)).budget == planning.budget


async def test_it_keeps_the_promises_of_a_write(book: BookOf) -> None:
    planning = await make_planning(book)
    request = budget_pb2.UpdateBudgetRequest(**planning.named(name="House"))
    await keeps_the_promises_of_a_write(book, "UpdateBudget", request, name="Other")


async def test_a_change_on_an_older_version_is_stale_only_where_the_two_meet(book: BookOf) -> None:
    planning = await make_planning(book)
    await planning.call("UpdateBudget", name="Theirs")
    stale = {"base_version": planning.budget.version}
    assert (await refusal_of(planning.call("UpdateBudget", name="Mine", **stale))).reason == "STALE_VERSION"
    after = (await planning.call("UpdateBudget", template=True, **stale)).budget
    assert (after.name, after.template) == ("Theirs", True)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"name": " "}, "INVALID_FIELD"),
        ({"starts_on": "2026-02-30"}, "INVALID_DATE"),
        ({"opening": money(1)}, "INVALID_FIELD"),
        ({"update_mask": FieldMask(paths=["periods"])}, "INVALID_FIELD"),
        ({"update_mask": FieldMask(paths=["mode"])}, "INVALID_UPDATE_MASK"),
        ({"update_mask": FieldMask(paths=["currency"])}, "INVALID_UPDATE_MASK"),
        ({"budget_id": MISSING_ID, "name": "x"}, "NOT_FOUND"),
    ],
    ids=str,
)
async def test_what_makes_no_budget_is_refused(book: BookOf, wrong: dict[str, Any], reason: str) -> None:
    planning = await make_planning(book)
    assert (await refusal_of(planning.call("UpdateBudget", **wrong))).reason == reason


async def test_money_that_was_assigned_counts_in_the_period_that_holds_its_day_now(book: BookOf) -> None:
    planning = await make_envelopes(book)
    food = await planning.item("Food")
    await planning.assign(food, 100, "2026-02-20")
    await planning.assign(food, 10, "2026-03-20")
    await planning.call("UpdateBudget", periods=months("2026-01-15"))
    assert (await planning.figures(food, "2026-01-20")).assigned_minor == 100
    assert (await planning.figures(food, "2026-02-20")).assigned_minor == 10
    await planning.call("UpdateBudget", starts_on="2026-02-20")
    assert (await planning.figures(food, "2026-02-20")).planned_minor == 10
