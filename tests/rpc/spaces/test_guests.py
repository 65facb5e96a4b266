"""What do members without a login mean to the calls about members? They are named, removed, and their place is taken."""

import asyncio

import proof
from circle import Circle, make_circle
from people import BookOf, Person, new_id, refusal_of, sign_up
from recurring_expenses import make_recurring
from rpc.groups import hall
from rpc.spaces.conftest import Audited
from rpc.spaces.sharing import (
    ACTIVE,
    EDITOR,
    OWNER,
    REMOVED,
    VIEWER,
    Member,
    accept,
    cancel,
    invite,
    join,
    leave,
    may_read,
    member_of,
    members,
    outcome_of,
    remove,
    share,
    spaces_of,
    update,
)
from tallystick.app import App
from tallystick_client.v1 import auth_service_pb2
from tallystick_client.v1.group_recurring_pb2 import GetRecurringExpenseRequest
from tallystick_client.v1.space_pb2 import MemberState

ERASED = MemberState.MEMBER_STATE_ERASED


async def guest_of(circle: Circle, name: str = "Gus") -> Member:
    return next(each for each in await members(circle.person, circle.id) if each.id == circle.guests[name])


async def test_update_member_gives_a_guest_another_name_and_no_role(circle: Circle) -> None:
    gus = await guest_of(circle)
    assert (await update(circle.person, gus, display_name="Gustav")).display_name == "Gustav"
    for paths in ((), ("role",), ("*",)):
        refused = await refusal_of(update(circle.person, gus, *paths, role=OWNER, display_name="x"))
        assert (refused.reason, refused.fields) == ("INVALID_FIELD", ("role",))
    eve = await hall.with_member(circle, "Eve", EDITOR)
    assert (await refusal_of(update(eve, gus, display_name="x"))).reason == "ROLE_TOO_LOW"


async def test_remove_member_removes_a_guest_who_owes_nothing(circle: Circle, audited: Audited) -> None:
    gus = await guest_of(circle)
    removed = await remove(circle.person, gus)
    assert (removed.id, removed.state, removed.display_name) == (gus.id, REMOVED, "Gus")
    assert audited(circle.id)[-1] == ("member_removed", gus.id)
    assert (await refusal_of(remove(circle.person, gus))).reason == "NOT_FOUND"
    assert (await refusal_of(update(circle.person, gus, display_name="x"))).reason == "NOT_FOUND"
    assert (await refusal_of(circle.spend(among=[gus.id]))).reason == "MEMBER_INACTIVE"


async def test_remove_member_and_leave_space_refuse_whoever_owes_or_is_owed(circle: Circle) -> None:
    eve = await hall.with_member(circle, "Eve", OWNER)
    own = await member_of(eve, circle.id, eve)
    await circle.spend(2400, among=[own.id, circle.guests["Gus"]])
    await circle.spend(300, currency="USD", by=own.id, among=[circle.owner_id])
    for call in (remove(circle.person, own), remove(eve, own), leave(eve, circle.id)):
        refused = await refusal_of(call)
        assert (refused.reason, refused.metadata["open"]) == ("MEMBER_HAS_BALANCE", "EUR -1200, USD 300")
    refused = await refusal_of(remove(circle.person, await guest_of(circle)))
    assert (refused.reason, refused.metadata["open"]) == ("MEMBER_HAS_BALANCE", "EUR -1200")
    assert (await member_of(eve, circle.id, eve)).state == ACTIVE


async def test_b12_removing_a_member_and_spending_for_them_at_once_never_leaves_somebody_gone_with_a_balance(
    circle: Circle, server: App, database: proof.Connection
) -> None:
    seen = set()
    for number in range(12):
        guest_id = await circle.add_guest(f"G{number}")
        guest = next(each for each in await members(circle.person, circle.id) if each.id == guest_id)
        calls = [remove(circle.person, guest), circle.spend(100, among=[guest_id])]
        if number % 2:
            calls.reverse()
        outcomes = await asyncio.gather(*(outcome_of(call) for call in calls))
        removed, spent = reversed(outcomes) if number % 2 else outcomes
        assert (removed, spent) in {("OK", "MEMBER_INACTIVE"), ("MEMBER_HAS_BALANCE", "OK")}
        seen.add(removed)
        net = hall.nets_of(server, database, circle.id).get((guest_id, "EUR"), 0)
        assert net == (0 if removed == "OK" else -100)
    assert seen == {"OK", "MEMBER_HAS_BALANCE"}, "both orders must have been met"


async def test_a_code_for_a_guest_lets_somebody_take_their_place_with_all_that_was_shared(
    circle: Circle, bob: Person, server: App, database: proof.Connection, audited: Audited
) -> None:
    await circle.spend(3000)
    before, gus = hall.nets_of(server, database, circle.id), await guest_of(circle)
    invitation = await invite(circle.person, circle.id, EDITOR, guest_id=gus.id.upper())
    assert (invitation.guest_id, invitation.uses_max) == (gus.id, 1)
    space = await join(bob, invitation.code)
    assert (space.id, space.role) == (circle.id, EDITOR)
    claimed = await member_of(bob, circle.id, bob)
    assert (claimed.id, claimed.state, claimed.role) == (gus.id, ACTIVE, EDITOR)
    assert (claimed.display_name, claimed.joined_at) == ("Gus", gus.joined_at)
    assert len(await members(bob, circle.id)) == 3
    assert hall.nets_of(server, database, circle.id) == before
    assert [each.id for each in await hall.groups_of(bob)] == [circle.id]
    assert audited(circle.id)[-1] == ("member_joined", gus.id)
    assert (await refusal_of(leave(bob, circle.id))).reason == "MEMBER_HAS_BALANCE"


