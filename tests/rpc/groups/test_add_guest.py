"""What AddGuest promises."""

from circle import Circle
from people import new_id, refusal_of
from rpc.groups import hall
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import EDITOR, members
from tallystick_client.v1 import group_members_pb2 as pb
from tallystick_client.v1.role_pb2 import Role
from tallystick_client.v1.space_pb2 import MemberState


async def test_add_guest_adds_a_member_without_a_login(circle: Circle) -> None:
    member_id = new_id()
    request = pb.AddGuestRequest(
        request_id=new_id(), group_id=circle.id, member_id=member_id.upper(), display_name=" Ida "
    )
    guest = (await keeps_the_promises_of_a_write(circle, "AddGuest", request, display_name="Joe")).member
    assert (guest.id, guest.display_name, guest.user_id) == (member_id, "Ida", "")
    assert (guest.state, guest.role) == (MemberState.MEMBER_STATE_GUEST, Role.ROLE_UNSPECIFIED)
    assert guest in await members(circle.person, circle.id)
    await circle.spend(among=[guest.id])


async def test_add_guest_is_for_editors(circle: Circle) -> None:
    eve = await hall.with_member(circle, "Eve", EDITOR)
    request = pb.AddGuestRequest(request_id=new_id(), group_id=circle.id, display_name="Ida")
    assert (await eve.groups.AddGuest(request)).member.display_name == "Ida"


async def test_add_guest_takes_no_id_twice_and_needs_a_name(circle: Circle) -> None:
    taken = pb.AddGuestRequest(
        request_id=new_id(), group_id=circle.id, display_name="Ida", member_id=circle.guests["Gus"]
    )
    assert (await refusal_of(circle.person.groups.AddGuest(taken))).reason == "ID_TAKEN"
    blank = pb.AddGuestRequest(request_id=new_id(), group_id=circle.id, display_name=" ")
    refused = await refusal_of(circle.person.groups.AddGuest(blank))
    assert (refused.reason, refused.fields) == ("INVALID_FIELD", ("display_name",))


async def test_add_guest_to_an_archived_group_is_refused(circle: Circle) -> None:
    await hall.archive(circle.person, circle.id)
    assert (await refusal_of(circle.add_guest("Ida"))).reason == "GROUP_ARCHIVED"
