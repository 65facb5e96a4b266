"""Does the door for the invited let in nobody else? It judges nobody itself, so each command behind it must, whatever led there."""

from functools import partial
from uuid import UUID

import pytest
from google.protobuf.message import Message

from people import Person, new_id
from rpc.spaces.sharing import House, invite, may_read, sent
from tallystick.app import App
from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.spaces import commands_invitations as commands
from tallystick.spaces.codes import Codes
from tallystick.spaces.commands_invitations import Taker
from tallystick.v1 import space_service_pb2 as pb


def caller_of(person: Person) -> Caller:
    return Caller(UUID(person.user.id), UUID(person.user.home_id), None, "127.0.0.1")


def taker_of(server: App, person: Person, invitation_id: str = "") -> Taker:
    keyed = server.identity.parts.keyed
    return Taker(
        names={},
        display_name=person.user.display_name,
        keyed=keyed,
        codes=Codes(server.store.keys.keyring),
        email_hash=keyed.hash_email(person.email),
        invitation_id=UUID(invitation_id) if invitation_id else None,
    )


async def test_an_invitation_to_another_address_is_refused_behind_the_door(
    server: App, house: House, cat: Person
) -> None:
    made = await invite(house.ann, house.id, email=cat.email)
    bob, taker = caller_of(house.bob), taker_of(server, house.bob)
    accepting = pb.AcceptInvitationRequest(request_id=new_id(), invitation_id=made.id)
    command = partial(commands.accept_invitation, taker=taker)
    with pytest.raises(NotVisible):
        await server.store.write_invited(bob, house.id, accepting, command, pb.AcceptInvitationResponse)
    declining = pb.DeclineInvitationRequest(request_id=new_id(), invitation_id=made.id)
    refusing = partial(commands.decline_invitation, taker=taker)
    with pytest.raises(NotVisible):
        await server.store.write_invited(bob, house.id, declining, refusing, pb.DeclineInvitationResponse)
    assert not await may_read(house.bob, house.id)
    assert made in await sent(house.ann, house.id)


async def test_a_code_of_another_invitation_is_refused_behind_the_door(server: App, house: House, cat: Person) -> None:
    owners, viewers = await invite(house.ann, house.id), await invite(house.ann, house.id)
    by_mail = await invite(house.ann, house.id, email=cat.email)
    for invitation_id in (owners.id, by_mail.id, new_id(), ""):
        request = pb.JoinByCodeRequest(request_id=new_id(), code=viewers.code)
        command = partial(commands.join_by_code, taker=taker_of(server, house.bob, invitation_id))
        with pytest.raises(NotVisible):
            await server.store.write_invited(caller_of(house.bob), house.id, request, command, pb.JoinByCodeResponse)
    assert not await may_read(house.bob, house.id)


async def test_a_space_that_is_missing_is_refused_before_any_command(server: App, bob: Person) -> None:
    async def never(tx: object, request: Message) -> pb.JoinByCodeResponse:
        raise AssertionError("unreachable: there is no such space")

    request = pb.JoinByCodeRequest(request_id=new_id(), code="x")
    with pytest.raises(NotVisible):
        await server.store.write_invited(caller_of(bob), new_id(), request, never, pb.JoinByCodeResponse)
    with pytest.raises(NotVisible):
        await server.store.reader_invited(caller_of(bob), new_id(), pb.ListInvitationsRequest()).fetch_all()
    assert await server.store.find_answer(caller_of(bob), new_id(), request, pb.JoinByCodeResponse) is None
