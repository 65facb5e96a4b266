"""What UpdateBudgetItem promises."""

from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from people import MISSING_ID, BookOf, refusal_of
from rpc.budgets.planning import keeps_the_promises_of_a_write, limit, make_planning
from rpc.ledger.categories import archive
from tallystick_client.v1 import budget_items_pb2


async def test_only_what_is_given_changes(book: BookOf) -> None:
    planning = await make_planning(book)
    food = await planning.item("Food", 100)
    after = (await planning.call("UpdateBudgetItem", item_id=food.id, name=" Meals ", position=4)).item
    assert (after.name, after.position, after.limits, after.category_ids) == (
        *("Meals", 4),
        *(food.limits, food.category_ids),
    )
    assert (await planning.call("GetBudgetItem", item_id=food.id)).item == after


async def test_a_limit_from_some_period_on_leaves_the_past_as_it_is(book: BookOf) -> None:
    planning = await make_planning(book)
    food = await planning.item("Food", 100)
    await planning.change(food, limits=[*food.limits, limit(150, "2026-03-10"), limit(0, "2026-05-01")])
    periods = (await planning.analysis("2026-05-31", before=4)).periods
    assert [each.items[0].figures.planned_minor for each in periods] == [100, 100, 150, 150, 0]


async def test_saying_what_is_so_already_changes_nothing(book: BookOf) -> None:
    planning = await make_planning(book)
    food = await planning.item("Food")
    assert await planning.change(food, name="Food", category_ids=[each.upper() for each in food.category_ids]) == food


async def test_it_keeps_the_promises_of_a_write(book: BookOf) -> None:
    planning = await make_planning(book)
    food = await planning.item("Food")
    request = budget_items_pb2.UpdateBudgetItemRequest(**planning.named(item_id=food.id, name="Meals"))
    await keeps_the_promises_of_a_write(book, "UpdateBudgetItem", request, name="Other")


async def test_a_change_on_an_older_version_is_stale_only_where_the_two_meet(book: BookOf) -> None:
    planning = await make_planning(book)
    food = await planning.item("Food", 100)
    await planning.change(food, limits=[limit(200)])
    stale = {"base_version": food.version, "item_id": food.id}
    assert (await refusal_of(planning.call("UpdateBudgetItem", limits=[limit(1)], **stale))).reason == "STALE_VERSION"
    after = (await planning.call("UpdateBudgetItem", name="Mine", **stale)).item
    assert (after.name, after.limits[0].amount.minor) == ("Mine", 200)


async def test_what_has_gone_out_of_use_since_does_no_harm_and_does_not_come_anew(book: BookOf) -> None:
    planning = await make_planning(book)
    fun, food = await planning.item("Fun"), await planning.item("Food")
    await archive(book, planning.categories["Fun"])
    both = sorted(planning.categories.values())
    assert list((await planning.change(fun, category_ids=both)).category_ids) == both
    assert (await refusal_of(planning.change(food, category_ids=both))).reason == "CATEGORY_ARCHIVED"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"name": " "}, "INVALID_FIELD"),
        ({"update_mask": FieldMask(paths=["category_ids"])}, "INVALID_FIELD"),
        ({"update_mask": FieldMask(paths=["budget_id"])}, "INVALID_UPDATE_MASK"),
        ({"limits": [limit(1, "2026-13-01")]}, "INVALID_DATE"),
        ({"limits": [limit(1, currency="USD")]}, "CURRENCY_MISMATCH"),
        ({"payee_ids": [MISSING_ID]}, "NOT_FOUND"),
        ({"item_id": MISSING_ID, "name": "x"}, "NOT_FOUND"),
        ({"budget_id": MISSING_ID, "name": "x"}, "NOT_FOUND"),
    ],
    ids=str,
)
async def test_what_makes_no_item_is_refused(book: BookOf, wrong: dict[str, Any], reason: str) -> None:
    planning = await make_planning(book)
    food = await planning.item("Food")
    assert (await refusal_of(planning.call("UpdateBudgetItem", **{"item_id": food.id} | wrong))).reason == reason


async def test_an_item_of_another_budget_is_not_found(book: BookOf) -> None:
    food = await (await make_planning(book)).item("Food")
    other = await make_planning(book)
    assert (await refusal_of(other.call("UpdateBudgetItem", item_id=food.id, name="x"))).reason == "NOT_FOUND"
