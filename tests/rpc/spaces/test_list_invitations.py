"""What ListInvitations promises."""

import pytest

from people import Client, Person, make_book, new_id, refusal_of
from rpc.spaces.sharing import (
    ACCEPTED,
    CANCELLED,
    DECLINED,
    EXPIRED,
    VIEWER,
    House,
    accept,
    back,
    cancel,
    decline,
    invite,
    join,
    received,
    sent,
)
from tallystick_client.v1 import space_service_pb2 as pb
from turned_clock import TurnedClock


async def test_list_invitations_shows_owners_all_of_a_space_with_their_codes_the_newest_first(
    house: House, cat: Person
) -> None:
    by_code = await invite(house.ann, house.id, VIEWER, uses_max=2)
    by_mail = await invite(house.ann, house.id, email=cat.email)
    newest, older, *joined = await sent(house.ann, house.id)
    assert (newest, older) == (by_mail, by_code)
    assert older.code
    assert {(invitation.state, invitation.uses) for invitation in joined} == {(ACCEPTED, 1)}


async def test_list_invitations_of_a_space_shows_what_became_of_them(
    house: House, cat: Person, clock: TurnedClock
) -> None:
    expired = await invite(house.ann, house.id, days=1)
    with clock.later(days=2):
        ann, cat = await back(house.ann), await back(cat)
        cancelled = await cancel(ann, await invite(ann, house.id))
        declined = await invite(ann, house.id, email=cat.email)
        await decline(cat, declined.id)
        accepted = await invite(ann, house.id, email=cat.email)
        await accept(cat, accepted.id)
        states = {invitation.id: invitation.state for invitation in await sent(ann, house.id)}
    assert states[expired.id] == EXPIRED
    assert states[cancelled.id] == CANCELLED
    assert states[declined.id] == DECLINED
    assert states[accepted.id] == ACCEPTED


@pytest.mark.parametrize("who", ["eve", "vic"])
async def test_list_invitations_of_a_space_is_for_owners(house: House, who: str) -> None:
    refused = await refusal_of(sent(getattr(house, who), house.id))
    assert (refused.reason, refused.metadata["needed"]) == ("ROLE_TOO_LOW", "ROLE_OWNER")


async def test_list_invitations_shows_a_stranger_what_it_shows_of_a_missing_space(house: House) -> None:
    foreign = await refusal_of(sent(house.bob, house.id))
    missing = await refusal_of(sent(house.bob, new_id()))
    assert foreign.reason == "NOT_FOUND"
    assert foreign.raw == missing.raw


async def test_list_invitations_without_a_space_shows_the_callers_own_open_ones(
    house: House, client: Client, cat: Person, clock: TurnedClock
) -> None:
    books = [(await make_book(house.ann)).id for _ in range(4)]
    cancelled, declined, expiring, open_ = [
        await invite(house.ann, book_id, email=cat.email, days=days)
        for book_id, days in zip(books, (3, 3, 1, 3), strict=True)
    ]
    await cancel(house.ann, cancelled)
    await decline(cat, declined.id)
    assert await received(cat) == [open_, expiring]
    assert all(not invitation.code for invitation in await received(cat))
    with clock.later(days=2):
        assert await received(await back(cat)) == [open_]
    await accept(cat, open_.id)
    assert await received(cat) == [expiring]


async def test_list_invitations_without_a_space_shows_nothing_to_an_unproven_address(house: House) -> None:
    made = await invite(house.ann, house.id, email=house.bob.email)
    assert await received(house.bob) == []
    assert made in await sent(house.ann, house.id)


async def test_list_invitations_without_a_space_shows_no_codes_that_others_made(house: House) -> None:
    made = await invite(house.ann, house.id, uses_max=2)
    await join(house.bob, made.code)
    assert await received(house.bob) == []


async def test_list_invitations_pages_meet_each_once(house: House) -> None:
    made = [await invite(house.ann, house.id) for _ in range(3)]
    seen, token = [], ""
    while True:
        request = pb.ListInvitationsRequest(space_id=house.id, page_size=2, page_token=token)
        page = await house.ann.spaces.ListInvitations(request)
        seen += list(page.invitations)
        token = page.next_page_token
        if not token:
            break
    assert seen == await sent(house.ann, house.id)
    assert seen[:3] == made[::-1]


async def test_list_invitations_pages_pass_over_the_ended_ones(house: House, cat: Person) -> None:
    open_ = []
    for number in range(9):
        made = await invite(house.ann, (await make_book(house.ann)).id, email=cat.email)
        if number % 4:
            await decline(cat, made.id)
        else:
            open_.append(made)
    seen, token, pages = [], "", 0
    while True:
        page = await cat.spaces.ListInvitations(pb.ListInvitationsRequest(page_size=2, page_token=token))
        seen += list(page.invitations)
        pages += 1
        token = page.next_page_token
        if not token:
            break
    assert (seen, pages) == (open_[::-1], 2)


async def test_list_invitations_refuses_a_token_of_another_query(house: House, cat: Person) -> None:
    request = pb.ListInvitationsRequest(space_id=house.id, page_size=1)
    token = (await house.ann.spaces.ListInvitations(request)).next_page_token
    assert token
    own = pb.ListInvitationsRequest(page_size=1, page_token=token)
    assert (await refusal_of(cat.spaces.ListInvitations(own))).reason == "INVALID_PAGE_TOKEN"
    other = pb.ListInvitationsRequest(space_id=house.ann.user.home_id, page_size=1, page_token=token)
    assert (await refusal_of(house.ann.spaces.ListInvitations(other))).reason == "INVALID_PAGE_TOKEN"
