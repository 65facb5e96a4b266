"""What UpdateExpense promises."""

import asyncio
from typing import Any

import grpc
import pytest

from circle import Circle, equally, money, shares_of, weighted
from files.desk import bring
from people import Person, new_id, refusal_of
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.groups.spending import (
    INCOME,
    REFUND,
    archive,
    counts_as,
    exactly,
    get,
    give_back,
    lock,
    nets,
    update,
    update_of,
    with_somebody_gone,
)
from rpc.spaces.sharing import outcome_of
from tallystick_client.v1.group_expenses_pb2 import Expense, ExpenseDraft
from tallystick_client.v1.group_splits_pb2 import (
    AdjustedSplit,
    ExpenseSplit,
    ItemisedSplit,
    MemberAmount,
    MemberWeight,
    Payer,
    SplitLine,
)

WORDS: dict[str, Any] = {
    "booked_on": "2026-02-05",
    "description": "Supper",
    "category": "Food",
    "note": "late",
    # Files must be there: see below.
    "receipt_ids": [],
}


def money_of(expense: Expense) -> list[Any]:
    names = ("kind", "amount", "payers", "split", "shares", "rule_version", "conversion", "refund_of_id")
    return [getattr(expense, name) for name in names]


async def test_update_expense_keeps_the_promises_of_a_write(circle: Circle) -> None:
    made = await circle.spend()
    request = update_of(circle, made, note="new")
    answer = await keeps_the_promises_of_a_write(circle, "UpdateExpense", request, change=ExpenseDraft(note="other"))
    assert (answer.expense.note, answer.expense.version > made.version) == ("new", True)
    assert await get(circle, made) == answer.expense


@pytest.mark.parametrize("name", WORDS)
async def test_b4_b15_words_move_no_cent(circle: Circle, name: str) -> None:
    split = weighted(**dict(zip(circle.everybody, (3, 2, 2), strict=True)))
    made = await circle.spend(1001, currency="USD", split=split, convert_with="0.917", convert_source="bank")
    word = WORDS[name] or [(await bring(circle.person, circle.id, b"receipt")).id]
    for paths in ((), (name,)):
        changed = await update(circle, made, *paths, **{name: word})
        assert getattr(changed, name) == word
        assert money_of(changed) == money_of(made)


async def test_a_mask_clears_what_it_names(circle: Circle) -> None:
    made = await circle.spend(note="late", category="Food")
    changed = await update(circle, made, "note", "category", category="Fun")
    assert (changed.note, changed.category, changed.description) == ("", "Fun", "Dinner")


async def test_an_unknown_path_is_refused(circle: Circle) -> None:
    made = await circle.spend()
    for path in ("shares", "import_key", "expense_id", "convert_with"):
        assert (await refusal_of(update(circle, made, path))).reason == "INVALID_UPDATE_MASK"


async def test_a_new_amount_is_paid_by_who_paid_and_shared_as_before(circle: Circle) -> None:
    made = await circle.spend(3000)
    changed = await update(circle, made, amount=money(600))
    assert [(each.member_id, each.minor) for each in changed.payers] == [(circle.owner_id, 600)]
    assert set(shares_of(changed).values()) == {200}
    assert (await nets(circle))[circle.owner_id, "EUR"] == 400


async def test_several_payers_must_be_said_anew(circle: Circle) -> None:
    ann, gus, _ = circle.everybody
    payers = [Payer(member_id=ann, minor=2000), Payer(member_id=gus, minor=1000)]
    made = await circle.spend(3000, payers=payers)
    refusal = await refusal_of(update(circle, made, amount=money(3100)))
    assert (refusal.reason, refusal.fields) == ("SPLITS_UNBALANCED", ("change.payers",))
    payers[0].minor = 2100
    changed = await update(circle, made, amount=money(3100), payers=payers)
    assert list(changed.payers) == payers


async def test_b20_a_split_that_no_longer_adds_up_is_refused(circle: Circle) -> None:
    ann, gus, _ = circle.everybody
    line = SplitLine(name="Fish", minor=3000, weights=[MemberWeight(member_id=ann, weight=1)])
    extras = [MemberAmount(member_id=ann, minor=2900), MemberAmount(member_id=gus, minor=0)]
    for split, name in (
        (exactly(**{ann: 1000, gus: 2000}), "exact"),
        (ExpenseSplit(itemised=ItemisedSplit(lines=[line])), "itemised"),
        (ExpenseSplit(adjusted=AdjustedSplit(extras=extras)), "adjusted"),
    ):
        made = await circle.spend(3000, split=split)
        refusal = await refusal_of(update(circle, made, amount=money(2000)))
        assert (refusal.reason, refusal.fields) == ("SPLITS_UNBALANCED", (f"change.split.{name}",))
        assert refusal.metadata["expected"] == "2000"
        assert await get(circle, made) == made


