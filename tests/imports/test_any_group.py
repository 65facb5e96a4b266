"""Does what a group of Splitwise shares come in with its balances, once, and go without a trace, whatever it shares?"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import proof
from circle import Circle, make_circle
from imports.desk import STATUS, Desk
from imports.killing import Killing, again_and_again
from imports.sharing import balances, by_name, desk_of, export, row, settlements, total
from people import Person
from tallystick.app import App
from tallystick.imports import recording, reverting
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.roles import DATABASE
from tallystick_client.v1.group_balances_pb2 import VerifyGroupRequest
from tallystick_client.v1.group_settlements_pb2 import SettlementState

REVERSED = SettlementState.SETTLEMENT_STATE_REVERSED
NAMES = ("Ann", "Ben", "Cleo", "Dora")
CURRENCIES = ("EUR", "JPY", "KWD")
# Few of each, so that much is alike.
DAYS = st.integers(0, 5).map(lambda days: date(2026, 3, 1) + timedelta(days))


@dataclass(frozen=True)
class Shared:
    """An expense or a payment as Splitwise knows it: who paid and who bears how much."""

    day: date
    text: str
    currency: str
    paid: tuple[int, ...]
    borne: tuple[int, ...]
    is_payment: bool = False

    @property
    def nets(self) -> tuple[int, ...]:
        return tuple(paid - borne for paid, borne in zip(self.paid, self.borne, strict=True))

    @property
    def line(self) -> str:
        category = "Payment" if self.is_payment else "General"
        day = self.day.isoformat()
        return row(day, self.text, sum(self.paid), *self.nets, category=category, currency=self.currency)


@st.composite
def expenses(draw: st.DrawFn) -> Shared:
    borne = draw(st.tuples(*[st.sampled_from([0, 100, 333, 1000])] * len(NAMES)).filter(any))
    cost = sum(borne)
    first, second = draw(st.permutations(range(len(NAMES))))[:2]
    part = draw(st.sampled_from([0, cost // 3, cost // 2]))
    paid = [0] * len(NAMES)
    paid[first], paid[second] = cost - part, part
    text = draw(st.sampled_from(["Dinner", "Taxi", "Zoo & more"]))
    return Shared(draw(DAYS), text, draw(st.sampled_from(CURRENCIES)), tuple(paid), borne)


@st.composite
def payments(draw: st.DrawFn) -> Shared:
    giver, taker = draw(st.permutations(range(len(NAMES))))[:2]
    minor = draw(st.sampled_from([100, 500]))
    paid, borne = ([minor if at == each else 0 for at in range(len(NAMES))] for each in (giver, taker))
    return Shared(draw(DAYS), "Paid", draw(st.sampled_from(CURRENCIES)), tuple(paid), tuple(borne), is_payment=True)


SHARED = st.lists(st.one_of(expenses(), payments()).filter(lambda each: any(each.nets)), min_size=1, max_size=10)


def sums_of(shared: list[Shared]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for each in shared:
        for name, net in zip(NAMES, each.nets, strict=True):
            sums[name, each.currency] = sums.get((name, each.currency), 0) + net
    return {key: net for key, net in sums.items() if net}


def file_of(shared: list[Shared]) -> str:
    sums = sums_of(shared)
    totals = [total(*(sums.get((name, currency), 0) for name in NAMES), currency=currency) for currency in CURRENCIES]
    return export(NAMES, *(each.line for each in shared), *totals)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(shared=SHARED, cut=st.integers(0, 5))
async def test_any_group_comes_in_once_and_goes_without_a_trace(ann: Person, shared: list[Shared], cut: int) -> None:
    circle = await make_circle(ann, *NAMES[1:])
    desk = desk_of(circle)
    days = sorted({each.day for each in shared})
    part = [each for each in shared if each.day <= days[min(cut, len(days) - 1)]]

    first = await desk.take_in(file_of(part))
    assert (first.counts.imported, len(first.differences)) == (len(part), 0)
    assert by_name(circle, await balances(circle)) == sums_of(part)
    whole = await desk.take_in(file_of(shared))
    assert (whole.counts.imported, whole.counts.duplicates) == (len(shared) - len(part), len(part))
    assert not whole.differences
    assert by_name(circle, await balances(circle)) == sums_of(shared)
    again = await desk.take_in(file_of([*reversed(shared)]))
    assert (again.counts.imported, again.counts.duplicates) == (0, len(shared))

    for each in (whole, first):
        reverted = await desk.revert(each.id)
        assert (reverted.counts.reverted, reverted.counts.kept) == (each.counts.imported, 0)
    assert await balances(circle) == {}


@pytest.fixture
def small_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many commits of few rows."""
    monkeypatch.setattr(recording, "ROWS_IN_COMMIT", 3)
    monkeypatch.setattr(reverting, "ROWS_IN_COMMIT", 3)


@pytest.mark.usefixtures("small_commits")
async def test_killed_at_every_commit_it_goes_on_and_does_all_of_it_once(
    ann: Person, server: App, monkeypatch: pytest.MonkeyPatch, postgres: EmbeddedPostgres
) -> None:
    circle = await make_circle(ann, *NAMES[1:-1])
    desk: Desk = desk_of(circle)
    thirds = tuple([100] * len(NAMES))
    shared = [
        Shared(
            date(2026, 3, 1 + at),
            f"Night {at}",
            "EUR",
            tuple(400 if each == at % 4 else 0 for each in range(4)),
            thirds,
        )
        if at % 3
        else Shared(date(2026, 3, 1 + at), "Paid", "EUR", (500, 0, 0, 0), (0, 0, 0, 500), is_payment=True)
        for at in range(8)
    ]
    made = await desk.create(file_of(shared))
    await desk.answer(made.id, members=[{"name": "Dora", "as_guest": True}])
    killing = Killing(server.store, monkeypatch)
    done, attempts = await again_and_again(lambda: desk.process(made.id), killing)
    assert attempts > 3
    assert (done.status, done.counts.imported, len(done.differences)) == (STATUS.IMPORT_STATUS_DONE, len(shared), 0)
    killing.left = 0
    (circle.guests["Dora"],) = done.created_member_ids
    assert by_name(circle, await balances(circle)) == sums_of(shared)
    assert await _holds(circle)
    reverted, attempts = await again_and_again(lambda: desk.revert(made.id), killing)
    assert attempts > 3
    assert (reverted.counts.reverted, reverted.counts.kept) == (len(shared), 0)
    killing.left = 0
    assert await balances(circle) == {}
    assert {each.state for each in await settlements(circle)} == {REVERSED}
    assert await _holds(circle)
    with proof.connect(postgres.superuser_dsn, dbname=DATABASE) as database:
        proof.prove(database, server.store.keys, UUID(circle.id))


async def _holds(circle: Circle) -> bool:
    """What the group itself says when it is proven."""
    told = [each async for each in circle.person.proofs.VerifyGroup(VerifyGroupRequest(group_id=circle.id))]
    return bool(told[-1].verdict.holds)
