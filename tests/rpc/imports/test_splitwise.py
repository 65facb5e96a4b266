"""Does what Splitwise exports come into a group as it was there, once, and can it be taken back?"""

import asyncio

import pytest

from circle import Circle, make_circle, money, paid_by, shares_of
from imports.desk import ACTION, CONFIDENCE, REASON, STATE, STATUS, Desk, statement, update
from imports.sharing import GERMAN, balances, by_name, desk_of, export, row, saying, settlements, total
from people import MISSING_ID, Person, new_id, refusal_of
from rpc.groups.hall import archive, lock, with_member
from rpc.groups.spending import delete, exactly, listed, take_out
from rpc.groups.spending import update as change
from tallystick.imports import recording
from tallystick_client.v1 import group_settlements_pb2, import_pb2, import_service_pb2
from tallystick_client.v1.group_expenses_pb2 import ExpenseKind
from tallystick_client.v1.group_settlements_pb2 import SettlementState
from tallystick_client.v1.role_pb2 import Role
from tallystick_client.v1.space_pb2 import MemberState
from tallystick_client.v1.space_service_pb2 import ListMembersRequest

NAMES = ("Ann", "Ben", "Cleo")
ROWS = (
    row("2026-03-01", "Dinner", 3000, 2000, -1000, -1000, category="Dining out"),
    row("2026-03-02", "Taxi", 1000, -334, 667, -333),
    row("2026-03-03", "Ben paid Ann", 1000, -1000, 1000, 0, category="Payment"),
    row("2026-03-04", "Museum", 9000, 0, -4500, 4500, currency="JPY"),
)
NETS = {
    ("Ann", "EUR"): 666,
    ("Ben", "EUR"): 667,
    ("Cleo", "EUR"): -1333,
    ("Ben", "JPY"): -4500,
    ("Cleo", "JPY"): 4500,
}
FILE = export(NAMES, *ROWS, total(666, 667, -1333), total(0, -4500, 4500, currency="JPY"))


@pytest.fixture
async def circle(ann: Person) -> Circle:
    return await make_circle(ann, "Ben", "Cleo")


@pytest.fixture
def shared(circle: Circle) -> Desk:
    return desk_of(circle)


async def test_it_comes_in_with_the_balances_of_the_file(shared: Desk, circle: Circle) -> None:
    made = await shared.create(FILE, "trip.csv")
    assert (made.format, made.status) == (import_pb2.ImportFormat.IMPORT_FORMAT_SPLITWISE, STATUS.IMPORT_STATUS_READY)
    assert [each.rows for each in made.members] == [3, 4, 3]
    done = await shared.process(made.id)
    assert (done.status, done.counts.rows, done.counts.imported) == (STATUS.IMPORT_STATUS_DONE, 4, 4)
    assert by_name(circle, await balances(circle)) == NETS
    assert len(done.totals) == 5
    assert not done.differences
    rows = await shared.rows(done.id)
    things = {each.id: each for each in [*await listed(circle), *await settlements(circle)]}
    assert [things[each.transaction_id].import_id for each in rows] == [done.id] * 4
    assert [each.payment for each in rows] == [False, False, True, False]


async def test_where_one_paid_it_is_what_happened(shared: Desk, circle: Circle) -> None:
    await shared.take_in(FILE)
    dinner = next(each for each in await listed(circle) if each.description == "Dinner")
    assert (dinner.amount.minor, dinner.category) == (3000, "Dining out")
    assert {each.member_id: each.minor for each in dinner.payers} == {circle.owner_id: 3000}
    assert shares_of(dinner) == dict.fromkeys(circle.everybody, 1000)


async def test_a_payment_is_a_settlement_that_whoever_got_it_may_confirm(shared: Desk, circle: Circle) -> None:
    await shared.take_in(FILE)
    (paid,) = await settlements(circle)
    assert (paid.from_member_id, paid.to_member_id, paid.amount.minor) == (circle.guests["Ben"], circle.owner_id, 1000)
    assert paid.state == SettlementState.SETTLEMENT_STATE_RECORDED
    await circle.person.groups.ConfirmSettlement(
        group_settlements_pb2.ConfirmSettlementRequest(request_id=new_id(), group_id=circle.id, settlement_id=paid.id)
    )
    assert by_name(circle, await balances(circle)) == NETS


