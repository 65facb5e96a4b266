"""What UpdateGroup promises."""

import asyncio

import pytest

import proof
from circle import Circle, shares_of
from people import Person, new_id, refusal_of
from rpc.groups import hall
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import EDITOR, member_of, outcome_of, remove
from tallystick.app import App
from tallystick_client.v1 import group_pb2 as pb


async def test_update_group_changes_what_is_named_and_nothing_else(circle: Circle) -> None:
    before = await hall.get(circle.person, circle.id)
    request = hall.update_request(
        circle.id, "name", "description", name=" Sea ", description=" Sun ", time_zone="Asia/Tokyo"
    )
    after = (await keeps_the_promises_of_a_write(circle, "UpdateGroup", request, name="Hill")).group
    assert (after.name, after.description, after.time_zone) == ("Sea", "Sun", before.time_zone)
    assert after.version > before.version
    assert (after.default_currency, after.created_at) == (before.default_currency, before.created_at)


async def test_update_group_is_for_owners(circle: Circle, bob: Person) -> None:
    eve = await hall.with_member(circle, "Eve", EDITOR)
    assert (await refusal_of(hall.update(eve, circle.id, name="x"))).reason == "ROLE_TOO_LOW"
    foreign = await refusal_of(hall.update(bob, circle.id, name="x"))
    missing = await refusal_of(hall.update(bob, new_id(), name="x"))
    assert (foreign.reason, foreign.raw) == ("NOT_FOUND", missing.raw)


async def test_b9_update_group_cannot_change_the_currency(circle: Circle) -> None:
    refused = await refusal_of(hall.update(circle.person, circle.id, "default_currency", name="x"))
    assert refused.reason == "INVALID_UPDATE_MASK"


async def test_update_group_of_nothing_new_writes_nothing(circle: Circle) -> None:
    before = await hall.get(circle.person, circle.id)
    assert await hall.update(circle.person, circle.id, name=before.name) == before


@pytest.mark.parametrize(
    ("paths", "fields", "field"),
    [
        (("name",), {"name": "  "}, "name"),
        (("time_zone",), {"time_zone": "Mars/Olympus"}, "time_zone"),
    ],
)
async def test_update_group_refuses_what_makes_no_sense(
    circle: Circle, paths: tuple[str, ...], fields: dict[str, str], field: str
) -> None:
    refused = await refusal_of(hall.update(circle.person, circle.id, *paths, **fields))
    assert (refused.reason, refused.fields) == ("INVALID_FIELD", (field,))


async def test_update_group_made_on_an_old_version_of_the_same_field_is_stale(circle: Circle) -> None:
    before = await hall.update(circle.person, circle.id, name="One")
    after = await hall.update(circle.person, circle.id, name="Two")
    refused = await refusal_of(hall.update(circle.person, circle.id, name="Three", base_version=before.version))
    assert (refused.reason, refused.metadata["current_version"]) == ("STALE_VERSION", str(after.version))
    other = await hall.update(circle.person, circle.id, description="Sea", base_version=before.version)
    assert (other.name, other.description) == ("Two", "Sea")


async def test_update_group_keeps_a_default_split_of_those_who_are_in(circle: Circle) -> None:
    gus, hal = circle.guests["Gus"], circle.guests["Hal"]
    weights = hall.parts(**{gus.upper(): 2, hal: 0})
    after = await hall.update(circle.person, circle.id, default_split=weights)
    assert [(each.member_id, each.weight) for each in after.default_split] == [(gus, 2), (hal, 0)]
    assert not (await hall.update(circle.person, circle.id, "default_split")).default_split


async def test_update_group_refuses_a_default_split_that_cannot_be(circle: Circle) -> None:
    gus, hal = circle.guests["Gus"], circle.guests["Hal"]
    twice = await refusal_of(
        hall.update(circle.person, circle.id, default_split=[*hall.parts(**{gus: 1}), *hall.parts(**{gus.upper(): 1})])
    )
    assert (twice.reason, twice.fields) == ("INVALID_FIELD", ("default_split[1].member_id",))
    nothing = await refusal_of(hall.update(circle.person, circle.id, default_split=hall.parts(**{gus: 0})))
    assert (nothing.reason, nothing.fields) == ("INVALID_FIELD", ("default_split",))
    much = await refusal_of(hall.update(circle.person, circle.id, default_split=hall.parts(**{gus: 1_000_001})))
    assert much.reason == "INVALID_FIELD"
    stranger = await refusal_of(hall.update(circle.person, circle.id, default_split=hall.parts(**{new_id(): 1})))
    assert stranger.reason == "NOT_FOUND"
    await hall.leave_group(circle.person, circle.id, hal)
    gone = await refusal_of(hall.update(circle.person, circle.id, default_split=hall.parts(**{hal: 1})))
    assert (gone.reason, gone.metadata["member_id"]) == ("MEMBER_INACTIVE", hal)


