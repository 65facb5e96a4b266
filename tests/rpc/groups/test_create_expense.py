"""What CreateExpense promises."""

import asyncio
from typing import Any

import grpc
import pytest

import proof
from circle import Circle, equally, make_circle, money, shares_of, weighted
from files.desk import bring
from people import Person, Refusal, new_id, refusal_of, sign_up
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.groups.spending import INCOME, archive, counts_as, exactly, lock, nets, take_out
from rpc.spaces.sharing import EDITOR, share
from tallystick_client.v1 import group_pb2
from tallystick_client.v1.group_expenses_pb2 import CreateExpenseRequest, Expense, ExpenseKind
from tallystick_client.v1.group_splits_pb2 import (
    AdjustedSplit,
    EqualSplit,
    ExpenseSplit,
    ItemisedSplit,
    MemberAmount,
    MemberPercent,
    MemberWeight,
    Payer,
    PercentSplit,
    SplitLine,
)

INT64_MAX = 2**63 - 1


def sums(expense: Expense) -> tuple[int, int]:
    return sum(each.owed_minor for each in expense.shares), sum(each.paid_minor for each in expense.shares)


def percent(**points: int) -> ExpenseSplit:
    parts = [MemberPercent(member_id=each, basis_points=many) for each, many in points.items()]
    return ExpenseSplit(percent=PercentSplit(percents=parts))


async def test_an_expense_keeps_what_was_said_and_what_it_comes_to(circle: Circle) -> None:
    ann, gus, hal = circle.everybody
    receipt = await bring(circle.person, circle.id, b"receipt")
    said = circle.draft(3000, category="Food", note="by the sea", receipt_ids=[receipt.id], import_key="n-1")
    made = (
        await circle.person.groups.CreateExpense(
            CreateExpenseRequest(request_id=new_id(), group_id=circle.id, expense=said)
        )
    ).expense
    assert (made.kind, made.booked_on, made.description) == (ExpenseKind.EXPENSE_KIND_EXPENSE, "2026-02-03", "Dinner")
    assert (made.category, made.note, made.import_key) == ("Food", "by the sea", "n-1")
    assert (list(made.receipt_ids), made.amount, made.group_id) == (list(said.receipt_ids), money(3000), circle.id)
    assert (list(made.payers), made.split, made.rule_version) == (list(said.payers), said.split, 1)
    assert shares_of(made) == {ann: 1000, gus: 1000, hal: 1000}
    assert await nets(circle) == {(ann, "EUR"): 2000, (gus, "EUR"): -1000, (hal, "EUR"): -1000}


async def test_create_expense_keeps_the_promises_of_a_write(circle: Circle) -> None:
    await keeps_the_promises_of_a_write(circle, "CreateExpense", circle.expense(), expense=circle.draft(3001))
    assert (await nets(circle))[circle.owner_id, "EUR"] == 2000


async def test_b1_the_odd_cent_follows_from_the_id_and_not_from_who_is_first(circle: Circle) -> None:
    bearing = set()
    for _ in range(40):
        made = await circle.spend(1000, expense_id=new_id())
        (odd,) = [each for each in made.shares if each.rounded_up]
        assert (sums(made), odd.owed_minor) == ((1000, 1000), 334)
        bearing.add(odd.member_id)
    assert bearing == set(circle.everybody)


async def test_every_way_to_share_comes_to_the_amount(circle: Circle) -> None:
    ann, gus, hal = circle.everybody

    def line(name: str, minor: int, **weights: int) -> SplitLine:
        parts = [MemberWeight(member_id=each, weight=weight) for each, weight in weights.items()]
        return SplitLine(name=name, minor=minor, weights=parts)

    def adjusted(**extras: int) -> ExpenseSplit:
        parts = [MemberAmount(member_id=each, minor=minor) for each, minor in extras.items()]
        return ExpenseSplit(adjusted=AdjustedSplit(extras=parts))

    receipt = ItemisedSplit(
        lines=[line("Fish", 1800, **{ann: 1}), line("Wine", 1200, **{ann: 1, gus: 1, hal: 0})], tip_minor=300
    )
    for split, amount, shares in (
        (equally(gus, hal), 3001, None),
        (exactly(**{ann: 1, gus: 2999}), 3000, [1, 2999]),
        (weighted(**{ann: 2, gus: 1, hal: 0}), 3000, [2000, 1000, 0]),
        (percent(**{ann: 2500, gus: 7500}), 3000, [750, 2250]),
        (adjusted(**{ann: 600, gus: 0, hal: -300}), 3000, [1500, 900, 600]),
        (ExpenseSplit(itemised=receipt), 3300, [2640, 660, 0]),
    ):
        made = await circle.spend(amount, split=split)
        assert sums(made) == (amount, amount)
        assert made.split == split
        if shares is not None:
            borne = [shares_of(made).get(each) for each in circle.everybody][: len(shares)]
            assert borne == shares, split