async def test_a_new_split_and_a_new_kind(circle: Circle) -> None:
    ann, gus, hal = circle.everybody
    made = await circle.spend(3000)
    changed = await update(circle, made, split=equally(gus, hal))
    assert await nets(circle) == {(ann, "EUR"): 3000, (gus, "EUR"): -1500, (hal, "EUR"): -1500}
    await update(circle, changed, kind=INCOME)
    assert await nets(circle) == {(ann, "EUR"): -3000, (gus, "EUR"): 1500, (hal, "EUR"): 1500}


async def test_b14_who_is_gone_stays_on_what_names_them(circle: Circle) -> None:
    made = await with_somebody_gone(circle)
    hal = circle.guests["Hal"]
    changed = await update(
        circle, made, split=exactly(**{circle.owner_id: 1000, hal: 1000, circle.guests["Gus"]: 1000})
    )
    assert changed.payers == made.payers
    assert shares_of(changed)[hal] == 1000
    other = await circle.spend(3000, among=[circle.owner_id])
    refusal = await refusal_of(update(circle, other, split=equally(hal)))
    assert (refusal.reason, refusal.metadata["member_id"]) == ("MEMBER_INACTIVE", hal)


async def test_b21_changes_of_different_things_meet_and_of_money_do_not(circle: Circle) -> None:
    made = await circle.spend(3000)
    await update(circle, made, amount=money(6000))
    noted = await update(circle, made, note="late", base_version=made.version)
    assert (noted.note, noted.amount) == ("late", money(6000))
    for change in ({"split": equally(circle.owner_id)}, {"kind": INCOME}, {"amount": money(1)}):
        refusal = await refusal_of(update(circle, made, **change, base_version=made.version))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")
        assert refusal.metadata["current_version"] == str(noted.version)
    assert (await update(circle, made, kind=INCOME, base_version=noted.version)).kind == INCOME


async def test_b21_of_two_at_once_that_change_money_one_is_told(circle: Circle) -> None:
    made = await circle.spend(3000)
    minors = (300, 600)
    changes = [update(circle, made, amount=money(minor), base_version=made.version) for minor in minors]
    outcomes = await asyncio.gather(*(outcome_of(each) for each in changes))
    assert sorted(outcomes) == ["OK", "STALE_VERSION"]
    assert (await get(circle, made)).amount == money(minors[outcomes.index("OK")])


async def test_b25_a_rate_is_kept_and_applied_to_a_new_amount(circle: Circle) -> None:
    made = await circle.spend(1000, currency="USD", convert_with="0.9", convert_source="bank")
    moved = await update(circle, made, booked_on="2026-05-01", description="Supper")
    assert moved.conversion == made.conversion
    more = await update(circle, made, amount=money(2000, "USD"))
    assert more.conversion == counts_as(1800, rate="0.9", source="bank", rate_on="2026-02-03")
    anew = await update(circle, made, "conversion", convert_with="0.8")
    assert (anew.conversion.amount, anew.conversion.rate, anew.conversion.source) == (money(1600), "0.8", "")
    said = await update(circle, made, convert_with="0.5")
    assert said.conversion.amount == money(1000)


async def test_b25_where_both_amounts_were_given_both_are_given_anew(circle: Circle) -> None:
    made = await circle.spend(1000, currency="USD", conversion=counts_as(917))
    refusal = await refusal_of(update(circle, made, amount=money(2000, "USD")))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("change.conversion",))
    changed = await update(circle, made, amount=money(2000, "USD"), conversion=counts_as(1834))
    assert changed.conversion == counts_as(1834)


async def test_b28_another_currency_leaves_nothing_in_the_old_one(circle: Circle) -> None:
    ann, gus, hal = circle.everybody
    euros = {(ann, "EUR"): 2000, (gus, "EUR"): -1000, (hal, "EUR"): -1000}
    made = await circle.spend(3000)
    await update(circle, made, amount=money(3000, "USD"))
    assert await nets(circle) == {(each, "USD"): net for (each, _), net in euros.items()}
    await update(circle, made, "conversion", convert_with="2")
    assert await nets(circle) == {each: 2 * net for each, net in euros.items()}
    refusal = await refusal_of(update(circle, made, amount=money(3000, "CHF")))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("change.conversion",))
    back = await update(circle, made, amount=money(3000))
    assert not back.HasField("conversion")
    assert await nets(circle) == euros
    await update(circle, made, "conversion", amount=money(3000))
    assert await nets(circle) == euros


async def test_a_refunded_expense_keeps_its_money(circle: Circle) -> None:
    made = await circle.spend(3000)
    await give_back(circle, made, 1)
    gus = circle.guests["Gus"]
    for change in ({"amount": money(4000)}, {"split": equally(gus)}, {"kind": INCOME}, {"convert_with": "2"}):
        reason = "REFUNDED" if "convert_with" not in change else "CURRENCY_MISMATCH"
        assert (await refusal_of(update(circle, made, **change))).reason == reason
    assert (await update(circle, made, note="late", booked_on="2026-03-01")).note == "late"


