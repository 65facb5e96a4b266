"""What CreateExpense promises of refunds: what is given back mirrors what was borne."""

import random
from typing import Any

import pytest

from circle import Circle, equally, money, shares_of, weighted
from people import new_id, refusal_of
from rpc.groups.spending import INCOME, REFUND, counts_as, delete, exactly, give_back, nets, with_somebody_gone
from tallystick_client.v1.group_expenses_pb2 import Expense


def left_of(original: Expense, *refunds: Expense) -> dict[str, int]:
    left = shares_of(original)
    for refund in refunds:
        for member_id, minor in shares_of(refund).items():
            left[member_id] -= minor
    return left


async def test_b5_a_refund_of_all_gives_everybody_back_what_they_bore(circle: Circle) -> None:
    for split in (equally(*circle.everybody), weighted(**dict(zip(circle.everybody, (3, 2, 2), strict=True)))):
        made = await circle.spend(1000, split=split)
        back = await give_back(circle, made, 1000)
        assert (back.kind, back.refund_of_id, back.amount) == (REFUND, made.id, money(1000))
        assert shares_of(back) == shares_of(made)
        assert await nets(circle) == {}


async def test_b5_refunds_in_parts_come_to_the_expense_for_everybody(circle: Circle) -> None:
    drawn = random.Random(5)
    for _ in range(4):
        whole = drawn.randint(100, 2000)
        made = await circle.spend(whole)
        backs: list[Expense] = []
        while left := whole - sum(back.amount.minor for back in backs):
            backs.append(await give_back(circle, made, min(left, drawn.randint(1, whole))))
            assert min(left_of(made, *backs).values()) >= 0
        assert set(left_of(made, *backs).values()) == {0}
        assert await nets(circle) == {}


async def test_b5_a_refund_shared_in_the_same_words_is_one_that_says_nothing(circle: Circle) -> None:
    made = await circle.spend(1000)
    back = await give_back(circle, made, 1000, split=equally(*reversed(circle.everybody)))
    assert shares_of(back) == shares_of(made)


async def test_b5_b27_a_refund_is_converted_as_its_expense_was(circle: Circle) -> None:
    made = await circle.spend(1000, currency="USD", convert_with="0.917")
    backs = [await give_back(circle, made, minor) for minor in (333, 333, 334)]
    assert backs[0].conversion == counts_as(round(917 * 333 / 1000))
    assert sum(back.conversion.amount.minor for back in backs) == 917
    assert await nets(circle) == {}


async def test_a_refund_may_count_as_what_was_really_paid_back(circle: Circle) -> None:
    made = await circle.spend(1000, currency="USD", convert_with="0.917")
    back = await give_back(circle, made, 1000, conversion=counts_as(950))
    assert (back.conversion, sum(each.converted_owed_minor for each in back.shares)) == (counts_as(950), 950)


async def test_a_refund_may_be_somebodys_alone(circle: Circle) -> None:
    ann, gus, hal = circle.everybody
    made = await circle.spend(3000)
    back = await give_back(circle, made, 1000, split=exactly(**{gus: 1000}))
    assert shares_of(back) == {ann: 0, gus: 1000} or shares_of(back) == {gus: 1000, ann: 0}
    rest = await give_back(circle, made, 2000)
    assert {each: minor for each, minor in shares_of(rest).items() if minor} == {ann: 1000, hal: 1000}
    assert await nets(circle) == {}


async def test_a_refund_gives_nobody_back_more_than_they_bore(circle: Circle) -> None:
    made = await circle.spend(3000)
    await give_back(circle, made, 2000)
    for minor, other in ((1001, {}), (1001, {"split": exactly(**{circle.owner_id: 1001})})):
        refusal = await refusal_of(give_back(circle, made, minor, **other))
        assert refusal.reason == "REFUND_EXCEEDS_ORIGINAL"
        assert (refusal.metadata["expected"], refusal.metadata["actual"]) == ("1000", "1001")
        assert refusal.metadata["difference"] == "-1"
    gus = circle.guests["Gus"]
    alone = await refusal_of(give_back(circle, made, 1000, split=exactly(**{gus: 1000})))
    assert (alone.reason, alone.metadata["member_id"]) == ("REFUND_EXCEEDS_ORIGINAL", gus)


@pytest.mark.parametrize("what", ["of a refund", "of an income", "in another currency", "as an expense", "of itself"])
async def test_what_cannot_be_given_back(circle: Circle, what: str) -> None:
    made = await circle.spend(3000)
    earned, back = await circle.spend(3000, kind=INCOME), await give_back(circle, made, 100)
    own_id = made.id
    fields: dict[str, dict[str, Any]] = {
        "of a refund": {"refund_of_id": back.id},
        "of an income": {"refund_of_id": earned.id},
        "in another currency": {"currency": "USD"},
        "as an expense": {"kind": 0},
        "of itself": {"expense_id": own_id},
    }
    refusal = await refusal_of(give_back(circle, made, 100, **fields[what]))
    assert (refusal.reason, refusal.fields) == ("INVALID_REFUND", ("expense.refund_of_id",))


async def test_what_is_not_there_or_deleted_cannot_be_given_back(circle: Circle) -> None:
    made = await circle.spend(3000)
    await delete(circle, made)
    for gone in (made, Expense(id=new_id(), amount=money(3000))):
        assert (await refusal_of(give_back(circle, gone, 100))).reason == "NOT_FOUND"


async def test_a_refund_without_an_expense_is_shared_as_it_says(circle: Circle) -> None:
    ann, gus, hal = circle.everybody
    await circle.spend(3000, kind=REFUND)
    assert await nets(circle) == {(ann, "EUR"): -2000, (gus, "EUR"): 1000, (hal, "EUR"): 1000}


async def test_b14_a_refund_names_nobody_anew_who_is_gone(circle: Circle) -> None:
    made = await with_somebody_gone(circle)
    assert (await refusal_of(give_back(circle, made, 300))).reason == "MEMBER_INACTIVE"
    ann, gus = circle.owner_id, circle.guests["Gus"]
    back = await give_back(circle, made, 300, split=exactly(**{ann: 150, gus: 150}))
    assert shares_of(back) == {ann: 150, gus: 150}
