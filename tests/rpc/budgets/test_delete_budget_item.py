"""What DeleteBudgetItem promises."""

from people import BookOf, refusal_of
from rpc.budgets.planning import keeps_the_promises_of_a_write, make_envelopes, make_planning
from tallystick_client.v1 import budget_items_pb2


async def test_it_keeps_the_promises_of_a_write(book: BookOf) -> None:
    planning = await make_planning(book)
    food, other = await planning.item("Food"), await planning.item("Fun")
    request = budget_items_pb2.DeleteBudgetItemRequest(**planning.named(item_id=food.id))
    gone = await keeps_the_promises_of_a_write(book, "DeleteBudgetItem", request, item_id=other.id)
    assert gone.item.id == food.id


async def test_an_item_of_another_budget_is_not_found(book: BookOf) -> None:
    food = await (await make_planning(book)).item("Food")
    other = await make_planning(book)
    assert (await refusal_of(other.call("DeleteBudgetItem", item_id=food.id))).reason == "NOT_FOUND"


async def test_what_lay_in_its_envelope_is_to_be_assigned_again(book: BookOf) -> None:
    """Also what was moved into it or out of it; and what was spent from it, no item is for."""
    planning = await make_envelopes(book)
    food, fun = await planning.item("Food"), await planning.item("Fun")
    await planning.earn(1000, "2026-01-02")
    await planning.assign(food, 500, "2026-01-03")
    await planning.move(food, fun, 200, "2026-01-04")
    await planning.spend("Food", 50, "2026-01-05")
    assert (await planning.period("2026-01-31")).envelopes.to_be_assigned_minor == 500
    await planning.call("DeleteBudgetItem", item_id=food.id)
    period = await planning.period("2026-01-31")
    assert [each.figures.planned_minor for each in period.items] == [200]
    assert (period.envelopes.to_be_assigned_minor, period.envelopes.unbudgeted_minor) == (750, 50)
    await planning.call("RestoreBudgetItem", item_id=food.id)
    assert (await planning.period("2026-01-31")).envelopes.to_be_assigned_minor == 500