async def test_a_payment_of_several_is_an_expense(shared: Desk, circle: Circle) -> None:
    paid = row("2026-03-01", "All to Ann", 300, -300, 100, 200, category="Payment")
    done = await shared.take_in(export(NAMES, paid))
    assert (done.counts.imported, await settlements(circle)) == (1, [])
    assert by_name(circle, await balances(circle)) == {("Ann", "EUR"): -300, ("Ben", "EUR"): 100, ("Cleo", "EUR"): 200}


async def test_the_same_file_brings_nothing_twice_and_twins_stay_twins(shared: Desk, circle: Circle) -> None:
    twice = export(NAMES, ROWS[0], ROWS[0], ROWS[2], ROWS[2])
    assert (await shared.take_in(twice)).counts.imported == 4
    before = await balances(circle)
    again = await shared.take_in(export(NAMES, *ROWS[:3], ROWS[2], ROWS[0]))
    assert (again.counts.imported, again.counts.duplicates) == (1, 4)
    known = await shared.rows(again.id, STATE.IMPORT_ROW_STATE_DUPLICATE)
    assert {tuple(each.match.reasons) for each in known} == {(REASON.IMPORT_MATCH_REASON_IMPORT_KEY,)}
    await shared.revert(again.id)
    assert await balances(circle) == before


async def test_a_german_export_of_somebody_more_is_the_same(shared: Desk, circle: Circle) -> None:
    await shared.take_in(FILE)
    await circle.add_guest("Dora")
    text = export(
        ("Ann", "Ben", "Cleo", "Dora"),
        row("2026-03-01", "Dinner", 3000, 2000, -1000, -1000, 0, category="Essen"),
        row("2026-03-03", "Ben paid Ann", 1000, -1000, 1000, 0, 0, category="Zahlung"),
        row("2026-03-05", "Zoo", 400, 300, -100, -100, -100, category="Freizeit"),
        head=GERMAN,
    )
    done = await shared.take_in(text)
    assert (done.counts.imported, done.counts.duplicates) == (1, 2)


async def test_what_somebody_wrote_down_is_found(shared: Desk, circle: Circle) -> None:
    await circle.spend(3000, booked_on="2026-03-01", description="Pizza")
    await circle.spend(
        1000,
        booked_on="2026-03-04",
        description="A taxi ride",
        by=circle.guests["Ben"],
        split=exactly(**{circle.owner_id: 334, circle.guests["Ben"]: 333, circle.guests["Cleo"]: 333}),
    )
    await circle.spend(
        9000,
        booked_on="2026-03-01",
        description="Tickets",
        currency="JPY",
        payers=paid_by(**{circle.guests["Cleo"]: 9000}),
        split=exactly(**{circle.guests["Ben"]: 4500, circle.guests["Cleo"]: 4500}),
    )
    await circle.person.groups.RecordSettlement(
        group_settlements_pb2.RecordSettlementRequest(
            request_id=new_id(),
            group_id=circle.id,
            from_member_id=circle.guests["Ben"],
            to_member_id=circle.owner_id,
            amount=money(1000),
            booked_on="2026-03-03",
        )
    )
    made = await shared.create(FILE)
    rows = await shared.rows(made.id)
    assert [each.match.confidence for each in rows] == [
        CONFIDENCE.IMPORT_CONFIDENCE_LIKELY,
        CONFIDENCE.IMPORT_CONFIDENCE_LIKELY,
        CONFIDENCE.IMPORT_CONFIDENCE_LIKELY,
        CONFIDENCE.IMPORT_CONFIDENCE_POSSIBLE,
    ]
    assert made.counts.new == 1


