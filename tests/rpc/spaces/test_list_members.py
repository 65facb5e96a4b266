"""What ListMembers promises."""

import pytest

from people import new_id, refusal_of
from rpc.spaces.sharing import ACTIVE, EDITOR, LEFT, OWNER, REMOVED, VIEWER, House, leave, member_of, members, remove
from tallystick_client.v1 import space_service_pb2 as pb


@pytest.mark.parametrize("who", ["ann", "eve", "vic"])
async def test_list_members_shows_every_member_the_others_in_the_order_they_came(house: House, who: str) -> None:
    found = await members(getattr(house, who), house.id)
    assert [member.user_id for member in found] == [person.user.id for person in (house.ann, house.eve, house.vic)]
    assert [member.role for member in found] == [OWNER, EDITOR, VIEWER]
    assert [member.display_name for member in found] == ["Ann", "Eve", "Vic"]
    assert {(member.space_id, member.state) for member in found} == {(house.id, ACTIVE)}
    assert all(member.version and member.joined_at.seconds for member in found)


async def test_list_members_keeps_former_ones(house: House) -> None:
    await leave(house.eve, house.id)
    await remove(house.ann, await member_of(house.ann, house.id, house.vic))
    assert [member.state for member in await members(house.ann, house.id)] == [ACTIVE, LEFT, REMOVED]


async def test_list_members_pages_meet_every_member_once(house: House) -> None:
    whole, seen, token = await members(house.vic, house.id), [], ""
    while True:
        page = await house.vic.spaces.ListMembers(
            pb.ListMembersRequest(space_id=house.id, page_size=2, page_token=token)
        )
        seen += list(page.members)
        token = page.next_page_token
        if not token:
            break
    assert seen == whole


async def test_list_members_refuses_a_token_of_another_space(house: House) -> None:
    token = (await house.ann.spaces.ListMembers(pb.ListMembersRequest(space_id=house.id, page_size=1))).next_page_token
    request = pb.ListMembersRequest(space_id=house.ann.user.home_id, page_size=1, page_token=token)
    assert (await refusal_of(house.ann.spaces.ListMembers(request))).reason == "INVALID_PAGE_TOKEN"


async def test_list_members_shows_a_stranger_what_it_shows_of_a_missing_space(house: House) -> None:
    foreign = await refusal_of(house.bob.spaces.ListMembers(pb.ListMembersRequest(space_id=house.id)))
    missing = await refusal_of(house.bob.spaces.ListMembers(pb.ListMembersRequest(space_id=new_id())))
    assert foreign.reason == "NOT_FOUND"
    assert foreign.raw == missing.raw


async def test_list_members_is_closed_to_whoever_left(house: House) -> None:
    await leave(house.eve, house.id)
    assert (await refusal_of(members(house.eve, house.id))).reason == "NOT_FOUND"
