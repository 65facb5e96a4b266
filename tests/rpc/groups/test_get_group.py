"""What GetGroup promises."""

from circle import Circle
from people import Person, new_id, refusal_of
from rpc.groups import hall
from rpc.spaces.sharing import VIEWER, leave


async def test_get_group_is_for_every_member(circle: Circle) -> None:
    vic = await hall.with_member(circle, "Vic", VIEWER)
    assert await hall.get(vic, circle.id) == await hall.get(circle.person, circle.id)


async def test_b19_get_group_shows_strangers_and_former_members_what_it_shows_of_a_missing_one(
    circle: Circle, bob: Person
) -> None:
    vic = await hall.with_member(circle, "Vic", VIEWER)
    await leave(vic, circle.id)
    missing = await refusal_of(hall.get(bob, new_id()))
    for person in (bob, vic):
        refused = await refusal_of(hall.get(person, circle.id))
        assert refused.reason == "NOT_FOUND"
        assert refused.raw == missing.raw