async def test_update_group_may_keep_somebody_in_the_split_who_has_left(circle: Circle) -> None:
    gus, hal = circle.guests["Gus"], circle.guests["Hal"]
    await hall.update(circle.person, circle.id, default_split=hall.parts(**{gus: 1, hal: 1}))
    await hall.leave_group(circle.person, circle.id, hal)
    after = await hall.update(circle.person, circle.id, default_split=hall.parts(**{gus: 2, hal: 1}))
    assert [each.weight for each in after.default_split] == [2, 1]


async def test_a_default_split_passes_over_whoever_is_gone(circle: Circle) -> None:
    gus, hal = circle.guests["Gus"], circle.guests["Hal"]
    await hall.update(circle.person, circle.id, default_split=hall.parts(**{circle.owner_id: 1, gus: 2, hal: 3}))
    await hall.leave_group(circle.person, circle.id, hal)
    spent = await circle.spend(3000, split=None)
    assert shares_of(spent) == {circle.owner_id: 1000, gus: 2000}


async def test_a_default_split_of_which_nobody_is_left_is_equally_among_all(circle: Circle) -> None:
    gus, hal = circle.guests["Gus"], circle.guests["Hal"]
    await hall.update(circle.person, circle.id, default_split=hall.parts(**{circle.owner_id: 0, hal: 3}))
    await hall.leave_group(circle.person, circle.id, hal)
    spent = await circle.spend(3000, split=None)
    assert shares_of(spent) == {circle.owner_id: 1500, gus: 1500}


async def test_b13_update_group_of_the_default_split_moves_no_past_balance(
    circle: Circle, server: App, database: proof.Connection
) -> None:
    await circle.spend(3000, split=None)
    before = hall.nets_of(server, database, circle.id)
    await hall.update(circle.person, circle.id, default_split=hall.parts(**{circle.guests["Gus"]: 5}))
    assert hall.nets_of(server, database, circle.id) == before


async def test_update_group_keeps_the_listing_as_the_group_is(circle: Circle, database: proof.Connection) -> None:
    ann = circle.person
    assert hall.listed(database, circle.id) == []
    await hall.update(ann, circle.id, discoverable=True, join_policy=hall.OPEN, description="Sea")
    assert hall.listed(database, circle.id) == [("Trip", "Sea", "EUR", hall.OPEN)]
    await hall.update(ann, circle.id, name="Hike", description="")
    assert hall.listed(database, circle.id) == [("Hike", "Sea", "EUR", hall.OPEN)]
    await hall.update(ann, circle.id, "discoverable")
    assert hall.listed(database, circle.id) == []


async def test_update_group_and_removal_at_once_never_name_somebody_who_was_gone_before(circle: Circle) -> None:
    eve = await hall.with_member(circle, "Eve", EDITOR)
    member = await member_of(circle.person, circle.id, eve)
    updating = hall.update(circle.person, circle.id, default_split=hall.parts(**{member.id: 1}))
    outcomes = await asyncio.gather(outcome_of(remove(circle.person, member)), outcome_of(updating))
    assert outcomes[0] == "OK"
    assert outcomes[1] in ("OK", "MEMBER_INACTIVE")


async def test_update_group_can_be_made_again_to_all_fields(circle: Circle) -> None:
    request = pb.UpdateGroupRequest(request_id=new_id(), group_id=circle.id, name="All", simplify_debts=True)
    request.update_mask.paths.append("*")
    after = (await circle.person.groups.UpdateGroup(request)).group
    assert (after.name, after.simplify_debts, after.description, after.time_zone) == ("All", True, "", "UTC")
