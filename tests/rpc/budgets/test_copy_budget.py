"""What CopyBudget promises."""

from typing import Any

import grpc

from people import BookOf, new_id, refusal_of
from rpc.budgets.planning import keeps_the_promises_of_a_write, limit, make_envelopes, make_planning, months, weeks
from rpc.ledger.categories import archive
from tallystick_client.v1 import budget_pb2
from turned_clock import TurnedClock


async def test_a_template_becomes_a_budget_in_force(book: BookOf, clock: TurnedClock) -> None:
    planning = await make_planning(book, template=True, thresholds_bp=[9000])
    food = await planning.item("Food", limits=[limit(100), limit(200, "2026-03-01")], position=2)
    fun = await planning.item("Fun", position=1, thresholds_bp=[5000])
    copy = await planning.call("CopyBudget", name="Mine")
    budget = copy.budget
    assert (budget.name, budget.template, budget.periods) == ("Mine", False, planning.budget.periods)
    assert (budget.starts_on, list(budget.thresholds_bp)) == (clock.now().date().isoformat(), [9000])
    assert [_contents(item) for item in copy.items] == [_contents(fun), _contents(food)]
    assert {item.budget_id for item in copy.items} == {budget.id}
    assert {item.id for item in copy.items}.isdisjoint({food.id, fun.id})


async def test_it_has_the_id_and_the_periods_that_were_asked_for(book: BookOf) -> None:
    planning, chosen = await make_planning(book), new_id()
    await planning.item("Food")
    asked = {"periods": weeks("2026-01-05", 2), "starts_on": "2026-02-01", "template": True}
    copy = await planning.call("CopyBudget", new_budget_id=chosen, **asked)
    assert (copy.budget.id, copy.budget.starts_on, copy.budget.template) == (chosen, "2026-02-01", True)
    assert copy.budget.periods.weeks.weeks == 2
    taken = await refusal_of(planning.call("CopyBudget", new_budget_id=chosen))
    assert (taken.code, taken.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ID_TAKEN")


async def test_nothing_is_assigned_in_it(book: BookOf) -> None:
    planning = await make_envelopes(book)
    food = await planning.item("Food")
    await planning.assign(food, 100, "2026-02-03")
    copy = await planning.call("CopyBudget", starts_on="2026-01-01")
    period = (await planning.call("GetBudgetAnalysis", budget_id=copy.budget.id, on="2026-02-03")).periods[0]
    assert [each.figures.planned_minor for each in period.items] == [0]


async def test_an_archived_category_is_in_no_new_item(book: BookOf) -> None:
    planning = await make_planning(book, template=True)
    await planning.item("Fun")
    await archive(book, planning.categories["Fun"])
    refusal = await refusal_of(planning.call("CopyBudget"))
    assert (refusal.reason, refusal.metadata["category_id"]) == ("CATEGORY_ARCHIVED", planning.categories["Fun"])


async def test_it_keeps_the_promises_of_a_write(book: BookOf) -> None:
    planning = await make_planning(book)
    await planning.item("Food")
    request = budget_pb2.CopyBudgetRequest(**planning.named())
    await keeps_the_promises_of_a_write(book, "CopyBudget", request, periods=months("2026-01-31"))


def _contents(item: Any) -> Any:
    contents = type(item)()
    contents.CopyFrom(item)
    for name in ("id", "budget_id", "version", "created_at"):
        contents.ClearField(name)
    return contents