async def test_who_is_who_is_asked_and_guests_are_made_only_when_asked(shared: Desk, circle: Circle) -> None:
    names = ("Annie", "Ben", "Ben (removed)", "Gone")
    text = export(names, row("2026-03-01", "Dinner", 3000, 2000, -1000, -1000, 0), total(2000, -1000, -1000, 0))
    made = await shared.create(text)
    assert [(each.field, *each.options) for each in made.questions] == [
        ("members", "Annie"),
        ("members", "Ben (removed)"),
    ]
    assert (await refusal_of(shared.process(made.id))).reason == "IMPORT_NEEDS_ANSWERS"
    half = await shared.answer(made.id, members=saying(Annie=circle.owner_id))
    assert [*half.questions[0].options] == ["Ben (removed)"]
    read = await shared.answer(made.id, members=[{"name": "Ben (removed)", "as_guest": True}])
    assert (read.status, len(await _present(circle))) == (STATUS.IMPORT_STATUS_READY, 3)
    done = await shared.process(made.id)
    (guest_id,) = done.created_member_ids
    assert (await _present(circle))[guest_id] == "Ben (removed)"
    assert (await balances(circle))[guest_id, "EUR"] == -1000
    assert not done.differences
    # The next one knows.
    again = await shared.take_in(text)
    assert (again.counts.imported, again.counts.duplicates, list(again.created_member_ids)) == (0, 1, [])
    reverted = await shared.revert(done.id)
    assert (reverted.counts.reverted, reverted.counts.kept) == (1, 0)
    assert (await balances(circle), len(await _present(circle))) == ({}, 3)


async def test_two_of_one_name_are_asked_and_may_be_one(shared: Desk, circle: Circle) -> None:
    await circle.add_guest("Ben")
    text = export(("Ann", "Ben", "Ben"), row("2026-03-01", "Dinner", 3000, 2000, -500, -1500), total(2000, -500, -1500))
    made = await shared.create(text)
    assert [each.options[0] for each in made.questions] == ["Ben", "Ben (2)"]
    both = [{"name": name, "member_id": circle.guests["Ben"]} for name in ("Ben", "Ben (2)")]
    await shared.answer(made.id, members=both)
    done = await shared.process(made.id)
    assert (await balances(circle))[circle.guests["Ben"], "EUR"] == -2000
    assert not done.differences


async def test_nobody_is_somebody_who_is_not_here(shared: Desk, circle: Circle) -> None:
    made = await shared.create(export(("Ann", "Zoe"), row("2026-03-01", "Dinner", 1000, 500, -500)))
    refused = await refusal_of(shared.answer(made.id, members=saying(Zoe=MISSING_ID)))
    assert refused.reason == "NOT_FOUND"
    await take_out(circle, circle.guests["Ben"])
    refused = await refusal_of(shared.answer(made.id, members=saying(Zoe=circle.guests["Ben"])))
    assert refused.reason == "MEMBER_INACTIVE"


async def test_what_cannot_be_told_is_said_of_its_row_and_of_balances(shared: Desk, circle: Circle) -> None:
    await lock(circle.person, circle.id, "2026-02-28")
    rows = (
        row("2026-03-01", "Dinner", 3000, 2000, -1000, -1000),
        row("2026-03-01", "Half", 3000, 2000, -1000, 0),
        row("2026-03-02", "Own", 3000, 0, 0, 0),
        row("2026-02-01", "Locked", 600, 400, -200, -200),
        row("2026-03-03", "Odd", 1000, 667, -333, -333),
    )
    done = await shared.take_in(export(NAMES, *rows, total(3067, -1533, -1533)))
    found = await shared.rows(done.id)
    assert [each.state == STATE.IMPORT_ROW_STATE_ERROR for each in found] == [False, True, True, True, False]
    assert (done.counts.imported, done.counts.errors) == (2, 3)
    assert sum((await balances(circle)).values()) == 0
    held = {each.member_id: (each.stated.minor, each.held.minor) for each in done.differences}
    assert held[circle.owner_id] == (3067, 2666)


async def test_money_that_came_back_is_a_refund(shared: Desk, circle: Circle) -> None:
    await shared.take_in(export(NAMES, row("2026-03-01", "Deposit", -3000, -2000, 1000, 1000)))
    (back,) = await listed(circle)
    assert (back.kind, back.amount.minor) == (ExpenseKind.EXPENSE_KIND_REFUND, 3000)
    assert by_name(circle, await balances(circle)) == {
        ("Ann", "EUR"): -2000,
        ("Ben", "EUR"): 1000,
        ("Cleo", "EUR"): 1000,
    }


