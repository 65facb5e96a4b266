"""What ListSpaces promises."""

import pytest

from people import BookOf, Client, Person, make_book, refusal_of
from rpc.spaces.sharing import EDITOR, OWNER, VIEWER, House, leave, remove, share, spaces_of
from rpc.spaces.sharing import member_of as find_member
from tallystick_client.v1 import space_pb2
from tallystick_client.v1 import space_service_pb2 as pb

HOME, BOOK = space_pb2.SpaceKind.SPACE_KIND_HOME, space_pb2.SpaceKind.SPACE_KIND_BOOK


async def test_list_spaces_begins_with_the_home_and_goes_on_with_the_oldest(
    ann: Person, book: BookOf, second: BookOf
) -> None:
    spaces = await spaces_of(ann)
    assert [space.id for space in spaces] == [ann.user.home_id, book.id, second.id]
    assert [space.kind for space in spaces] == [HOME, BOOK, BOOK]
    assert [space.name for space in spaces] == ["", "Home", "Home"]
    assert {space.role for space in spaces} == {OWNER}


async def test_list_spaces_says_the_same_as_get_space(house: House) -> None:
    (listed,) = await spaces_of(house.eve, kind=BOOK)
    assert listed == (await house.eve.spaces.GetSpace(pb.GetSpaceRequest(space_id=house.id))).space


@pytest.mark.parametrize(("who", "role"), [("ann", OWNER), ("eve", EDITOR), ("vic", VIEWER)])
async def test_list_spaces_shows_the_callers_role_in_a_shared_book(house: House, who: str, role: int) -> None:
    (book,) = await spaces_of(getattr(house, who), kind=BOOK)
    assert (book.id, book.role) == (house.id, role)


async def test_list_spaces_of_one_kind_holds_no_other(ann: Person, book: BookOf) -> None:
    assert [space.id for space in await spaces_of(ann, kind=HOME)] == [ann.user.home_id]
    assert [space.id for space in await spaces_of(ann, kind=BOOK)] == [book.id]
    assert await spaces_of(ann, kind=space_pb2.SpaceKind.SPACE_KIND_GROUP) == []


async def test_list_spaces_forgets_what_was_left_and_what_one_was_removed_from(house: House) -> None:
    await leave(house.eve, house.id)
    await remove(house.ann, await find_member(house.ann, house.id, house.vic))
    assert await spaces_of(house.eve, kind=BOOK) == []
    assert await spaces_of(house.vic, kind=BOOK) == []


async def test_list_spaces_pages_meet_every_space_once(ann: Person, bob: Person) -> None:
    books = [await make_book(ann) for _ in range(3)]
    shared = await make_book(bob)
    await share(bob, shared.id, ann)
    seen, token = [], ""
    while True:
        page = await ann.spaces.ListSpaces(pb.ListSpacesRequest(page_size=2, page_token=token))
        seen += [space.id for space in page.spaces]
        token = page.next_page_token
        assert len(page.spaces) == 2 or not token
        if not token:
            break
    assert seen == [ann.user.home_id, *(book.id for book in books), shared.id]


async def test_list_spaces_refuses_a_token_of_another_query_or_user(ann: Person, bob: Person, book: BookOf) -> None:
    token = (await ann.spaces.ListSpaces(pb.ListSpacesRequest(page_size=1))).next_page_token
    assert token
    other_query = pb.ListSpacesRequest(page_size=1, page_token=token, kind=BOOK)
    assert (await refusal_of(ann.spaces.ListSpaces(other_query))).reason == "INVALID_PAGE_TOKEN"
    same_query = pb.ListSpacesRequest(page_size=1, page_token=token)
    assert (await refusal_of(bob.spaces.ListSpaces(same_query))).reason == "INVALID_PAGE_TOKEN"
    assert (
        await refusal_of(ann.spaces.ListSpaces(pb.ListSpacesRequest(page_token="x")))
    ).reason == "INVALID_PAGE_TOKEN"


async def test_list_spaces_refuses_a_negative_page_size(ann: Person) -> None:
    refused = await refusal_of(ann.spaces.ListSpaces(pb.ListSpacesRequest(page_size=-1)))
    assert (refused.reason, refused.fields) == ("INVALID_FIELD", ("page_size",))


async def test_list_spaces_needs_somebody_signed_in(client: Client) -> None:
    assert (await refusal_of(client.spaces.ListSpaces(pb.ListSpacesRequest()))).reason == "NOT_SIGNED_IN"
