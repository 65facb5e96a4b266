"""What ArchiveGroup promises."""

import proof
from circle import Circle
from people import new_id, refusal_of
from rpc.groups import hall
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import EDITOR
from tallystick_client.v1 import group_pb2 as pb


async def test_archive_group_takes_it_out_of_use(circle: Circle) -> None:
    request = pb.ArchiveGroupRequest(request_id=new_id(), group_id=circle.id)
    archived = (await keeps_the_promises_of_a_write(circle, "ArchiveGroup", request, group_id=circle.id.upper())).group
    assert archived.archived
    assert await hall.get(circle.person, circle.id) == archived
    assert (await refusal_of(circle.add_guest("Ida"))).reason == "GROUP_ARCHIVED"
    assert (await refusal_of(circle.spend())).reason == "GROUP_ARCHIVED"
    assert await hall.archive(circle.person, circle.id) == archived


async def test_archive_group_is_for_owners(circle: Circle) -> None:
    eve = await hall.with_member(circle, "Eve", EDITOR)
    assert (await refusal_of(hall.archive(eve, circle.id))).reason == "ROLE_TOO_LOW"


async def test_archive_group_takes_it_off_the_list_that_everybody_may_search(
    circle: Circle, database: proof.Connection
) -> None:
    await hall.update(circle.person, circle.id, discoverable=True, join_policy=hall.OPEN)
    await hall.archive(circle.person, circle.id)
    assert hall.listed(database, circle.id) == []
    await hall.update(circle.person, circle.id, name="Still archived")
    assert hall.listed(database, circle.id) == []
    await hall.unarchive(circle.person, circle.id)
    assert [name for name, *_ in hall.listed(database, circle.id)] == ["Still archived"]


async def test_an_archived_group_can_still_be_left_and_settled(circle: Circle) -> None:
    await circle.spend(3000)
    await hall.archive(circle.person, circle.id)
    left = await hall.leave_group(circle.person, circle.id, circle.guests["Gus"], settled=True)
    assert len(left.settlement_ids) == 1
