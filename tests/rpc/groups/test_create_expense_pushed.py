"""Is what a device recorded while it was offline the same as if it had been recorded at once?"""

from typing import Any

import pytest

from circle import Circle, equally, money, shares_of
from people import new_id
from rpc.groups.commenting import comment_on
from rpc.groups.spending import exactly, get, listed, nets, update, update_of
from rpc.sync.copy import Copy, mutation
from rpc.sync.test_push import outcomes
from tallystick.groups.pushed import COMMANDS
from tallystick_client.v1.group_expenses_pb2 import Expense


@pytest.fixture
async def copy(circle: Circle) -> Copy:
    return await Copy(circle.person, circle.id).pull()


async def test_a_run_of_new_expenses_is_recorded_at_once(circle: Circle, copy: Copy) -> None:
    assert next(each for each in COMMANDS if each.name == "create_expense").together is not None
    requests = [circle.expense(3 * minor, expense_id=new_id()) for minor in range(1, 41)]
    results = await copy.push(*(mutation(request) for request in requests))
    assert set(outcomes(results)) == {"APPLIED"}
    assert {each.version for each in await listed(circle)} == {results[0].version}
    assert (await nets(circle))[circle.owner_id, "EUR"] == 2 * sum(range(1, 41))
    again = await copy.push(*(mutation(request) for request in requests))
    assert [each.version for each in again] == [each.version for each in results]
    assert (await nets(circle))[circle.owner_id, "EUR"] == 2 * sum(range(1, 41))
    await copy.pull()
    made = requests[0].expense.expense_id
    assert copy.get(Expense, "expense", made) == await get(circle, Expense(id=made))


async def test_one_that_is_refused_stops_no_other(circle: Circle, copy: Copy) -> None:
    good = [circle.expense(300) for _ in range(6)]
    bad = circle.expense(300, split=exactly(**{circle.owner_id: 1}))
    results = await copy.push(*(mutation(request) for request in (*good[:3], bad, *good[3:])))
    assert outcomes(results) == ["APPLIED"] * 3 + ["REJECTED"] + ["APPLIED"] * 3
    assert (await nets(circle))[circle.owner_id, "EUR"] == 6 * 200


async def test_the_same_id_twice_is_taken_the_second_time(circle: Circle, copy: Copy) -> None:
    chosen = new_id()
    requests = [circle.expense(300, expense_id=chosen), circle.expense(600, expense_id=chosen)]
    results = await copy.push(*(mutation(request) for request in requests))
    assert outcomes(results) == ["APPLIED", "REJECTED"]


async def test_b30_what_is_imported_twice_in_one_push_is_recorded_once(circle: Circle, copy: Copy) -> None:
    requests = [circle.expense(300, import_key="row 7") for _ in range(2)]
    assert outcomes(await copy.push(*(mutation(request) for request in requests))) == ["APPLIED", "REJECTED"]
    assert len(await listed(circle)) == 1


async def test_an_expense_its_change_and_what_is_said_about_it_come_in_one_push(circle: Circle, copy: Copy) -> None:
    made = circle.expense(300, expense_id=new_id())
    known = Expense(id=made.expense.expense_id)
    results = await copy.push(
        mutation(made),
        mutation(circle.expense(600)),
        mutation(update_of(circle, known, amount=money(900)), base=copy.head, seen=[made.request_id]),
        mutation(comment_on(circle, known)),
    )
    assert set(outcomes(results)) == {"APPLIED"}
    assert (await nets(circle))[circle.owner_id, "EUR"] == 400 + 600


async def test_b21_words_and_money_changed_apart_meet_and_money_twice_is_a_conflict(circle: Circle, copy: Copy) -> None:
    made = await circle.spend(3000)
    await copy.pull()
    await update(circle, made, note="late")
    changes: list[dict[str, Any]] = [{"amount": money(6000)}, {"split": equally(circle.owner_id)}]
    outcome = outcomes(await copy.push(mutation(update_of(circle, made, **changes[0]), base=made.version)))
    assert outcome == ["MERGED"]
    met = await get(circle, made)
    assert (met.note, set(shares_of(met).values())) == ("late", {2000})
    outcome = outcomes(await copy.push(mutation(update_of(circle, made, **changes[1]), base=made.version)))
    assert outcome == ["CONFLICT"]
    assert (await get(circle, made)).shares == met.shares
