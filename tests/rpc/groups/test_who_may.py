"""May everybody do in a group what their role allows, and nobody else anything? Every call, with everybody who could try.

The test walks the contract: a call that is added is tried, too.
"""

from collections.abc import Iterator

import grpc
import pytest

import proof
from people import Client, Person, new_id, refusal_of, sign_up
from rpc.spaces.sharing import EDITOR, OWNER, VIEWER, leave, share
from rpc.test_foreign_ids import GROUPS, PAIRS, World, _call, _case, _set, make_world
from tallystick import contract

NAMES = sorted({name for name, field in PAIRS if field == "group_id" and name in GROUPS})
NEEDED = {rpc.name: rpc.access.role for rpc in contract.rpcs().values()}
MESSAGES = {method.name: method.input_type for service in contract.services() for method in service.methods}
ROLES = {"viewer": VIEWER, "editor": EDITOR}


@pytest.fixture(scope="module")
async def world(client: Client) -> World:
    return await make_world(client, "Ann")


@pytest.fixture(scope="module")
async def crowd(client: Client, world: World) -> dict[str, Person]:
    """A stranger, somebody who was an owner once, a viewer and an editor."""
    people = {name: await sign_up(client, name) for name in ("stranger", "former", "viewer", "editor")}
    for name, role in (("former", OWNER), ("viewer", VIEWER), ("editor", EDITOR)):
        await share(world.person, world.circle.id, people[name], role)
    await leave(people["former"], world.circle.id)
    return people


@pytest.fixture(scope="module", autouse=True)
def untouched(crowd: dict[str, Person], database: proof.Connection) -> Iterator[None]:
    """Not one of these calls may write anything."""
    before = proof.count_rows(database)
    yield
    assert proof.count_rows(database) == before


@pytest.mark.parametrize("who", ["stranger", "former"])
@pytest.mark.parametrize("name", NAMES)
async def test_b19_whoever_is_no_member_sees_what_a_missing_group_shows(
    world: World, crowd: dict[str, Person], name: str, who: str
) -> None:
    request = _case(name, "group_id", world)
    there = await refusal_of(_call(crowd[who], name)(request))
    _set(request, "group_id", new_id())
    missing = await refusal_of(_call(crowd[who], name)(request))
    assert (there.code, there.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    assert there.raw == missing.raw


TOO_LOW = [(name, who) for name in NAMES for who, role in ROLES.items() if NEEDED[name] > role]
# What they may write is tested where the call is.
MAY_LOOK = [
    (name, who)
    for name in NAMES
    for who, role in ROLES.items()
    if NEEDED[name] <= role and "request_id" not in MESSAGES[name].fields_by_name
]


@pytest.mark.parametrize(("name", "who"), TOO_LOW)
async def test_b19_a_role_that_is_too_low_is_refused(
    world: World, crowd: dict[str, Person], name: str, who: str
) -> None:
    refused = await refusal_of(_call(crowd[who], name)(_case(name, "group_id", world)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_TOO_LOW")


@pytest.mark.parametrize(("name", "who"), MAY_LOOK)
async def test_a_role_that_is_high_enough_may_look(world: World, crowd: dict[str, Person], name: str, who: str) -> None:
    await _call(crowd[who], name)(_case(name, "group_id", world))


async def test_there_are_calls_of_every_role() -> None:
    assert len(TOO_LOW) > 30
    assert len(MAY_LOOK) > 30
    assert {int(NEEDED[name]) for name in NAMES if name != "JoinGroup"} == {int(VIEWER), int(EDITOR), int(OWNER)}