async def test_b5_a_refund_of_another_amount_still_mirrors_its_expense(circle: Circle) -> None:
    made = await circle.spend(1000, currency="USD", convert_with="0.917")
    back = await give_back(circle, made, 100)
    changed = await update(circle, back, amount=money(1000, "USD"))
    assert (shares_of(changed), changed.conversion.amount) == (shares_of(made), made.conversion.amount)
    assert await nets(circle) == {}
    refusal = await refusal_of(update(circle, back, amount=money(1001, "USD")))
    assert refusal.reason == "REFUND_EXCEEDS_ORIGINAL"


async def test_a_refund_may_name_its_expense_later_or_no_more(circle: Circle) -> None:
    made = await circle.spend(1000)
    back = await circle.spend(1000, kind=REFUND)
    named = await update(circle, back, refund_of_id=made.id)
    assert shares_of(named) == shares_of(made)
    assert (await refusal_of(update(circle, made, refund_of_id=back.id))).reason == "INVALID_REFUND"
    assert (await refusal_of(update(circle, named, kind=INCOME))).reason == "INVALID_REFUND"
    assert (await update(circle, named, "refund_of_id")).refund_of_id == ""
    assert (await refusal_of(update(circle, named, refund_of_id=new_id()))).reason == "NOT_FOUND"


async def test_a_locked_period_keeps_money_and_days_and_not_words(circle: Circle) -> None:
    made, later = await circle.spend(3000), await circle.spend(3000, booked_on="2026-03-01")
    await lock(circle, "2026-02-28")
    for expense, change in (
        (made, {"amount": money(1)}),
        (made, {"booked_on": "2026-03-01"}),
        (later, {"booked_on": "2026-02-28"}),
    ):
        refusal = await refusal_of(update(circle, expense, **change))
        assert (refusal.reason, refusal.metadata["locked_until"]) == ("PERIOD_LOCKED", "2026-02-28")
    assert (await update(circle, made, description="Supper")).description == "Supper"


async def test_an_archived_group_keeps_money_and_not_words(circle: Circle) -> None:
    made = await circle.spend(3000)
    await archive(circle)
    assert (await refusal_of(update(circle, made, amount=money(1)))).reason == "GROUP_ARCHIVED"
    assert (await update(circle, made, note="late")).note == "late"


async def test_what_is_bad_is_named_by_its_path(circle: Circle) -> None:
    made = await circle.spend(3000)
    for change, paths, reason, field in (
        ({"booked_on": "2026-02-30"}, (), "INVALID_DATE", "booked_on"),
        ({}, ("booked_on",), "INVALID_DATE", "booked_on"),
        ({"amount": money(1, "ZZZ")}, (), "UNKNOWN_CURRENCY", "amount.currency"),
        ({"amount": money(0)}, (), "INVALID_FIELD", "amount.minor"),
        ({}, ("amount",), "INVALID_FIELD", "amount.minor"),
        ({"amount": money(1, "USD"), "convert_with": "0"}, (), "INVALID_RATE", "convert_with"),
        ({"kind": 9}, (), "INVALID_FIELD", "kind"),
        ({"split": equally("me")}, (), "INVALID_FIELD", "split.equal.member_ids[0]"),
        ({"amount": money(2**63 - 1), "split": weighted(**{circle.owner_id: 0})}, (), "INVALID_FIELD", "split"),
    ):
        refusal = await refusal_of(update(circle, made, *paths, **change))
        assert (refusal.reason, refusal.fields) == (reason, (f"change.{field}",))
    assert (await refusal_of(update(circle, made, split=equally(new_id())))).reason == "NOT_FOUND"


async def test_64_bits_hold_what_members_owe(circle: Circle) -> None:
    gus = circle.guests["Gus"]
    await circle.spend(2**63 - 1, among=[gus])
    made = await circle.spend(1, among=[circle.owner_id])
    assert (await refusal_of(update(circle, made, split=equally(gus)))).reason == "AMOUNT_OUT_OF_RANGE"


async def test_a_change_of_nothing_changes_nothing(circle: Circle) -> None:
    made = await circle.spend(3000)
    assert await update(circle, made, description="Dinner", amount=money(3000)) == made


async def test_b19_what_is_not_there(circle: Circle, bob: Person) -> None:
    made = await circle.spend()
    nowhere = Expense(id=new_id())
    assert (await refusal_of(update(circle, nowhere, note="x"))).reason == "NOT_FOUND"
    assert (await refusal_of(bob.groups.UpdateExpense(update_of(circle, made, note="x")))).reason == "NOT_FOUND"
