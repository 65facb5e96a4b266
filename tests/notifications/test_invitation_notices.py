"""Who is told that they are invited? Whoever has proven that the address is theirs, and nobody else."""

from datetime import timedelta

from inbox import INVITATION, told
from people import BookOf, Person
from rpc.spaces.conftest import Verify
from rpc.spaces.sharing import VIEWER, accept, cancel, invite
from tallystick.app import App
from turned_clock import TurnedClock


async def test_an_invitation_is_told_to_whose_address_it_names(
    server: App, book: BookOf, ann: Person, bob: Person, eve: Person, verify: Verify
) -> None:
    await verify(bob)
    made = await invite(ann, book.id, VIEWER, email=bob.email.upper())
    (one,) = await told(server, bob, INVITATION)
    said = one.invitation
    assert (one.space_id, one.space_name) == (book.id, "Home")
    assert (said.invitation_id, said.invited_by, said.role) == (made.id, "Ann", VIEWER)
    assert said.expires_at == made.expires_at
    await accept(bob, made.id)
    assert len(await told(server, bob, INVITATION)) == 1
    assert await told(server, ann, INVITATION) == await told(server, eve, INVITATION) == []


async def test_who_has_not_proven_the_address_is_told_once_they_have(
    server: App, book: BookOf, ann: Person, bob: Person, verify: Verify
) -> None:
    """Otherwise anybody could register with somebody's address, and read who invites them."""
    made = await invite(ann, book.id, VIEWER, email=bob.email)
    ended = await invite(ann, book.id, VIEWER, email=bob.email)
    assert await told(server, bob, INVITATION) == []
    await verify(bob)
    (one,) = await told(server, bob, INVITATION)
    # Of several to one address only the newest counts.
    assert one.invitation.invitation_id == ended.id != made.id


async def test_what_has_ended_by_then_is_not_told(
    server: App, book: BookOf, ann: Person, bob: Person, verify: Verify, clock: TurnedClock
) -> None:
    await verify(bob)
    await cancel(ann, await invite(ann, book.id, VIEWER, email=bob.email))
    assert await told(server, bob, INVITATION) == []
    await invite(ann, book.id, VIEWER, email=bob.email, days=1)
    with clock.later(seconds=timedelta(days=1).total_seconds() + 1):
        await server.notifications.follow.run()
    assert await told(server, bob, INVITATION) == []


async def test_a_code_is_for_nobody_in_particular(
    server: App, book: BookOf, ann: Person, bob: Person, verify: Verify
) -> None:
    await verify(bob)
    await invite(ann, book.id, VIEWER)
    assert await told(server, bob, INVITATION) == []
