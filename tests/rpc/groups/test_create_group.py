"""CreateGroup: a group, its maker as owner, and guests."""

import asyncio
from typing import Any

import grpc
import pytest

import proof
from people import Client, Person, new_id, refusal_of
from rpc.groups import hall
from tallystick_client.v1.group_pb2 import CreateGroupRequest, GetGroupRequest
from tallystick_client.v1.role_pb2 import Role
from tallystick_client.v1.space_pb2 import MemberState


async def test_whoever_makes_a_group_owns_it_and_guests_are_in_it(ann: Person) -> None:
    request = CreateGroupRequest(
        request_id=new_id(), name=" Trip ", default_currency="EUR", guests=["Gus", "Hal"], description="To the sea"
    )
    made = await ann.groups.CreateGroup(request)
    assert (made.group.name, made.group.description, made.group.default_currency) == ("Trip", "To the sea", "EUR")
    owner, *guests = made.members
    assert (owner.user_id, owner.role) == (ann.user.id, Role.ROLE_OWNER)
    assert [(each.display_name, each.state, each.user_id) for each in guests] == [
        ("Gus", MemberState.MEMBER_STATE_GUEST, ""),
        ("Hal", MemberState.MEMBER_STATE_GUEST, ""),
    ]
    assert (await ann.groups.GetGroup(GetGroupRequest(group_id=made.group.id))).group == made.group
    assert await ann.groups.CreateGroup(request) == made


async def test_a_repeat_is_the_same_group_and_another_body_is_refused(ann: Person) -> None:
    request = CreateGroupRequest(request_id=new_id(), name="Trip", default_currency="EUR", guests=["Gus"])
    answers = await asyncio.gather(*(ann.groups.CreateGroup(request) for _ in range(4)))
    assert all(each == answers[0] for each in answers)
    assert [each.id for each in await hall.groups_of(ann)] == [answers[0].group.id]
    request.name = "Hike"
    refusal = await refusal_of(ann.groups.CreateGroup(request))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED")


async def test_the_client_may_make_the_id_and_nobody_takes_it_twice(ann: Person, bob: Person) -> None:
    chosen = new_id()
    assert (await hall.make(ann, group_id=chosen.upper())).id == chosen
    for person, taken in ((ann, chosen), (bob, chosen), (bob, ann.user.home_id)):
        refusal = await refusal_of(hall.make(person, group_id=taken))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ID_TAKEN")
    assert await hall.groups_of(bob) == []


async def test_what_was_not_said_is_the_most_reserved(ann: Person) -> None:
    made = await hall.make(ann)
    assert (made.discoverable, made.simplify_debts, made.archived, made.locked_until) == (False, False, False, "")
    assert (made.join_policy in (0, hall.INVITED), made.time_zone, list(made.default_split)) == (True, "UTC", [])


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"name": ""}, "INVALID_FIELD", "name"),
        ({"name": "  "}, "INVALID_FIELD", "name"),
        ({"name": "x" * 201}, "INVALID_FIELD", "name"),
        ({"description": "x" * 2001}, "INVALID_FIELD", "description"),
        ({"default_currency": ""}, "INVALID_FIELD", "default_currency"),
        ({"default_currency": "eur"}, "INVALID_FIELD", "default_currency"),
        ({"default_currency": "ZZZ"}, "UNKNOWN_CURRENCY", "default_currency"),
        ({"join_policy": 9}, "INVALID_FIELD", "join_policy"),
        ({"time_zone": "Mars/Olympus"}, "INVALID_FIELD", "time_zone"),
        ({"group_id": "trip"}, "INVALID_FIELD", "group_id"),
        ({"guests": ["Gus", ""]}, "INVALID_FIELD", "guests[1]"),
        ({"guests": ["Gus"] * 101}, "INVALID_FIELD", "guests"),
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused_and_makes_nothing(
    ann: Person, database: proof.Connection, fields: dict[str, Any], reason: str, field: str
) -> None:
    before = proof.count_rows(database)
    refusal = await refusal_of(hall.make(ann, **fields))
    assert (refusal.code, refusal.reason, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, reason, (field,))
    assert proof.count_rows(database) == before


async def test_a_hundred_guests_of_one_name_are_a_hundred_members(ann: Person) -> None:
    made = await ann.groups.CreateGroup(
        CreateGroupRequest(request_id=new_id(), name="Trip", default_currency="EUR", guests=["Gus"] * 100)
    )
    assert len({each.id for each in made.members}) == 101


async def test_nobody_makes_a_group_without_a_login(client: Client) -> None:
    request = CreateGroupRequest(request_id=new_id(), name="Trip", default_currency="EUR")
    assert (await refusal_of(client.groups.CreateGroup(request))).reason == "NOT_SIGNED_IN"
