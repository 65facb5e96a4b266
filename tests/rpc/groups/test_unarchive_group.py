"""What UnarchiveGroup promises."""

from circle import Circle
from people import new_id
from rpc.groups import hall
from rpc.groups.promises import keeps_the_promises_of_a_write
from tallystick_client.v1 import group_pb2 as pb


async def test_unarchive_group_takes_it_into_use_again(circle: Circle) -> None:
    before = await hall.get(circle.person, circle.id)
    assert await hall.unarchive(circle.person, circle.id) == before
    await hall.archive(circle.person, circle.id)
    request = pb.UnarchiveGroupRequest(request_id=new_id(), group_id=circle.id)
    other = circle.id.upper()
    back = (await keeps_the_promises_of_a_write(circle, "UnarchiveGroup", request, group_id=other)).group
    assert not back.archived
    await circle.spend()
    await circle.add_guest("Ida")
