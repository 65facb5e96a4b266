"""GetBalances: who owes what, altogether and to whom."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import pytest

from circle import Circle, equally, paid_by
from people import Client, Person, new_id, refusal_of
from proof import Connection
from rpc.groups.settling import (
    balances_of,
    debts_of,
    nets_of,
    open_debts,
    pay,
    reverse,
    suggest,
    with_member,
)
from rpc.spaces.sharing import VIEWER, leave, outcome_of
from tallystick_client.v1.group_balances_pb2 import GetBalancesRequest
from tallystick_client.v1.group_expenses_pb2 import DeleteExpenseRequest, ExpenseKind
from tallystick_client.v1.group_pb2 import UpdateGroupRequest
from tallystick_client.v1.space_service_pb2 import GetSpaceRequest


async def test_nets_say_what_is_open_and_debts_between_whom(circle: Circle) -> None:
    ann, gus, hal = circle.everybody
    await circle.spend(3000)
    await circle.spend(600, payers=paid_by(**{gus: 600}), split=equally(ann, gus))
    await pay(circle, hal, ann, 400)
    answer = await balances_of(circle)
    assert await nets_of(circle) == {(ann, "EUR"): 1300, (gus, "EUR"): -700, (hal, "EUR"): -600}
    assert await debts_of(circle) == {(gus, ann, "EUR"): 700, (hal, ann, "EUR"): 600}
    space = await circle.person.spaces.GetSpace(GetSpaceRequest(space_id=circle.id))
    assert answer.version == space.space.head


async def test_currencies_are_never_mixed(circle: Circle) -> None:
    ann, gus, _ = circle.everybody
    await circle.spend(1000, among=[gus])
    await circle.spend(5000, currency="JPY", by=gus, among=[ann])
    assert await nets_of(circle) == {
        (ann, "EUR"): 1000,
        (gus, "EUR"): -1000,
        (ann, "JPY"): -5000,
        (gus, "JPY"): 5000,
    }
    answer = await balances_of(circle)
    assert [each.net.currency for each in answer.balances] == ["EUR", "EUR", "JPY", "JPY"]


async def test_a_group_that_is_even_owes_nothing(circle: Circle) -> None:
    ann, gus, hal = circle.everybody
    assert not (await balances_of(circle)).balances
    for one, other in ((ann, gus), (gus, hal), (hal, ann)):
        await pay(circle, one, other)
    answer = await balances_of(circle)
    assert not answer.balances
    assert len(answer.debts) == 3, "what goes round in a circle is open all the same"


async def test_refunds_and_incomes_go_the_other_way(circle: Circle) -> None:
    ann, gus, _ = circle.everybody
    await circle.spend(1000, among=[gus])
    await circle.spend(400, among=[gus], kind=ExpenseKind.EXPENSE_KIND_REFUND)
    await circle.spend(100, among=[gus], kind=ExpenseKind.EXPENSE_KIND_INCOME)
    assert await nets_of(circle) == {(ann, "EUR"): 500, (gus, "EUR"): -500}


async def test_as_of_a_day_only_what_was_booked_until_then_counts(circle: Circle) -> None:
    ann, gus, _ = circle.everybody
    await circle.spend(1000, among=[gus], booked_on="2026-03-01")
    await pay(circle, gus, ann, 300, booked_on="2026-03-02")
    await circle.spend(50, among=[gus], booked_on="2026-03-03")
    gone = await pay(circle, gus, ann, 9, booked_on="2026-03-01")
    await reverse(circle.person, gone)
    found = {}
    for day in ("2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03", "9999-12-31"):
        found[day] = (await nets_of(circle, as_of=day)).get((ann, "EUR"), 0)
    assert [*found.values()] == [0, 1000, 700, 750, 750]
    assert await balances_of(circle, as_of="9999-12-31") == await balances_of(circle)


async def test_as_of_is_folded_over_many_slices(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.groups.sums.folding.SLICE_ROWS", 3)
    for day in range(1, 9):
        await circle.spend(100 * day, booked_on=f"2026-03-{day:02}")
        await pay(circle, circle.owner_id, circle.everybody[1], day, booked_on=f"2026-03-{day:02}")
    assert await balances_of(circle, as_of="2026-12-31") == await balances_of(circle)


async def test_b16_deleting_twice_takes_away_once(circle: Circle) -> None:
    _, gus, _ = circle.everybody
    await circle.spend(1000, among=[gus])
    before = await nets_of(circle)
    extra = await circle.spend(700)
    for _ in range(2):
        request = DeleteExpenseRequest(request_id=new_id(), group_id=circle.id, expense_id=extra.id)
        await outcome_of(circle.person.groups.DeleteExpense(request))
    assert await nets_of(circle) == before == await nets_of(circle, as_of="9999-12-31")


async def test_b16_a_settlement_is_of_its_group_and_currency_alone(circle: Circle) -> None:
    ann, gus, _ = circle.everybody
    await circle.spend(1000, among=[gus])
    await circle.spend(1000, currency="USD", among=[gus])
    await pay(circle, gus, ann, 1000)
    assert await nets_of(circle) == {(ann, "USD"): 1000, (gus, "USD"): -1000}


@pytest.mark.parametrize("simplify", [False, True])
async def test_b17_how_debts_are_simplified_moves_no_net(circle: Circle, simplify: bool) -> None:
    ann, gus, hal = circle.everybody
    await circle.spend(900, by=gus, among=[ann])
    await circle.spend(900, by=hal, among=[gus])
    before = await balances_of(circle)
    request = UpdateGroupRequest(request_id=new_id(), group_id=circle.id, simplify_debts=simplify)
    request.update_mask.paths.append("simplify_debts")
    await circle.person.groups.UpdateGroup(request)
    after = await balances_of(circle)
    assert (list(after.balances), list(after.debts)) == (list(before.balances), list(before.debts))
    payments = (await suggest(circle)).currencies[0].payments
    assert len(payments) == (1 if simplify else 2)


@pytest.mark.parametrize("simplify", [False, True])
async def test_b18_what_one_sees_across_people_comes_to_ones_net(circle: Circle, simplify: bool) -> None:
    request = UpdateGroupRequest(request_id=new_id(), group_id=circle.id, simplify_debts=simplify)
    request.update_mask.paths.append("simplify_debts")
    await circle.person.groups.UpdateGroup(request)
    ann, gus, hal = circle.everybody
    await circle.spend(1001, payers=paid_by(**{ann: 500, gus: 501}))
    await circle.spend(903, by=hal, among=[gus, ann])
    await circle.spend(77, currency="USD", by=gus)
    await pay(circle, gus, hal, 55)
    nets = await nets_of(circle)
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for (debtor, creditor, currency), owes in (await debts_of(circle)).items():
        seen[debtor, currency] -= owes
        seen[creditor, currency] += owes
    assert {key: each for key, each in seen.items() if each} == nets
    paid: dict[tuple[str, str], int] = defaultdict(int)
    for each in (await suggest(circle)).currencies:
        for line in each.payments:
            paid[line.from_member_id, each.currency] -= line.amount.minor
            paid[line.to_member_id, each.currency] += line.amount.minor
    assert {key: each for key, each in paid.items() if each} == nets


def publish(database: Connection, base: str, quote: str, on: str, rate: str, source: str) -> None:
    database.execute(
        "INSERT INTO provider_rate (source, base, quote, effective_on, rate) VALUES (%s, %s, %s, %s, %s)",
        (source, base, quote, date.fromisoformat(on), rate),
    )


@pytest.fixture
def source(database: Connection) -> Iterator[str]:
    """Who says that one euro is worth 3.01 ouguiyas, while the test runs."""
    source = f"test-{new_id()[:8]}"
    publish(database, "EUR", "MRU", "2026-01-01", "3.01", source)
    yield source
    database.execute("DELETE FROM provider_rate WHERE source = %s", (source,))


async def test_a_view_shows_all_in_one_currency_and_comes_to_zero(circle: Circle, source: str) -> None:
    ann, gus, hal = circle.everybody
    await circle.spend(1, among=[gus])
    await circle.spend(150, among=[hal])
    await circle.spend(30, currency="MRU", by=gus, among=[hal])
    answer = await balances_of(circle, in_currency="MRU", as_of="2026-12-31")
    # 454.51, 26.99 and -481.5: what is left over goes to whom most was taken from.
    assert {(each.member_id, each.net.currency, each.net.minor) for each in answer.view.balances} == {
        (ann, "MRU", 455),
        (gus, "MRU", 27),
        (hal, "MRU", -482),
    }
    assert [(each.base, each.quote, each.rate, each.on, each.source) for each in answer.view.rates] == [
        ("EUR", "MRU", "3.01", "2026-01-01", source)
    ]


async def test_there_is_no_view_without_a_rate(circle: Circle) -> None:
    await open_debts(circle)
    assert (await refusal_of(balances_of(circle, in_currency="MRU"))).reason == "NO_RATE"
    own = await balances_of(circle, in_currency="EUR")
    assert list(own.view.balances) == list(own.balances)
    assert not own.view.rates


async def test_what_does_not_exist_is_refused(circle: Circle) -> None:
    assert (await refusal_of(balances_of(circle, as_of="2026-02-30"))).reason == "INVALID_DATE"
    assert (await refusal_of(balances_of(circle, in_currency="XQZ"))).reason == "UNKNOWN_CURRENCY"


async def test_members_with_any_role_see_it_and_nobody_else(circle: Circle, bob: Person, client: Client) -> None:
    await open_debts(circle)
    stranger = await refusal_of(balances_of(circle, bob))
    nothing = await refusal_of(bob.groups.GetBalances(GetBalancesRequest(group_id=new_id())))
    assert (stranger.reason, stranger.raw) == ("NOT_FOUND", nothing.raw)
    await with_member(circle, bob, VIEWER)
    assert await balances_of(circle, bob) == await balances_of(circle)
    assert await balances_of(circle, bob, as_of="2027-01-01") == await balances_of(circle, as_of="2027-01-01")
    await leave(bob, circle.id)
    for filters in ({}, {"as_of": "2027-01-01"}):
        assert (await refusal_of(balances_of(circle, bob, **filters))).raw == stranger.raw
    assert (await refusal_of(balances_of(circle, client))).reason == "NOT_SIGNED_IN"
