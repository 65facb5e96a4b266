"""What Invite promises."""

from typing import Any

import pytest

import proof
from letters import Mails
from people import PASSWORD, BookOf, Client, Person, new_id, refusal_of, sign_in
from rpc.spaces.conftest import Audited, Verify
from rpc.spaces.sharing import (
    CANCELLED,
    EDITOR,
    OPEN,
    OWNER,
    VIEWER,
    House,
    accept,
    invite,
    join,
    leave,
    member_of,
    received,
    sent,
    share,
    update,
)
from tallystick.app import App
from tallystick.spaces.tables import INVITATION
from tallystick_client.v1 import auth_service_pb2
from tallystick_client.v1 import space_service_pb2 as pb

DAY_S = 86_400


@pytest.fixture
def address() -> str:
    """Of somebody who has no account."""
    return f"dan-{new_id()}@example.com"


async def test_invite_without_an_address_makes_a_code_for_one(house: House) -> None:
    made = await invite(house.ann, house.id, VIEWER)
    assert (made.space_id, made.space_name, made.invited_by, made.role) == (house.id, "Home", "Ann", VIEWER)
    assert (made.email, made.uses_max, made.uses, made.state) == ("", 1, 0, OPEN)
    assert made.expires_at.seconds - made.created_at.seconds == 7 * DAY_S
    assert len(made.code.replace("-", "")) == 12
    assert (await join(house.bob, made.code)).role == VIEWER


async def test_invite_makes_a_code_for_as_many_and_as_long_as_asked(house: House) -> None:
    made = await invite(house.ann, house.id, EDITOR, uses_max=3, days=90)
    assert (made.uses_max, made.expires_at.seconds - made.created_at.seconds) == (3, 90 * DAY_S)


async def test_invite_makes_another_code_each_time(house: House) -> None:
    assert (await invite(house.ann, house.id)).code != (await invite(house.ann, house.id)).code


@pytest.mark.parametrize("role", [VIEWER, EDITOR, OWNER])
async def test_invite_by_mail_reaches_the_invited_user_and_nobody_else(
    house: House, cat: Person, mails: Mails, role: int
) -> None:
    made = await invite(house.ann, house.id, role, email=cat.email)
    assert (made.email, made.code, made.uses_max, made.role) == (cat.email, "", 1, role)
    newest = (await mails(cat.email))[-1]
    assert "Ann" in newest.text
    assert made.id in newest.text
    assert await received(cat) == [made]
    assert await received(house.bob) == []
    assert (await accept(cat, made.id)).role == role


async def test_invite_by_mail_finds_the_address_however_it_is_spelt(house: House, cat: Person) -> None:
    made = await invite(house.ann, house.id, email=cat.email.upper())
    assert made.email == cat.email.upper()
    assert (await accept(cat, made.id)).id == house.id


async def test_invite_by_mail_waits_for_somebody_who_registers_later(
    house: House, client: Client, address: str, verify: Verify
) -> None:
    made = await invite(house.ann, house.id, email=address)
    await client.auth.Register(
        auth_service_pb2.RegisterRequest(request_id=new_id(), email=address, password=PASSWORD, display_name="Dan")
    )
    dan = await verify(await sign_in(client, address))
    assert await received(dan) == [made]
    assert (await accept(dan, made.id)).id == house.id


async def test_invite_by_mail_again_replaces_the_open_invitation(house: House, cat: Person) -> None:
    first = await invite(house.ann, house.id, OWNER, email=cat.email)
    second = await invite(house.ann, house.id, VIEWER, email=cat.email.upper())
    assert await received(cat) == [second]
    states = {invitation.id: invitation.state for invitation in await sent(house.ann, house.id)}
    assert (states[first.id], states[second.id]) == (CANCELLED, OPEN)
    assert (await refusal_of(accept(cat, first.id))).reason == "INVITATION_ENDED"


async def test_invite_by_mail_leaves_another_spaces_invitation_alone(house: House, cat: Person, second: BookOf) -> None:
    first = await invite(house.ann, house.id, email=cat.email)
    other = await invite(house.ann, second.id, email=cat.email)
    assert await received(cat) == [other, first]


async def test_invite_of_a_member_is_refused(house: House, cat: Person, mails: Mails) -> None:
    await share(house.ann, house.id, cat, VIEWER)
    count = len(await mails(cat.email))
    refused = await refusal_of(invite(house.ann, house.id, EDITOR, email=cat.email))
    assert (refused.reason, refused.code.name) == ("ALREADY_MEMBER", "ALREADY_EXISTS")
    assert len(await mails(cat.email)) == count


