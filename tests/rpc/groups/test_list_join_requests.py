"""What ListJoinRequests promises."""

from circle import Circle
from people import Person, new_id, refusal_of, sign_up
from rpc.groups import hall
from rpc.spaces.sharing import EDITOR
from tallystick_client.v1 import group_members_pb2 as pb


async def test_list_join_requests_holds_the_open_ones_the_oldest_first(circle: Circle) -> None:
    ann = circle.person
    await hall.update(ann, circle.id, discoverable=True, join_policy=hall.APPROVAL)
    people = [await sign_up(ann.client, name) for name in ("Eve", "Flo", "Ivo")]
    asked = [(await hall.join_group(person, circle.id)).join_request for person in people]
    assert await hall.waiting(ann, circle.id) == asked
    await hall.answer(ann, asked[1], approve=False)
    page = await ann.groups.ListJoinRequests(pb.ListJoinRequestsRequest(group_id=circle.id, page_size=1))
    assert list(page.join_requests) == asked[:1]
    rest = await hall.waiting(ann, circle.id, page_size=1, page_token=page.next_page_token)
    assert rest == asked[2:]


async def test_list_join_requests_is_for_owners(circle: Circle, bob: Person) -> None:
    eve = await hall.with_member(circle, "Eve", EDITOR)
    assert (await refusal_of(hall.waiting(eve, circle.id))).reason == "ROLE_TOO_LOW"
    foreign, missing = [await refusal_of(hall.waiting(bob, each)) for each in (circle.id, new_id())]
    assert (foreign.reason, foreign.raw) == ("NOT_FOUND", missing.raw)
    wrong = await refusal_of(hall.waiting(circle.person, circle.id, page_token="x"))
    assert wrong.reason == "INVALID_PAGE_TOKEN"