async def test_several_pay_and_a_payer_need_not_share(circle: Circle) -> None:
    ann, gus, hal = circle.everybody
    payers = [Payer(member_id=ann, minor=2000), Payer(member_id=hal, minor=1000)]
    made = await circle.spend(3000, payers=payers, split=equally(gus))
    assert shares_of(made)[gus] == 3000
    assert await nets(circle) == {(ann, "EUR"): 2000, (gus, "EUR"): -3000, (hal, "EUR"): 1000}


async def test_without_payers_the_caller_paid_and_without_a_split_all_share(circle: Circle) -> None:
    eve = await sign_up(circle.person.client, "Eve")
    await share(circle.person, circle.id, eve, EDITOR)
    draft = circle.draft(4000)
    draft.ClearField("payers")
    draft.ClearField("split")
    request = CreateExpenseRequest(request_id=new_id(), group_id=circle.id, expense=draft)
    made = (await eve.groups.CreateExpense(request)).expense
    (payer,) = made.payers
    assert payer.member_id not in circle.everybody
    assert (payer.minor, set(shares_of(made).values())) == (4000, {1000})
    assert set(made.split.equal.member_ids) == {*circle.everybody, payer.member_id}


async def test_b13_the_default_split_is_for_what_comes_and_not_for_what_was(circle: Circle) -> None:
    ann, gus, hal = circle.everybody

    async def share_by(**weights: int) -> None:
        parts = [MemberWeight(member_id=each, weight=weight) for each, weight in weights.items()]
        request = group_pb2.UpdateGroupRequest(request_id=new_id(), group_id=circle.id, default_split=parts)
        await circle.person.groups.UpdateGroup(request)

    await share_by(**{ann: 2, gus: 1})
    made = await circle.spend(3000, split=None)
    assert (shares_of(made), made.split) == ({ann: 2000, gus: 1000}, weighted(**{ann: 2, gus: 1}))
    await share_by(**{hal: 1})
    assert (await nets(circle)) == {(ann, "EUR"): 1000, (gus, "EUR"): -1000}
    await take_out(circle, hal)
    again = await circle.spend(3000, split=None)
    assert shares_of(again) == {ann: 1500, gus: 1500}


async def test_an_income_gives_to_those_who_share_it(circle: Circle) -> None:
    ann, gus, hal = circle.everybody
    made = await circle.spend(3000, kind=INCOME)
    assert sums(made) == (3000, 3000)
    assert await nets(circle) == {(ann, "EUR"): -2000, (gus, "EUR"): 1000, (hal, "EUR"): 1000}


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 1000), ("KWD", 10_001), ("CLF", 100_003)])
async def test_b9_b10_the_smallest_unit_is_the_currency_s_own(ann: Person, currency: str, minor: int) -> None:
    circle = await make_circle(ann, "Gus", "Hal", currency=currency)
    made = await circle.spend(minor, currency=currency)
    assert (made.amount, sums(made)) == (money(minor, currency), (minor, minor))
    assert max(shares_of(made).values()) - min(shares_of(made).values()) == 1


async def test_b26_b27_a_rate_converts_once_and_all_bear_it_as_they_bear_the_amount(circle: Circle) -> None:
    ann, gus, hal = circle.everybody
    made = await circle.spend(
        1000,
        currency="USD",
        split=exactly(**{ann: 333, gus: 333, hal: 334}),
        convert_with="0.915",
        convert_source="the bank",
    )
    assert made.conversion == counts_as(915, rate="0.915", source="the bank", rate_on="2026-02-03")
    assert sum(each.converted_owed_minor for each in made.shares) == 915
    assert sum(each.converted_paid_minor for each in made.shares) == 915
    assert {currency for _, currency in await nets(circle)} == {"EUR"}
    # Between a currency with cents and one without, too: one euro costs 160 yen.
    yen = await circle.spend(1600, currency="JPY", convert_with="0.00625")
    assert yen.conversion.amount == money(1000)


async def test_both_amounts_may_be_given_and_a_rate_beside_them_must_agree(circle: Circle) -> None:
    made = await circle.spend(1000, currency="USD", conversion=counts_as(917))
    assert made.conversion == counts_as(917)
    await circle.spend(1000, currency="USD", conversion=counts_as(900, rate="0.9"))
    wrong = await refusal_of(circle.spend(1000, currency="USD", conversion=counts_as(901, rate="0.9")))
    assert (wrong.reason, wrong.fields) == ("INVALID_FIELD", ("expense.conversion.amount.minor",))


