"""Who is told that somebody came into a space, or went?"""

from uuid import UUID

import proof
from circle import Circle
from inbox import MEMBERS, caught_up, listed, told
from people import PASSWORD, BookOf, Client, Person, make_book, new_id, sign_up
from rpc.groups import hall
from rpc.spaces.sharing import EDITOR, VIEWER, invite, join, leave, member_of, remove, share
from tallystick.app import App
from tallystick_client.v1 import auth_service_pb2


async def test_all_others_are_told_of_who_comes_and_goes(
    server: App, book: BookOf, ann: Person, bob: Person, eve: Person
) -> None:
    await share(ann, book.id, bob, VIEWER)
    await share(ann, book.id, eve, EDITOR)
    await leave(eve, book.id)
    found = await told(server, ann, MEMBERS)
    said = [(each.member_moved.member_name, each.member_moved.joined, each.member_moved.role) for each in found]
    assert said == [("Bob", True, VIEWER), ("Eve", True, EDITOR), ("Eve", False, EDITOR)]
    assert all((each.space_id, each.space_name) == (book.id, "Home") for each in found)
    assert [each.member_moved.member_name for each in await told(server, bob, MEMBERS)] == ["Eve", "Eve"]
    assert await listed(eve, MEMBERS) == []


async def test_who_removes_somebody_knows_it_and_who_is_removed_is_not_told(
    server: App, book: BookOf, ann: Person, bob: Person, eve: Person
) -> None:
    await share(ann, book.id, bob)
    await share(ann, book.id, eve)
    await caught_up(server)
    await remove(ann, await member_of(ann, book.id, bob))
    (one,) = (await told(server, eve, MEMBERS))[-1:]
    assert (one.member_moved.member_name, one.member_moved.joined) == ("Bob", False)
    assert [each.member_moved.joined for each in await listed(ann, MEMBERS)] == [True, True]
    assert [each.member_moved.member_name for each in await listed(bob, MEMBERS)] == ["Eve"]


async def test_nobody_is_told_of_guests_or_of_a_new_name_or_role(server: App, shared: Circle, bob: Person) -> None:
    before = await told(server, bob, MEMBERS)
    await shared.add_guest("Ida")
    await hall.update(shared.person, shared.id, name="Other")
    assert await told(server, bob, MEMBERS) == before


async def test_who_comes_back_is_told_anew(server: App, book: BookOf, ann: Person, bob: Person) -> None:
    for _ in range(2):
        await share(ann, book.id, bob)
        await leave(bob, book.id)
    found = [each.member_moved.joined for each in await told(server, ann, MEMBERS)]
    assert found == [True, False, True, False]


async def test_who_takes_a_guest_s_place_has_come(server: App, circle: Circle, ann: Person, bob: Person) -> None:
    await join(bob, (await invite(ann, circle.id, guest_id=circle.guests["Gus"])).code)
    (one,) = await told(server, ann, MEMBERS)
    assert (one.member_moved.member_id, one.member_moved.joined) == (circle.guests["Gus"], True)


async def test_who_is_erased_goes_without_a_name_and_keeps_nothing(
    server: App, client: Client, database: proof.Connection, book: BookOf, ann: Person
) -> None:
    zoe = await sign_up(client, "Zoe")
    await share(ann, book.id, zoe)
    await caught_up(server)
    own = await make_book(zoe)
    await caught_up(server)
    request = auth_service_pb2.DeleteMeRequest(request_id=new_id(), password=PASSWORD)
    await zoe.auth.DeleteMe(request)
    came, went = await told(server, ann, MEMBERS)
    assert (came.member_moved.member_name, went.member_moved.member_name) == ("Zoe", "")
    assert went.member_moved.joined is False
    for table in ("notice_follow", "spending_due", "device_due"):
        gone = [UUID(own.id), UUID(zoe.user.home_id)]
        assert not database.execute(f"SELECT FROM {table} WHERE space_id = ANY(%s)".encode(), [gone]).fetchall()