async def test_invite_of_a_former_member_is_not_refused(house: House, cat: Person) -> None:
    await share(house.ann, house.id, cat, VIEWER)
    await leave(cat, house.id)
    made = await invite(house.ann, house.id, EDITOR, email=cat.email)
    assert (await accept(cat, made.id)).role == EDITOR


async def test_invite_takes_no_unproven_claim_to_an_address_for_a_member(house: House) -> None:
    made = await invite(house.ann, house.id, email=house.eve.email)
    assert made.state == OPEN


@pytest.mark.parametrize("who", ["eve", "vic"])
@pytest.mark.parametrize("email", ["", "dan@example.com"])
async def test_invite_is_for_owners(house: House, who: str, email: str) -> None:
    refused = await refusal_of(invite(getattr(house, who), house.id, VIEWER, email=email))
    assert refused.reason == "ROLE_TOO_LOW"


async def test_invite_shows_a_stranger_what_it_shows_of_a_missing_space(house: House) -> None:
    foreign = await refusal_of(invite(house.bob, house.id))
    missing = await refusal_of(invite(house.bob, new_id()))
    assert foreign.reason == "NOT_FOUND"
    assert foreign.raw == missing.raw


@pytest.mark.parametrize("email", ["", "dan@example.com"])
async def test_invite_never_shares_a_home(ann: Person, email: str) -> None:
    assert (await refusal_of(invite(ann, ann.user.home_id, email=email))).reason == "HOME_IS_PRIVATE"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "dan@example.com", "uses_max": 2}, "uses_max"),
        ({"email": "dan"}, "email"),
        ({"email": "dan@example.com\nBcc: eve@example.com"}, "email"),
        ({"role": 0}, "role"),
        ({"role": 77}, "role"),
        ({"days": -1}, "days"),
        ({"days": 91}, "days"),
        ({"uses_max": -1}, "uses_max"),
        ({"uses_max": 1001}, "uses_max"),
    ],
)
async def test_invite_refuses_what_cannot_be(house: House, fields: dict[str, Any], field: str) -> None:
    refused = await refusal_of(invite(house.ann, house.id, **{"role": VIEWER} | fields))
    assert (refused.reason, refused.fields) == ("INVALID_FIELD", (field,))


async def test_invite_repeated_has_the_same_code_and_sends_no_second_mail(
    house: House, address: str, mails: Mails
) -> None:
    by_code = pb.InviteRequest(request_id=new_id(), space_id=house.id, role=VIEWER)
    assert await house.ann.spaces.Invite(by_code) == await house.ann.spaces.Invite(by_code)
    by_mail = pb.InviteRequest(request_id=new_id(), space_id=house.id, role=VIEWER, email=address)
    assert await house.ann.spaces.Invite(by_mail) == await house.ann.spaces.Invite(by_mail)
    assert len(await mails(address)) == 1
    assert len(await sent(house.ann, house.id)) == 4


@pytest.mark.parametrize("email", ["", "dan@example.com"])
async def test_invite_refuses_a_request_id_that_was_used_for_something_else(house: House, email: str) -> None:
    request_id = new_id()
    await invite(house.ann, house.id, VIEWER, request_id=request_id)
    refused = await refusal_of(invite(house.ann, house.id, EDITOR, request_id=request_id, email=email))
    assert refused.reason == "REQUEST_ID_REUSED"


async def test_invite_sends_one_address_no_flood_of_mails_and_still_invites(
    house: House, cat: Person, mails: Mails
) -> None:
    before = len(await mails(cat.email))
    made = [await invite(house.ann, house.id, VIEWER, email=cat.email) for _ in range(10)]
    assert 0 < len(await mails(cat.email)) - before < 10
    assert await received(cat) == [made[-1]]


async def test_invite_keeps_the_code_where_members_cannot_read_it(
    house: House, server: App, database: proof.Connection
) -> None:
    """The journal is what every member syncs: a code in it would make an owner of every viewer."""
    made = await invite(house.ann, house.id, OWNER)
    await update(house.ann, await member_of(house.ann, house.id, house.vic), display_name="Victor")
    space_id = database.execute("SELECT space_id FROM invitation WHERE id = %s", (made.id,)).fetchall()[0][0]
    seal = proof.open_seal(database, server.store.keys, space_id)
    states = [plain for (kind, _), (_, plain, _) in proof.replay(database, seal).items() if kind == INVITATION.kind]
    assert states
    assert not any(made.code.encode() in plain or INVITATION.message_type.FromString(plain).code for plain in states)


async def test_invite_is_audited(house: House, audited: Audited) -> None:
    before = audited(house.id)
    first = await invite(house.ann, house.id, email="dan@example.com")
    second = await invite(house.ann, house.id, email="dan@example.com")
    assert audited(house.id) == [
        *before,
        ("invited", first.id),
        ("invitation_cancelled", first.id),
        ("invited", second.id),
    ]
