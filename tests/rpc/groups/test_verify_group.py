"""VerifyGroup: is everything that a group keeps what its expenses, settlements and journal say?"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import grpc
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Uuid, bindparam, select

import proof as tables
from circle import Circle, equally, money, paid_by, weighted
from ledger.spoiler import (
    CELL_DAMAGED,
    JOURNAL_BROKEN,
    LINK_BROKEN,
    STRUCTURE_DIFFERS,
    Spoiler,
    Wanted,
    unguarded,
)
from people import Client, Person, new_id, read_refusal
from rpc.groups.settling import balances_of, dispute, lines_of, pay, pay_line, plan, reverse, with_member
from rpc.spaces.sharing import VIEWER
from tallystick import schema
from tallystick.app import App
from tallystick.groups.proof.proving import GroupProof
from tallystick.groups.sums.cells import Tally
from tallystick.groups.tables import EXPENSE, SETTLEMENT, TALLY
from tallystick.jobs.tables import job_run
from tallystick.proof import proving
from tallystick.proof.job import ProofJob
from tallystick.proof.proving import entities_of
from tallystick.store.statements import prepare
from tallystick.v1.ledger_proof_pb2 import DifferenceKind
from tallystick.v1.space_pb2 import SpaceKind
from tallystick_client.v1 import group_balances_pb2 as pb
from tallystick_client.v1.group_expenses_pb2 import DeleteExpenseRequest, ExpenseKind
from tallystick_client.v1.group_splits_pb2 import Conversion
from tallystick_client.v1.ledger_proof_pb2 import Difference
from turned_clock import TurnedClock

SHARE_DIFFERS = DifferenceKind.DIFFERENCE_KIND_SHARE
NET_DIFFERS = DifferenceKind.DIFFERENCE_KIND_NET
DEBT_DIFFERS = DifferenceKind.DIFFERENCE_KIND_DEBT
_RUN = prepare(select(job_run.c.problem).where(job_run.c.space_id == bindparam("space_id", type_=Uuid)))


async def steps_of(person: Client, group_id: str) -> list[pb.VerifyGroupResponse]:
    return [step async for step in person.proofs.VerifyGroup(pb.VerifyGroupRequest(group_id=group_id))]


async def refused(person: Client, group_id: str) -> tuple[grpc.StatusCode, str, bytes]:
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await steps_of(person, group_id)
    refusal = read_refusal(failed.value)
    return refusal.code, refusal.reason, refusal.raw


async def live_through_everything(circle: Circle) -> None:
    """Expenses of every form, refunds, settlements in every state, a plan."""
    ann, gus, hal = circle.everybody
    dinner = await circle.spend(1000)
    await circle.spend(999, split=weighted(**{ann: 3, gus: 2, hal: 2}))
    await circle.spend(501, payers=paid_by(**{gus: 250, hal: 251}), split=equally(ann, hal))
    await circle.spend(1000, currency="USD", conversion=Conversion(amount=money(905)))
    await circle.spend(100, currency="JPY", by=hal)
    refund = {"kind": ExpenseKind.EXPENSE_KIND_REFUND, "refund_of_id": dinner.id, "split": None}
    for minor in (333, 334):
        await circle.spend(minor, **refund)
    await circle.spend(77, kind=ExpenseKind.EXPENSE_KIND_INCOME)
    gone = await circle.spend(5)
    await circle.person.groups.DeleteExpense(
        DeleteExpenseRequest(request_id=new_id(), group_id=circle.id, expense_id=gone.id)
    )
    await pay(circle, gus, ann, 100)
    await dispute(circle.person, await pay(circle, ann, gus, 10))
    await reverse(circle.person, await pay(circle, ann, hal, 10))
    made = await plan(circle)
    await pay_line(circle, made, lines_of(made)[0])


@pytest.fixture
async def lived(circle: Circle) -> Circle:
    await live_through_everything(circle)
    return circle


@pytest.fixture
def spoiler(server: App, database: tables.Connection, lived: Circle) -> Iterator[Spoiler]:
    with unguarded(database, tables.open_seal(database, server.store.keys, UUID(lived.id))) as spoiler:
        yield spoiler


async def test_it_finds_nothing_wrong_with_a_group_in_which_everything_has_happened(lived: Circle) -> None:
    first, last = await steps_of(lived.person, lived.id)
    assert (first.progress.expenses_checked, first.progress.expenses_total) == (0, 12)
    assert (last.verdict.holds, last.verdict.differences) == (True, 0)
    assert (last.verdict.expenses, last.verdict.settlements, last.verdict.members) == (8, 4, 3)
    assert last.verdict.version == (await balances_of(lived)).version
    assert last.verdict.changes > 20


async def test_it_proves_an_empty_group(circle: Circle) -> None:
    assert (await steps_of(circle.person, circle.id))[-1].verdict.holds


async def test_it_says_how_far_it_is(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "PROGRESS_EVERY", 2)
    for _ in range(5):
        await circle.spend()
    *steps, last = await steps_of(circle.person, circle.id)
    assert [step.progress.expenses_checked for step in steps] == [0, 2, 4]
    assert {step.progress.expenses_total for step in steps} == {5}
    assert last.verdict.expenses == 5


def _tally(kind: Any, spoil: Callable[[Tally, UUID, UUID], object]) -> Callable[[Spoiler], Wanted]:
    """What is kept is moved, and nothing says why."""

    def spoiled(spoiler: Spoiler) -> Wanted:
        row = spoiler.pick("tally", "currency = 'EUR'")
        tally = Tally(spoiler.open(TALLY, row))
        one, other, _ = next(tally.debts())
        spoil(tally, one, other)
        spoiler.change("tally", row, amount=spoiler.close(TALLY, row, tally.pack()))
        return Wanted(kind, "tally.amount")

    return spoiled


def _no_tally(spoiler: Spoiler) -> Wanted:
    spoiler.drop("tally", spoiler.pick("tally", "currency = 'EUR'"))
    return Wanted(NET_DIFFERS, "tally.amount")


def _share(spoiler: Spoiler) -> Wanted:
    """A cent goes from one to another: they still add up, and nobody said so."""
    row = spoiler.pick("expense", "deleted_at IS NULL AND refund_of_id IS NULL")
    message = spoiler.message(EXPENSE, row)
    message.shares[0].owed_minor += 1
    message.shares[1].owed_minor -= 1
    spoiler.rewrite(EXPENSE, row, message)
    return Wanted(SHARE_DIFFERS, "expense.shares")


def _sum_of_shares(spoiler: Spoiler) -> Wanted:
    row = spoiler.pick("expense", "refund_of_id IS NOT NULL")
    message = spoiler.message(EXPENSE, row)
    message.shares[0].paid_minor += 1
    spoiler.rewrite(EXPENSE, row, message)
    return Wanted(SHARE_DIFFERS, "expense.shares.paid_minor")


def _refund(spoiler: Spoiler) -> Wanted:
    row = spoiler.pick("expense", "refund_of_id IS NOT NULL")
    message = spoiler.message(EXPENSE, row)
    whole = sum(share.owed_minor for share in message.shares)
    for share in message.shares:
        share.owed_minor = 0
    message.shares[0].owed_minor = whole
    spoiler.rewrite(EXPENSE, row, message)
    return Wanted(SHARE_DIFFERS, "expense.refunds")


def _amount(spoiler: Spoiler) -> Wanted:
    row = spoiler.pick("settlement", "state = 1")
    message = spoiler.message(SETTLEMENT, row)
    message.amount.minor += 1
    spoiler.rewrite(SETTLEMENT, row, message)
    return Wanted(NET_DIFFERS, "tally.amount")


def _column(table: str, **columns: Any) -> Callable[[Spoiler], Wanted]:
    def spoil(spoiler: Spoiler) -> Wanted:
        spoiler.change(table, spoiler.pick(table), **columns)
        return Wanted(STRUCTURE_DIFFERS, f"{table}.{','.join(columns)}")

    return spoil


def _journal_row(spoiler: Spoiler) -> Wanted:
    spoiler.drop("journal", spoiler.pick("journal", "entity_kind = 'expense'"))
    return Wanted(JOURNAL_BROKEN, "journal")


def _expense_row(spoiler: Spoiler) -> Wanted:
    spoiler.drop("expense", spoiler.pick("expense", "deleted_at IS NULL"))
    return Wanted(JOURNAL_BROKEN, "expense")


def _cell(table: str, column: str) -> Callable[[Spoiler], Wanted]:
    def spoil(spoiler: Spoiler) -> Wanted:
        row = spoiler.pick(table)
        cell = bytearray(row[column])
        cell[-1] ^= 1
        spoiler.change(table, row, **{column: bytes(cell)})
        return Wanted(CELL_DAMAGED, f"{table}.{column}")

    return spoil


def _somebody_else(spoiler: Spoiler) -> Wanted:
    row = spoiler.pick("settlement")
    message = spoiler.message(SETTLEMENT, row)
    message.to_member_id = new_id()
    spoiler.rewrite(SETTLEMENT, row, message)
    return Wanted(LINK_BROKEN, "member.id")


CORRUPTIONS: dict[str, Callable[[Spoiler], Wanted]] = {
    "a net": _tally(NET_DIFFERS, lambda tally, one, _: tally.move_net(one, 1)),
    "a debt": _tally(DEBT_DIFFERS, lambda tally, one, other: tally.move_debt(one, other, 1)),
    "a tally gone": _no_tally,
    "a share": _share,
    "shares that do not add up": _sum_of_shares,
    "a refund of more than somebody bore": _refund,
    "an amount": _amount,
    "a member who never was": _somebody_else,
    "an expense's day": _column("expense", booked_on="1999-01-01"),
    "a settlement's state": _column("settlement", state=9),
    "a plan's state": _column("settlement_plan", state=9),
    "a group's currency": _column("expense_group", default_currency="CHF"),
    "a change gone": _journal_row,
    "an expense gone": _expense_row,
    "an expense's cell": _cell("expense", "body"),
    "a settlement's cell": _cell("settlement", "body"),
    "a tally's cell": _cell("tally", "amount"),
    "a change's cell": _cell("journal", "body"),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
async def test_it_names_what_was_spoiled(name: str, lived: Circle, spoiler: Spoiler) -> None:
    kind, _ = CORRUPTIONS[name](spoiler)
    *_, last = steps = await steps_of(lived.person, lived.id)
    spoiler.put_back()
    found: list[Difference] = [step.difference for step in steps if step.HasField("difference")]
    assert int(kind) in {int(difference.kind) for difference in found}, found
    assert all(difference.expected and difference.actual for difference in found)
    assert (last.verdict.holds, last.verdict.differences) == (False, len(found))


async def test_b16_what_drifted_is_found(lived: Circle, spoiler: Spoiler) -> None:
    """A balance that is kept, and that nothing says."""
    row = spoiler.pick("tally", "currency = 'EUR'")
    tally = Tally(spoiler.open(TALLY, row))
    member_id, net = next(tally.nets())
    tally.move_net(member_id, 95_006 - net)
    spoiler.change("tally", row, amount=spoiler.close(TALLY, row, tally.pack()))
    (difference,) = [step.difference for step in await steps_of(lived.person, lived.id) if step.HasField("difference")]
    spoiler.put_back()
    assert (int(difference.kind), difference.actual) == (int(NET_DIFFERS), "sum=95006")
    assert difference.subject == f"{member_id}/EUR"


async def test_it_is_for_members_with_any_role(circle: Circle, bob: Person, client: Client) -> None:
    stranger, nothing = await refused(bob, circle.id), await refused(bob, new_id())
    assert stranger == nothing
    assert stranger[1] == "NOT_FOUND"
    assert (await refused(client, circle.id))[0] is grpc.StatusCode.UNAUTHENTICATED
    assert (await refused(bob, "group"))[1] == "INVALID_FIELD"
    await with_member(circle, bob, VIEWER)
    assert (await steps_of(bob, circle.id))[-1].verdict.holds


async def test_groups_are_proven_at_night_as_books_are(server: App, circle: Circle, clock: TurnedClock) -> None:
    registry = CollectorRegistry()
    group_proof = GroupProof(server.store, entities_of(schema))
    job = ProofJob("group", SpaceKind.SPACE_KIND_GROUP, group_proof, server.apart, clock, registry)
    await job.run()
    runs = await server.apart.fetch(_RUN(space_id=UUID(circle.id)))
    assert [problem for (problem,) in runs] == [None]
    assert registry.get_sample_value("tallystick_groups_proven_total")
    counts = [
        sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == "tallystick_group_differences_total"
    ]
    assert len(counts) == len(DifferenceKind.values())
    assert not any(counts)
