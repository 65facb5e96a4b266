"""Is who is in a group, and how it works, the same when it comes from an outbox?"""

import proof
from circle import Circle
from people import new_id, refusal_of
from rpc.groups import hall
from rpc.spaces.sharing import EDITOR, may_read, member_of, members
from rpc.sync.copy import Copy, mutation
from rpc.sync.test_push import outcomes, reason
from tallystick.app import App
from tallystick_client.v1 import group_members_pb2 as pb
from tallystick_client.v1 import group_pb2
from tallystick_client.v1.group_pb2 import Group


async def test_a_guest_comes_shares_and_goes_in_one_push(
    circle: Circle, server: App, database: proof.Connection
) -> None:
    copy, guest_id = await Copy(circle.person, circle.id).pull(), new_id()
    results = await copy.push(
        mutation(pb.AddGuestRequest(request_id=new_id(), group_id=circle.id, member_id=guest_id, display_name="Ida")),
        mutation(circle.expense(900, among=[guest_id])),
        mutation(hall.leave_request(circle.id, guest_id, settled=True)),
        mutation(circle.expense(900, among=[guest_id])),
    )
    assert outcomes(results) == ["APPLIED", "APPLIED", "APPLIED", "REJECTED"]
    assert hall.nets_of(server, database, circle.id) == {}


async def test_two_devices_that_change_different_things_of_a_group_agree(circle: Circle) -> None:
    one, two = [await Copy(circle.person, circle.id).pull() for _ in range(2)]
    named = hall.update_request(circle.id, name="Sea")
    locked = group_pb2.LockPeriodRequest(request_id=new_id(), group_id=circle.id, locked_until="2026-01-31")
    assert outcomes(await one.push(mutation(named, base=one.head))) == ["APPLIED"]
    assert outcomes(await two.push(mutation(locked, base=two.head))) == ["MERGED"]
    await one.pull()
    held = one.get(Group, "expense_group", circle.id)
    assert (held.name, held.locked_until) == ("Sea", "2026-01-31")


async def test_whoever_leaves_is_named_in_nothing_after_it_and_finds_the_door_shut(circle: Circle) -> None:
    eve = await hall.with_member(circle, "Eve", EDITOR)
    own = (await member_of(eve, circle.id, eve)).id
    copy = await Copy(eve, circle.id).pull()
    results = await copy.push(
        mutation(hall.leave_request(circle.id)),
        mutation(circle.expense(900, among=[own])),
    )
    assert outcomes(results) == ["APPLIED", "REJECTED"]
    assert reason(results[1]) == "NOT_FOUND"
    assert not await may_read(eve, circle.id)
    refused = await refusal_of(copy.push(mutation(circle.expense(900))))
    assert refused.reason == "NOT_FOUND"


async def test_nothing_is_done_in_the_same_push_by_somebody_who_has_left(circle: Circle) -> None:
    eve = await hall.with_member(circle, "Eve", EDITOR)
    copy = await Copy(eve, circle.id).pull()
    guest = pb.AddGuestRequest(request_id=new_id(), group_id=circle.id, display_name="Ida")
    before, after = mutation(circle.expense(900)), mutation(guest)
    results = await copy.push(before, mutation(hall.leave_request(circle.id)), after)
    assert (outcomes(results), reason(results[2])) == (["APPLIED", "APPLIED", "REJECTED"], "NOT_FOUND")
    names = [each.display_name for each in await members(circle.person, circle.id)]
    assert "Ida" not in names
