"""What GetSpace promises."""

import pytest

from people import Person, new_id, refusal_of
from rpc.spaces.sharing import EDITOR, OWNER, VIEWER, House
from tallystick_client.v1 import space_pb2
from tallystick_client.v1 import space_service_pb2 as pb


@pytest.mark.parametrize(("who", "role"), [("ann", OWNER), ("eve", EDITOR), ("vic", VIEWER)])
async def test_get_space_shows_each_member_the_book_and_their_own_role(house: House, who: str, role: int) -> None:
    person: Person = getattr(house, who)
    space = (await person.spaces.GetSpace(pb.GetSpaceRequest(space_id=house.id))).space
    assert (space.id, space.name, space.role) == (house.id, "Home", role)
    assert space.kind == space_pb2.SpaceKind.SPACE_KIND_BOOK
    assert space.created_at.seconds > 0


async def test_get_space_knows_the_newest_change(house: House) -> None:
    version = (await house.book.spend()).transaction.version
    assert (await house.vic.spaces.GetSpace(pb.GetSpaceRequest(space_id=house.id))).space.head == version


async def test_get_space_of_ones_home_has_no_name(ann: Person) -> None:
    space = (await ann.spaces.GetSpace(pb.GetSpaceRequest(space_id=ann.user.home_id))).space
    assert (space.kind, space.name, space.role) == (space_pb2.SpaceKind.SPACE_KIND_HOME, "", OWNER)


async def test_get_space_shows_a_stranger_what_it_shows_of_a_missing_one(house: House) -> None:
    foreign = await refusal_of(house.bob.spaces.GetSpace(pb.GetSpaceRequest(space_id=house.id)))
    missing = await refusal_of(house.bob.spaces.GetSpace(pb.GetSpaceRequest(space_id=new_id())))
    assert foreign.reason == "NOT_FOUND"
    assert foreign.raw == missing.raw


async def test_get_space_of_somebody_elses_home_is_not_found(house: House) -> None:
    request = pb.GetSpaceRequest(space_id=house.ann.user.home_id)
    assert (await refusal_of(house.eve.spaces.GetSpace(request))).reason == "NOT_FOUND"