async def test_currencies_are_never_mixed(circle: Circle) -> None:
    ann, gus, hal = circle.everybody
    await circle.spend(3000)
    await circle.spend(3000, currency="USD")
    assert await nets(circle) == {
        (each, currency): net for currency in ("EUR", "USD") for each, net in ((ann, 2000), (gus, -1000), (hal, -1000))
    }


async def test_amounts_of_a_thousand_million_million_and_a_hundred_members(ann: Person) -> None:
    circle = await make_circle(ann, *(f"G{number}" for number in range(99)))
    made = await circle.spend(10**15 + 7)
    assert sums(made) == (10**15 + 7, 10**15 + 7)
    assert len(made.shares) == 100
    assert sum((await nets(circle)).values()) == 0


async def refused_without_a_trace(database: proof.Connection, circle: Circle, request: CreateExpenseRequest) -> Refusal:
    """B24, B31: what is refused has a real status, and leaves nothing behind, in no history either."""
    before = proof.count_rows(database)
    refusal = await refusal_of(circle.person.groups.CreateExpense(request))
    assert proof.count_rows(database) == before
    return refusal


def bad(circle: Circle) -> dict[str, tuple[dict[str, Any], str, str]]:
    """By what is wrong: the fields, the reason, and the path."""
    ann, gus, hal = circle.everybody
    ten = {"currency": "USD"}
    return {
        "impossible date": ({"booked_on": "2026-02-30"}, "INVALID_DATE", "booked_on"),
        "no date": ({"booked_on": ""}, "INVALID_DATE", "booked_on"),
        "unknown currency": ({"amount": money(3000, "ZZZ")}, "UNKNOWN_CURRENCY", "amount.currency"),
        "no amount": ({"amount": None}, "INVALID_FIELD", "amount.minor"),
        "nothing": ({"amount": money(0)}, "INVALID_FIELD", "amount.minor"),
        "below zero": ({"amount": money(-3000)}, "INVALID_FIELD", "amount.minor"),
        "payer twice": ({"payers": [Payer(member_id=ann, minor=1500)] * 2}, "INVALID_FIELD", "payers[1]"),
        "member twice": ({"split": equally(ann, gus, ann.upper())}, "INVALID_FIELD", "split.equal.member_ids[2]"),
        "weights of zero only": ({"split": weighted(**{ann: 0, gus: 0})}, "INVALID_FIELD", "split"),
        "no split": ({"split": ExpenseSplit()}, "INVALID_FIELD", "split.mode"),
        "nobody": ({"split": ExpenseSplit(equal=EqualSplit())}, "INVALID_FIELD", "split.equal.member_ids"),
        "part below zero": ({"split": exactly(**{ann: 3001, gus: -1})}, "INVALID_FIELD", "split.exact"),
        "rate of zero": (ten | {"convert_with": "0"}, "INVALID_RATE", "convert_with"),
        "rate too small": (ten | {"convert_with": "0.000001"}, "INVALID_FIELD", "convert_with"),
        "no rate": (ten | {"convert_with": "1:2"}, "INVALID_FIELD", "convert_with"),
        "source of no rate": (ten | {"convert_source": "x"}, "INVALID_FIELD", "convert_source"),
        "two conversions": (ten | {"convert_with": "1", "conversion": counts_as(1)}, "INVALID_FIELD", "convert_with"),
        "rate to itself": ({"convert_with": "1.1"}, "CURRENCY_MISMATCH", "convert_with"),
        "itself": ({"conversion": counts_as(3000)}, "CURRENCY_MISMATCH", "conversion.amount.currency"),
        "into a third": (ten | {"conversion": counts_as(1, "CHF")}, "CURRENCY_MISMATCH", "conversion.amount.currency"),
        "into nothing": (ten | {"conversion": counts_as(0)}, "INVALID_FIELD", "conversion.amount"),
        "conversion of no currency": (
            ten | {"conversion": counts_as(1, "ZZZ")},
            "UNKNOWN_CURRENCY",
            "conversion.amount.currency",
        ),
        "refund of something as an expense": ({"refund_of_id": new_id()}, "NOT_FOUND", ""),
        "too large when converted": (
            {"amount": money(INT64_MAX, "USD"), "payers": [], "convert_with": "2"},
            "AMOUNT_OUT_OF_RANGE",
            "amount.minor",
        ),
    }


BAD = tuple(bad(Circle(None, new_id(), new_id(), {"Gus": new_id(), "Hal": new_id()})))  # type: ignore[arg-type]  # only for the names


@pytest.mark.parametrize("what", BAD)
async def test_b24_b31_create_expense_refuses(circle: Circle, database: proof.Connection, what: str) -> None:
    fields, reason, path = bad(circle)[what]
    refusal = await refused_without_a_trace(database, circle, circle.expense(**fields))
    assert (refusal.reason, refusal.fields) == (reason, (f"expense.{path}",) if path else ())
    assert refusal.code in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND)