async def test_what_was_changed_since_is_kept_and_the_rest_may_come_in_again(shared: Desk, circle: Circle) -> None:
    done = await shared.take_in(FILE)
    dinner = next(each for each in await listed(circle) if each.description == "Dinner")
    await change(circle, dinner, "note", note="with Ben's cousin")
    reverted = await shared.revert(done.id)
    assert (reverted.status, reverted.counts.reverted, reverted.counts.kept) == (STATUS.IMPORT_STATUS_REVERTED, 3, 1)
    assert [each.id for each in await listed(circle)] == [dinner.id]
    again = await shared.take_in(FILE)
    assert (again.counts.imported, again.counts.duplicates) == (3, 1)
    assert by_name(circle, await balances(circle)) == NETS


async def test_what_was_taken_back_by_hand_stays_away_unless_it_is_wanted(shared: Desk, circle: Circle) -> None:
    await shared.take_in(FILE)
    (paid,) = await settlements(circle)
    await circle.person.groups.ReverseSettlement(
        group_settlements_pb2.ReverseSettlementRequest(request_id=new_id(), group_id=circle.id, settlement_id=paid.id)
    )
    await delete(circle, next(each for each in await listed(circle) if each.description == "Dinner"))
    made = await shared.create(FILE)
    assert made.counts.new == 0
    reasons = [list(each.match.reasons) for each in await shared.rows(made.id)]
    gone, there = [REASON.IMPORT_MATCH_REASON_DELETED], [REASON.IMPORT_MATCH_REASON_IMPORT_KEY]
    assert reasons == [gone, there, gone, there]
    wanted = [update(number, action=ACTION.IMPORT_ROW_ACTION_IMPORT) for number in (1, 3)]
    await shared.decide(made.id, *wanted)
    assert (await shared.process(made.id)).counts.imported == 2
    assert by_name(circle, await balances(circle)) == NETS


async def test_two_imports_that_were_compared_before_bring_it_once(shared: Desk, circle: Circle) -> None:
    first, second = await shared.create(FILE), await shared.create(FILE)
    ends = await asyncio.gather(*(shared.process(each.id) for each in (first, second, first)))
    assert sorted(each.counts.imported for each in ends[:2]) == [0, 4]
    assert by_name(circle, await balances(circle)) == NETS


async def test_many_people_and_many_commits(shared: Desk, circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "ROWS_IN_COMMIT", 7)
    names = ["Ann", *(f"P{number}" for number in range(1, 20))]
    rows = [
        row("2026-03-01", f"Night {at}", 2000, *(1900 if place == at % 20 else -100 for place in range(20)))
        for at in range(30)
    ]
    made = await shared.create(export(names, *rows))
    guests = [{"name": name, "as_guest": True} for name in names[1:]]
    await shared.answer(made.id, members=guests)
    steps = [each async for each in shared.processing(made.id)]
    assert len(steps) > 4
    assert steps[-1].file_import.counts.imported == 30
    held = await balances(circle)
    assert sorted(held.values()) == [-1000] * 10 + [1000] * 10
    assert len(held) == 20


async def test_a_group_takes_nothing_else_and_a_book_not_this(shared: Desk, desk: Desk) -> None:
    for call in (shared.create(statement("2026-03-01,Shop,-3.50")), desk.create(FILE)):
        refused = await refusal_of(call)
        assert (refused.reason, refused.fields) == ("INVALID_FIELD", ("file",))


async def test_only_editors_of_a_group_in_use(shared: Desk, circle: Circle) -> None:
    viewer = await with_member(circle, "Vic", Role.ROLE_VIEWER)
    theirs = desk_of(Circle(viewer, circle.id, ""))
    creation = theirs.creation((await shared.put(FILE)).id)
    assert (await refusal_of(theirs.calls.CreateImport(creation))).reason == "ROLE_TOO_LOW"
    made = await shared.create(FILE)
    assert (await theirs.get(made.id)).id == made.id
    await archive(circle.person, circle.id)
    assert (await refusal_of(shared.process(made.id))).reason == "GROUP_ARCHIVED"
    assert await balances(circle) == {}
    request = import_service_pb2.DeleteImportRequest(request_id=new_id(), space_id=circle.id, import_id=made.id)
    await shared.calls.DeleteImport(request)


async def _present(circle: Circle) -> dict[str, str]:
    request = ListMembersRequest(space_id=circle.id, page_size=200)
    members = (await circle.person.spaces.ListMembers(request)).members
    here = {MemberState.MEMBER_STATE_ACTIVE, MemberState.MEMBER_STATE_GUEST}
    return {each.id: each.display_name for each in members if each.state in here}
