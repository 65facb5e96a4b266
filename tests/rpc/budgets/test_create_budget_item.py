"""What CreateBudgetItem promises."""

from typing import Any

import grpc
import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.budgets.planning import Rollover, keeps_the_promises_of_a_write, limit, make_planning, money
from rpc.ledger.categories import archive, delete, merge
from tallystick.budgets.items.rules import ITEMS_MAX


async def test_it_is_what_was_asked_for(book: BookOf) -> None:
    planning = await make_planning(book)
    payee_id, tag_id = await planning.payee("Bakery"), await planning.tag("treats")
    made = await planning.item(
        " Sweets ",
        category_ids=sorted(planning.categories.values(), reverse=True),
        without_children=True,
        payee_ids=[payee_id.upper()],
        tag_ids=[tag_id],
        account_ids=[book.account_id],
        limits=[limit(300, "2026-03-01"), limit(200)],
        rollover=Rollover(deficit=True),
        thresholds_bp=[10_000, 5000],
        position=3,
    )
    assert (made.name, made.book_id, made.budget_id, made.position) == ("Sweets", book.id, planning.budget.id, 3)
    assert (list(made.category_ids), made.without_children) == (sorted(planning.categories.values()), True)
    assert (list(made.payee_ids), list(made.tag_ids), list(made.account_ids)) == (
        [payee_id],
        [tag_id],
        [book.account_id],
    )
    assert [(each.from_on, each.amount.minor) for each in made.limits] == [("", 200), ("2026-03-01", 300)]
    assert (made.rollover, list(made.thresholds_bp)) == (Rollover(deficit=True), [5000, 10_000])
    assert (await planning.call("GetBudgetItem", item_id=made.id)).item == made


async def test_it_keeps_the_promises_of_a_write(book: BookOf) -> None:
    planning = await make_planning(book)
    await keeps_the_promises_of_a_write(book, "CreateBudgetItem", planning.adding(), name="Other")


async def test_it_keeps_the_id_that_the_client_made_and_refuses_one_that_is_taken(book: BookOf) -> None:
    planning, chosen = await make_planning(book), new_id()
    assert (await planning.item(item_id=chosen.upper())).id == chosen
    refusal = await refusal_of(planning.item(item_id=chosen))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ID_TAKEN")


async def test_a_category_that_nothing_new_may_have_is_refused(book: BookOf, bob: Person) -> None:
    planning, theirs = await make_planning(book), await make_book(bob)
    for name in ("archived", "deleted", "merged"):
        await planning.category(name)
    await archive(book, planning.categories["archived"])
    await delete(book, planning.categories["deleted"])
    await merge(book, planning.categories["merged"], book.spending_id)
    for name, reason in {"archived": "CATEGORY_ARCHIVED", "deleted": "NOT_FOUND", "merged": "NOT_FOUND"}.items():
        assert (await refusal_of(planning.item(name))).reason == reason
    for category_id, reason in {
        book.earning_id: "CATEGORY_KIND_MISMATCH",
        theirs.spending_id: "NOT_FOUND",
        new_id(): "NOT_FOUND",
    }.items():
        assert (await refusal_of(planning.item(category_ids=[category_id]))).reason == reason


async def test_what_is_not_in_the_book_is_not_found(book: BookOf, bob: Person) -> None:
    planning, theirs = await make_planning(book), await make_planning(await make_book(bob))
    foreign = {
        "payee_ids": await theirs.payee("x"),
        "tag_ids": await theirs.tag("x"),
        "account_ids": theirs.book.account_id,
    }
    for field, foreign_id in foreign.items():
        for missing in (foreign_id, new_id()):
            named: dict[str, Any] = {field: [missing]}
            assert (await refusal_of(planning.item(**named))).reason == "NOT_FOUND"
    for missing in (theirs.budget.id, new_id()):
        assert (await refusal_of(planning.item(budget_id=missing))).reason == "NOT_FOUND"


async def test_a_private_account_is_in_no_item(book: BookOf) -> None:
    """Every member would learn of it."""
    planning = await make_planning(book)
    refusal = await refusal_of(planning.item(account_ids=[await planning.account(private=True)]))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("account_ids",))


@pytest.mark.parametrize(
    ("wrong", "reason", "field"),
    [
        ({"name": "\t"}, "INVALID_FIELD", "name"),
        ({"category_ids": []}, "INVALID_FIELD", "category_ids"),
        ({"limits": [limit(1, currency="USD")]}, "CURRENCY_MISMATCH", "limits[0].amount.currency"),
        ({"limits": [limit(1), limit(-1, "2026-02-01")]}, "INVALID_FIELD", "limits[1].amount"),
        ({"limits": [limit(1), limit(1, "2026-02-30")]}, "INVALID_DATE", "limits[1].from_on"),
        ({"limits": [limit(1, "2026-02-01"), limit(2, "2026-02-01")]}, "INVALID_FIELD", "limits"),
        ({"limits": [limit(1)] * 101}, "INVALID_FIELD", "limits"),
        ({"rollover": Rollover(surplus=True, surplus_max=money(-1))}, "INVALID_FIELD", "rollover.surplus_max"),
        ({"thresholds_bp": [100_001]}, "INVALID_FIELD", "thresholds_bp[0]"),
        ({"position": -1}, "INVALID_FIELD", "position"),
    ],
    ids=str,
)
async def test_what_makes_no_item_is_refused(book: BookOf, wrong: dict[str, Any], reason: str, field: str) -> None:
    planning = await make_planning(book)
    refusal = await refusal_of(planning.item(**{"category_ids": [book.spending_id]} | wrong))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
    assert refusal.fields == (field,)


async def test_a_budget_has_so_many_items_and_no_more(book: BookOf) -> None:
    planning = await make_planning(book)
    items = [await planning.item(f"item {number}", category_ids=[book.spending_id]) for number in range(ITEMS_MAX)]
    refusal = await refusal_of(planning.item())
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "BUDGET_FULL")
    assert len((await planning.period("2026-02-03")).items) == ITEMS_MAX
    await planning.call("DeleteBudgetItem", item_id=items[0].id)
    await planning.item()
    assert (await refusal_of(planning.call("RestoreBudgetItem", item_id=items[0].id))).reason == "BUDGET_FULL"
    assert len((await planning.call("CopyBudget")).items) == ITEMS_MAX
