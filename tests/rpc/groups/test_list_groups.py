"""What ListGroups promises."""

from people import Client, Person, make_book, refusal_of
from rpc.groups import hall
from rpc.ledger.shelf import with_key
from rpc.spaces.sharing import VIEWER, leave, share
from tallystick_client.v1 import group_pb2 as pb


async def test_list_groups_holds_the_callers_groups_the_oldest_first_and_nothing_else(ann: Person, bob: Person) -> None:
    theirs = await hall.make(bob)
    await hall.make(bob)
    await make_book(ann)
    mine = [await hall.make(ann, name=name) for name in ("One", "Two")]
    await share(bob, theirs.id, ann, VIEWER)
    assert await hall.groups_of(ann) == [theirs, *mine]
    await leave(ann, theirs.id)
    assert await hall.groups_of(ann) == mine


async def test_list_groups_lists_the_deleted_ones_instead(ann: Person) -> None:
    kept, gone = await hall.make(ann), await hall.make(ann)
    deleted = await hall.delete(ann, gone.id)
    assert await hall.groups_of(ann) == [kept]
    assert await hall.groups_of(ann, deleted=True) == [deleted]


async def test_list_groups_pages_meet_every_group_once(ann: Person) -> None:
    made = [await hall.make(ann) for _ in range(5)]
    seen, token = [], ""
    while True:
        page = await ann.groups.ListGroups(pb.ListGroupsRequest(page_size=2, page_token=token))
        seen += page.groups
        token = page.next_page_token
        assert len(page.groups) == 2 or not token
        if not token:
            break
    assert seen == made


async def test_list_groups_of_an_access_key_holds_none_because_keys_are_for_books(ann: Person) -> None:
    group, book = await hall.make(ann), await make_book(ann)
    program = await with_key(ann, book.id)
    assert await hall.groups_of(program) == []
    assert (await refusal_of(hall.get(program, group.id))).reason == "NOT_FOUND"


async def test_list_groups_refuses_a_token_of_another_query(ann: Person, client: Client) -> None:
    for _ in range(2):
        await hall.make(ann)
    token = (await ann.groups.ListGroups(pb.ListGroupsRequest(page_size=1))).next_page_token
    refused = await refusal_of(hall.groups_of(ann, page_token=token, deleted=True))
    assert refused.reason == "INVALID_PAGE_TOKEN"
    assert (await refusal_of(hall.groups_of(client))).reason == "NOT_SIGNED_IN"
