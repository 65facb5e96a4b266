"""What becomes of commands about budgets that waited in an outbox? Each is about its own: an item is not its budget."""

from typing import Any

from people import BookOf, new_id
from rpc.budgets.planning import REQUESTS, Planning, make_envelopes, make_planning, money
from rpc.sync.copy import Copy, mutation
from rpc.sync.test_push import outcomes


def asking(planning: Planning, rpc: str, **fields: Any) -> Any:
    return REQUESTS[rpc](**planning.named(**fields))


async def copy_of(planning: Planning) -> Copy:
    return await Copy(planning.person, planning.book.id).pull()


async def test_what_is_refused_of_one_item_holds_up_no_other_nor_the_budget(book: BookOf) -> None:
    planning = await make_planning(book)
    food, copy = await planning.item("Food"), await copy_of(planning)
    bad_id = new_id()
    results = await copy.push(
        mutation(planning.adding("Fun", item_id=bad_id, category_ids=[new_id()])),
        mutation(asking(planning, "UpdateBudgetItem", item_id=bad_id, name="x"), base=copy.head),
        mutation(asking(planning, "UpdateBudgetItem", item_id=food.id, name="Meals"), base=food.version),
        mutation(asking(planning, "UpdateBudget", name="Household"), base=planning.budget.version),
    )
    assert outcomes(results) == ["REJECTED", "BLOCKED_BY", "APPLIED", "APPLIED"]
    assert results[1].blocked_by == results[0].request_id


async def test_what_needs_a_copied_budget_waits_for_it(book: BookOf) -> None:
    planning = await make_planning(book)
    copy, new_budget_id = await copy_of(planning), new_id()
    results = await copy.push(
        mutation(asking(planning, "CopyBudget", budget_id=new_id(), new_budget_id=new_budget_id, name="x")),
        mutation(asking(planning, "UpdateBudget", budget_id=new_budget_id, name="Copy"), base=copy.head),
        mutation(asking(planning, "UpdateBudget", name="Household"), base=planning.budget.version),
    )
    assert outcomes(results) == ["REJECTED", "BLOCKED_BY", "APPLIED"]


async def test_an_item_that_somebody_has_deleted_meanwhile_is_agreed_on_or_in_conflict(book: BookOf) -> None:
    planning = await make_planning(book)
    items = [await planning.item("Food"), await planning.item("Fun")]
    copy = await copy_of(planning)
    for item in items:
        await planning.call("DeleteBudgetItem", item_id=item.id)
    results = await copy.push(
        mutation(asking(planning, "DeleteBudgetItem", item_id=items[0].id), base=items[0].version),
        mutation(asking(planning, "UpdateBudgetItem", item_id=items[1].id, name="x"), base=items[1].version),
    )
    assert outcomes(results) == ["MERGED", "CONFLICT"]


async def test_a_move_that_is_refused_holds_up_no_other(book: BookOf) -> None:
    planning = await make_envelopes(book)
    food, copy = await planning.item("Food"), await copy_of(planning)
    results = await copy.push(
        mutation(asking(planning, "AssignMoney", item_id=new_id(), amount=money(1), on="2026-02-03")),
        mutation(asking(planning, "AssignMoney", item_id=food.id, amount=money(2), on="2026-02-03", move_id=new_id())),
    )
    assert outcomes(results) == ["REJECTED", "APPLIED"]
