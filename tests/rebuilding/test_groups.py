"""Does a group come back, as a new one and in its place?"""

from random import Random
from typing import Any

import proof
from circle import Circle, money
from groups.trip import DAYS, Dice
from people import Person, new_id
from rebuilding.comparing import derived_of, entities_of, history_of
from rebuilding.journal import caller_of, save
from rebuilding.proving import require_sound
from rpc import group_cases
from rpc.groups import hall
from rpc.spaces.sharing import share
from tallystick.app import App
from tallystick.v1.ledger_service_pb2 import CreateBookRequest
from tallystick_client.v1 import group_pb2, group_settlements_pb2, space_pb2, space_service_pb2
from tallystick_client.v1.group_expenses_pb2 import CreateExpenseRequest, DeleteExpenseRequest, ExpenseKind

State = space_pb2.MemberState


async def make_rich(ann: Person, bob: Person) -> tuple[Circle, list[str]]:
    """A group with something of everything, a trip's worth of expenses of all kinds, and some that were given back or deleted."""
    circle, _ = await group_cases.make_group_nouns(ann)
    await share(ann, circle.id, bob)
    dice = Dice(Random(7), sorted(await members_of(ann, circle.id)))
    ids = [await expend(circle, dice.expense(day)) for day in range(DAYS)]
    original = await circle.spend(900)
    await circle.spend(300, kind=ExpenseKind.EXPENSE_KIND_REFUND, refund_of_id=original.id)
    await delete(circle, ids.pop())
    return circle, ids


async def expend(circle: Circle, draft: Any) -> str:
    request = CreateExpenseRequest(request_id=new_id(), group_id=circle.id, expense=draft)
    expense_id: str = (await circle.person.groups.CreateExpense(request)).expense.id
    return expense_id


async def delete(circle: Circle, expense_id: str) -> None:
    request = DeleteExpenseRequest(request_id=new_id(), group_id=circle.id, expense_id=expense_id)
    await circle.person.groups.DeleteExpense(request)


async def members_of(person: Person, space_id: str) -> dict[str, space_pb2.Member]:
    listed = await person.spaces.ListMembers(space_service_pb2.ListMembersRequest(space_id=space_id))
    return {each.id: each for each in listed.members}


async def test_in_a_copy_the_others_are_guests_and_owe_what_they_owed(
    server: App, database: proof.Connection, ann: Person, bob: Person
) -> None:
    circle, _ = await make_rich(ann, bob)
    saved = await save(server, ann, circle.id)
    rebuilt = await server.rebuilding.into_new(
        caller_of(ann), CreateBookRequest(request_id=new_id()), saved, "Again", lambda _: None
    )
    copy_id = str(rebuilt.space_id)
    ours, theirs = entities_of(server, database, copy_id, called=circle.id), entities_of(server, database, circle.id)
    named = ("expense_group", circle.id)
    assert 'name: "Again"' in ours.pop(named)[0]
    theirs.pop(named)
    assert ours == theirs
    # What an import called it is told by the group.
    assert derived_of(server, database, copy_id) == derived_of(server, database, circle.id)
    past = history_of(server, database, copy_id, until=saved.seq, called=circle.id)
    assert past == history_of(server, database, circle.id, until=saved.seq)
    before, after = await members_of(ann, circle.id), await members_of(ann, copy_id)
    assert after.keys() == before.keys()
    assert {each.user_id for each in after.values() if each.id != circle.owner_id} == {""}
    states = {each.display_name: each.state for each in after.values()}
    assert (states["Bob"], states["Gus"]) == (State.MEMBER_STATE_GUEST,) * 2
    assert after[circle.owner_id].state == State.MEMBER_STATE_ACTIVE
    listed = await bob.groups.ListGroups(group_pb2.ListGroupsRequest())
    assert copy_id not in {each.id for each in listed.groups}
    await require_sound(server, database, ann, copy_id)
    copy = Circle(ann, copy_id, circle.owner_id, circle.guests)
    await copy.spend(1000)
    await require_sound(server, database, ann, copy_id)


async def test_a_group_is_again_what_it_was_and_its_members_are_who_they_are_now(
    server: App, database: proof.Connection, ann: Person, bob: Person, eve: Person
) -> None:
    circle, ids = await make_rich(ann, bob)
    before, derived = entities_of(server, database, circle.id, versions=False), derived_of(server, database, circle.id)
    saved = await save(server, ann, circle.id)
    await delete(circle, ids[0])
    await circle.spend(7777, currency="CHF")
    payment = group_settlements_pb2.RecordSettlementRequest(
        request_id=new_id(),
        group_id=circle.id,
        from_member_id=circle.guests["Gus"],
        to_member_id=circle.owner_id,
        amount=money(55),
        booked_on="2026-05-05",
    )
    await ann.groups.RecordSettlement(payment)
    await share(ann, circle.id, eve)
    joined = await members_of(ann, circle.id)
    await hall.update(ann, circle.id, discoverable=True, join_policy=hall.APPROVAL)
    await server.rebuilding.over(caller_of(ann), CreateBookRequest(request_id=new_id()), saved, lambda _: None)
    after = entities_of(server, database, circle.id, versions=False)
    # Who may find it stays as it is now, and everything else is as it was.
    group = (await ann.groups.GetGroup(group_pb2.GetGroupRequest(group_id=circle.id))).group
    assert (group.discoverable, group.join_policy) == (True, hall.APPROVAL)
    del before["expense_group", circle.id]
    assert {key: after[key] for key in before} == before
    after.pop(("expense_group", circle.id))
    assert all(is_deleted for key, (_, is_deleted) in after.items() if key not in before)
    assert derived_of(server, database, circle.id) == derived
    assert await members_of(ann, circle.id) == joined
    await require_sound(server, database, ann, circle.id)
    await circle.spend(1000)
    await require_sound(server, database, ann, circle.id)