async def test_b6_b20_shares_that_do_not_sum_say_by_how_much(circle: Circle, database: proof.Connection) -> None:
    ann, gus, _ = circle.everybody
    payers = [Payer(member_id=ann, minor=2999)]
    for fields, expected, actual, path in (
        ({"split": exactly(**{ann: 3167, gus: 3167})}, 3000, 6334, "split.exact"),
        ({"split": percent(**{ann: 5000, gus: 4000})}, 10_000, 9000, "split.percent"),
        ({"payers": payers}, 3000, 2999, "payers"),
    ):
        refusal = await refused_without_a_trace(database, circle, circle.expense(3000, **fields))
        assert (refusal.reason, refusal.fields) == ("SPLITS_UNBALANCED", (f"expense.{path}",))
        assert {name: int(refusal.metadata[name]) for name in ("expected", "actual", "difference")} == {
            "expected": expected,
            "actual": actual,
            "difference": expected - actual,
        }


async def test_who_is_not_in_the_group_neither_pays_nor_shares(
    circle: Circle, ann: Person, database: proof.Connection
) -> None:
    other = await make_circle(ann, "Jo")
    for stranger in (new_id(), other.owner_id):
        for fields in ({"by": stranger}, {"among": [circle.owner_id, stranger]}):
            refusal = await refused_without_a_trace(database, circle, circle.expense(**fields))
            assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_b12_who_was_removed_neither_pays_nor_shares(circle: Circle, database: proof.Connection) -> None:
    hal = circle.guests["Hal"]
    await take_out(circle, hal)
    for fields in ({"by": hal, "among": [circle.owner_id]}, {"among": [circle.owner_id, hal]}):
        refusal = await refused_without_a_trace(database, circle, circle.expense(**fields))
        assert (refusal.reason, refusal.metadata["member_id"]) == ("MEMBER_INACTIVE", hal)


async def test_b19_nobody_from_outside_adds_an_expense(circle: Circle, bob: Person) -> None:
    there = await refusal_of(bob.groups.CreateExpense(circle.expense()))
    request = circle.expense()
    request.group_id = new_id()
    nowhere = await refusal_of(bob.groups.CreateExpense(request))
    assert (there.code, there.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    assert (there.metadata, there.fields) == (nowhere.metadata, nowhere.fields)


async def test_b22_the_same_request_many_times_at_once_is_one_expense(circle: Circle) -> None:
    request = circle.expense()
    answers = await asyncio.gather(*(circle.person.groups.CreateExpense(request) for _ in range(8)))
    assert len({each.expense.id for each in answers}) == 1
    assert (await nets(circle))[circle.owner_id, "EUR"] == 2000


async def test_many_expenses_at_once_lose_nothing(circle: Circle) -> None:
    await asyncio.gather(*(circle.spend(3 * minor) for minor in range(1, 33)))
    assert (await nets(circle))[circle.owner_id, "EUR"] == 2 * sum(range(1, 33))


async def test_an_id_that_is_taken(circle: Circle, database: proof.Connection) -> None:
    taken = (await circle.spend()).id
    refusal = await refused_without_a_trace(database, circle, circle.expense(expense_id=taken))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ID_TAKEN")


async def test_b30_what_was_imported_is_imported_once(circle: Circle, database: proof.Connection) -> None:
    made = await circle.spend(import_key="row 7")
    refusal = await refused_without_a_trace(database, circle, circle.expense(100, import_key="row 7"))
    assert (refusal.reason, refusal.metadata["expense_id"]) == ("IMPORT_KEY_TAKEN", made.id)


async def test_what_64_bits_cannot_hold_is_refused(circle: Circle, database: proof.Connection) -> None:
    gus = circle.guests["Gus"]
    await circle.spend(INT64_MAX, among=[gus])
    refusal = await refused_without_a_trace(database, circle, circle.expense(1, among=[gus]))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "AMOUNT_OUT_OF_RANGE")


async def test_an_archived_group_takes_no_expenses(circle: Circle, database: proof.Connection) -> None:
    await archive(circle)
    assert (await refused_without_a_trace(database, circle, circle.expense())).reason == "GROUP_ARCHIVED"


async def test_a_locked_period_takes_no_expenses(circle: Circle, database: proof.Connection) -> None:
    await lock(circle, "2026-02-03")
    refusal = await refused_without_a_trace(database, circle, circle.expense())
    assert (refusal.reason, refusal.metadata["locked_until"]) == ("PERIOD_LOCKED", "2026-02-03")
    await circle.spend(booked_on="2026-02-04")