async def test_an_invitation_by_mail_for_a_guest_does_so_too(circle: Circle, cat: Person) -> None:
    gus = circle.guests["Gus"]
    invitation = await invite(circle.person, circle.id, VIEWER, email=cat.email, guest_id=gus)
    await accept(cat, invitation.id)
    claimed = await member_of(cat, circle.id, cat)
    assert (claimed.id, claimed.role) == (gus, VIEWER)
    assert circle.id in [space.id for space in await spaces_of(cat)]


async def test_the_place_of_a_guest_is_taken_once(circle: Circle) -> None:
    gus = circle.guests["Gus"]
    codes = [(await invite(circle.person, circle.id, EDITOR, guest_id=gus)).code for _ in range(4)]
    people = [await sign_up(circle.person.client, name) for name in ("Eve", "Flo", "Ivo", "Joe")]
    outcomes = await asyncio.gather(
        *(outcome_of(join(person, code)) for person, code in zip(people, codes, strict=True))
    )
    assert sorted(outcomes) == ["INVITATION_ENDED"] * 3 + ["OK"]
    winner = outcomes.index("OK")
    assert (await refusal_of(join(people[winner], codes[winner - 1]))).reason == "ALREADY_MEMBER"
    assert len(await members(circle.person, circle.id)) == 3


async def test_the_place_of_a_guest_who_is_gone_is_no_more(circle: Circle, bob: Person) -> None:
    gus = await guest_of(circle)
    code = (await invite(circle.person, circle.id, EDITOR, guest_id=gus.id)).code
    await remove(circle.person, gus)
    assert (await refusal_of(join(bob, code))).reason == "INVITATION_ENDED"
    invitation = await invite(circle.person, circle.id, EDITOR, guest_id=circle.guests["Hal"])
    await cancel(circle.person, invitation)
    assert (await refusal_of(join(bob, invitation.code))).reason == "INVITATION_ENDED"
    assert not await may_read(bob, circle.id)


async def test_whoever_is_or_was_a_member_takes_no_guest_s_place(circle: Circle, bob: Person) -> None:
    """One user is one member: their history would be two people's."""
    code = (await invite(circle.person, circle.id, EDITOR, guest_id=circle.guests["Gus"])).code
    await share(circle.person, circle.id, bob)
    assert (await refusal_of(join(bob, code))).reason == "ALREADY_MEMBER"
    await leave(bob, circle.id)
    assert (await refusal_of(join(bob, code))).reason == "ALREADY_MEMBER"
    assert (await guest_of(circle)).user_id == ""
    eve = await sign_up(circle.person.client, "Eve")
    assert (await join(eve, code)).id == circle.id


async def test_invite_for_a_guest_needs_a_guest_of_this_group(
    circle: Circle, book: BookOf, database: proof.Connection
) -> None:
    other = await make_circle(circle.person, "Ida")
    before = proof.count_rows(database)
    foreign, missing = [
        await refusal_of(invite(circle.person, circle.id, EDITOR, guest_id=each))
        for each in (other.guests["Ida"], new_id())
    ]
    assert (foreign.reason, foreign.raw) == ("NOT_FOUND", missing.raw)
    refused = await refusal_of(invite(circle.person, circle.id, EDITOR, guest_id=circle.owner_id))
    assert (refused.reason, refused.fields) == ("INVALID_FIELD", ("guest_id",))
    of_book = await member_of(circle.person, book.id, circle.person)
    refused = await refusal_of(invite(circle.person, book.id, EDITOR, guest_id=of_book.id))
    assert (refused.reason, refused.fields) == ("INVALID_FIELD", ("guest_id",))
    refused = await refusal_of(invite(circle.person, circle.id, EDITOR, guest_id=circle.guests["Gus"], uses_max=2))
    assert (refused.reason, refused.fields) == ("INVALID_FIELD", ("uses_max",))
    assert proof.count_rows(database) == before


async def test_b34_whoever_took_a_guest_s_place_and_is_erased_leaves_what_was_shared_and_nothing_else_is_touched(
    circle: Circle, bob: Person, server: App, database: proof.Connection
) -> None:
    """Clients make ids: something else has the member's here, and its history is not the member's."""
    gus = circle.guests["Gus"]
    recurring = await make_recurring(circle, recurring_id=gus)
    await circle.spend(3000)
    await join(bob, (await invite(circle.person, circle.id, EDITOR, guest_id=gus)).code)
    before = hall.nets_of(server, database, circle.id)
    await bob.auth.DeleteMe(auth_service_pb2.DeleteMeRequest(request_id=new_id(), password=bob.password))
    erased = await guest_of(circle)
    assert (erased.user_id, erased.display_name, erased.state) == ("", "", ERASED)
    assert hall.nets_of(server, database, circle.id) == before
    request = GetRecurringExpenseRequest(group_id=circle.id, recurring_id=recurring.id)
    assert (await circle.person.groups.GetRecurringExpense(request)).recurring == recurring
