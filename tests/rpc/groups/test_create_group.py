"""CreateGroup: a group, its maker as owner, and guests."""

from circle import Circle
from people import Person, new_id
from tallystick_client.v1.group_pb2 import CreateGroupRequest, GetGroupRequest
from tallystick_client.v1.role_pb2 import Role
from tallystick_client.v1.space_pb2 import MemberState


async def test_whoever_makes_a_group_owns_it_and_guests_are_in_it(ann: Person) -> None:
    request = CreateGroupRequest(
        request_id=new_id(), name=" Trip ", default_currency="EUR", guests=["Gus", "Hal"], description="To the sea"
    )
    made = await ann.groups.CreateGroup(request)
    assert (made.group.name, made.group.description, made.group.default_currency) == ("Trip", "To the sea", "EUR")
    owner, *guests = made.members
    assert (owner.user_id, owner.role) == (ann.user.id, Role.ROLE_OWNER)
    assert [(each.display_name, each.state, each.user_id) for each in guests] == [
        ("Gus", MemberState.MEMBER_STATE_GUEST, ""),
        ("Hal", MemberState.MEMBER_STATE_GUEST, ""),
    ]
    assert (await ann.groups.GetGroup(GetGroupRequest(group_id=made.group.id))).group == made.group
    assert await ann.groups.CreateGroup(request) == made


async def test_a_group_with_guests_can_be_made_in_few_words(circle: Circle) -> None:
    assert len(circle.everybody) == 3
