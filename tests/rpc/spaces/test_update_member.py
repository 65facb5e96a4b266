"""What UpdateMember promises."""

import asyncio
from typing import Any

import pytest

from people import BookOf, Person, new_id, refusal_of
from rpc.spaces.conftest import AccessRevision, Audited
from rpc.spaces.sharing import (
    EDITOR,
    OWNER,
    VIEWER,
    House,
    leave,
    member_of,
    members,
    outcome_of,
    remove,
    share,
    update,
)
from tallystick_client.v1 import space_service_pb2 as pb


async def test_update_member_gives_another_role_that_holds_at_once(house: House) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    changed = await update(house.ann, vic, role=EDITOR)
    assert (changed.role, changed.display_name, changed.id) == (EDITOR, "Vic", vic.id)
    assert changed.version > vic.version
    assert await member_of(house.vic, house.id, house.vic) == changed
    space = (await house.vic.spaces.GetSpace(pb.GetSpaceRequest(space_id=house.id))).space
    assert (space.role, space.head) == (EDITOR, changed.version)


async def test_update_member_takes_a_role_away_at_once(house: House) -> None:
    await update(house.ann, await member_of(house.ann, house.id, house.eve), role=VIEWER)
    request = house.book.expense()
    assert (await refusal_of(house.eve.ledger.CreateTransaction(request))).reason == "ROLE_TOO_LOW"


@pytest.mark.parametrize("who", ["ann", "eve", "vic"])
async def test_update_member_lets_everybody_change_their_own_name(house: House, who: str) -> None:
    person: Person = getattr(house, who)
    changed = await update(person, await member_of(person, house.id, person), display_name="  New name ")
    assert changed.display_name == "New name"
    assert (await member_of(house.vic, house.id, person)).display_name == "New name"


async def test_update_member_lets_an_owner_change_anothers_name(house: House) -> None:
    changed = await update(house.ann, await member_of(house.ann, house.id, house.vic), display_name="Victor")
    assert (changed.display_name, changed.role) == ("Victor", VIEWER)


@pytest.mark.parametrize("who", ["eve", "vic"])
@pytest.mark.parametrize("whose", ["ann", "eve", "vic"])
@pytest.mark.parametrize("fields", [{"role": OWNER}, {"display_name": "Other"}], ids=["role", "name"])
async def test_update_member_is_for_owners(house: House, who: str, whose: str, fields: dict[str, Any]) -> None:
    if who == whose and "display_name" in fields:
        return
    person: Person = getattr(house, who)
    member = await member_of(person, house.id, getattr(house, whose))
    refused = await refusal_of(update(person, member, **fields))
    assert (refused.reason, refused.metadata["needed"]) == ("ROLE_TOO_LOW", "ROLE_OWNER")
    assert await member_of(person, house.id, getattr(house, whose)) == member


async def test_update_member_keeps_the_last_owner(house: House) -> None:
    ann = await member_of(house.ann, house.id, house.ann)
    assert (await refusal_of(update(house.ann, ann, role=EDITOR))).reason == "LAST_OWNER"
    assert (await member_of(house.ann, house.id, house.ann)).role == OWNER


async def test_update_member_lets_an_owner_step_down_when_another_remains(house: House) -> None:
    await update(house.ann, await member_of(house.ann, house.id, house.eve), role=OWNER)
    assert (await update(house.ann, await member_of(house.ann, house.id, house.ann), role=VIEWER)).role == VIEWER
    eve = await member_of(house.eve, house.id, house.eve)
    assert (await refusal_of(update(house.eve, eve, role=VIEWER))).reason == "LAST_OWNER"


async def test_update_member_does_not_count_a_former_owner(house: House) -> None:
    await update(house.ann, await member_of(house.ann, house.id, house.eve), role=OWNER)
    await leave(house.eve, house.id)
    ann = await member_of(house.ann, house.id, house.ann)
    assert (await refusal_of(update(house.ann, ann, role=VIEWER))).reason == "LAST_OWNER"


async def test_update_member_of_two_owners_at_once_leaves_one(house: House) -> None:
    await update(house.ann, await member_of(house.ann, house.id, house.eve), role=OWNER)
    ann, eve = [await member_of(house.ann, house.id, person) for person in (house.ann, house.eve)]
    outcomes = await asyncio.gather(
        outcome_of(update(house.ann, ann, role=VIEWER)), outcome_of(update(house.eve, eve, role=VIEWER))
    )
    assert sorted(outcomes) == ["LAST_OWNER", "OK"]
    assert [member.role for member in await members(house.vic, house.id)].count(OWNER) == 1


async def test_update_member_changes_only_what_the_mask_names(house: House) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    changed = await update(house.ann, vic, "display_name", role=OWNER, display_name="Victor")
    assert (changed.role, changed.display_name) == (VIEWER, "Victor")
    changed = await update(house.ann, vic, "*", role=EDITOR, display_name="Vicky")
    assert (changed.role, changed.display_name) == (EDITOR, "Vicky")


@pytest.mark.parametrize(
    ("paths", "fields", "reason", "field"),
    [
        (["state"], {}, "INVALID_UPDATE_MASK", "update_mask"),
        (["role", "id"], {"role": EDITOR}, "INVALID_UPDATE_MASK", "update_mask"),
        (["*"], {"role": EDITOR}, "INVALID_FIELD", "display_name"),
        (["*"], {"display_name": "Victor"}, "INVALID_FIELD", "role"),
        (["role"], {}, "INVALID_FIELD", "role"),
        (["display_name"], {"display_name": "  "}, "INVALID_FIELD", "display_name"),
        ([], {"display_name": "x" * 101}, "INVALID_FIELD", "display_name"),
        ([], {"role": 77}, "INVALID_FIELD", "role"),
    ],
)
async def test_update_member_refuses_what_cannot_be(
    house: House, paths: list[str], fields: dict[str, Any], reason: str, field: str
) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    refused = await refusal_of(update(house.ann, vic, *paths, **fields))
    assert (refused.reason, refused.fields) == (reason, (field,))


async def test_update_member_refuses_a_change_made_on_an_older_state_of_the_same_field(house: House) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    newer = await update(house.ann, vic, role=EDITOR)
    refused = await refusal_of(update(house.ann, vic, role=OWNER, base_version=vic.version))
    assert (refused.reason, refused.metadata["current_version"]) == ("STALE_VERSION", str(newer.version))
    assert (await update(house.ann, vic, role=OWNER, base_version=newer.version)).role == OWNER


async def test_update_member_merges_a_change_of_another_field(house: House) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    await update(house.ann, vic, role=EDITOR)
    merged = await update(house.vic, vic, display_name="Victor", base_version=vic.version)
    assert (merged.role, merged.display_name) == (EDITOR, "Victor")


async def test_update_member_to_what_is_already_so_changes_nothing(house: House) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    assert await update(house.ann, vic, role=VIEWER, display_name="Vic") == vic
    assert await update(house.ann, vic) == vic
    assert await member_of(house.ann, house.id, house.vic) == vic


async def test_update_member_does_not_know_former_members(house: House) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    await remove(house.ann, vic)
    former = await refusal_of(update(house.ann, vic, role=EDITOR))
    vic.id = new_id()
    missing = await refusal_of(update(house.ann, vic, role=EDITOR))
    assert former.reason == "NOT_FOUND"
    assert former.raw == missing.raw


async def test_update_member_does_not_know_members_of_other_spaces(house: House, second: BookOf) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    vic.space_id = second.id
    assert (await refusal_of(update(house.ann, vic, role=EDITOR))).reason == "NOT_FOUND"


async def test_update_member_shows_a_stranger_what_it_shows_of_a_missing_space(house: House) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    foreign = await refusal_of(update(house.bob, vic, role=OWNER))
    vic.space_id = new_id()
    missing = await refusal_of(update(house.bob, vic, role=OWNER))
    assert foreign.reason == "NOT_FOUND"
    assert foreign.raw == missing.raw


@pytest.mark.parametrize("fields", [{"role": OWNER}, {"display_name": "Anna"}], ids=["role", "name"])
async def test_update_member_has_no_business_in_a_home(ann: Person, fields: dict[str, Any]) -> None:
    own = await member_of(ann, ann.user.home_id, ann)
    assert (await refusal_of(update(ann, own, **fields))).reason == "HOME_IS_PRIVATE"


async def test_update_member_answers_a_repeat_with_the_first_answer(house: House) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    request_id = new_id()
    first = await update(house.ann, vic, request_id=request_id, role=EDITOR)
    await update(house.ann, vic, role=OWNER)
    assert await update(house.ann, vic, request_id=request_id, role=EDITOR) == first
    assert (await member_of(house.ann, house.id, house.vic)).role == OWNER


async def test_update_member_refuses_a_request_id_that_was_used_for_something_else(house: House) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    request_id = new_id()
    await update(house.ann, vic, request_id=request_id, role=EDITOR)
    refused = await refusal_of(update(house.ann, vic, request_id=request_id, role=OWNER))
    assert refused.reason == "REQUEST_ID_REUSED"


async def test_update_member_is_audited_when_it_changes_access_and_only_then(
    house: House, audited: Audited, access_revision: AccessRevision
) -> None:
    vic = await member_of(house.ann, house.id, house.vic)
    before, revision = audited(house.id), access_revision(house.id)
    await update(house.ann, vic, display_name="Victor")
    await update(house.ann, vic, role=VIEWER)
    assert (audited(house.id), access_revision(house.id)) == (before, revision)
    await update(house.ann, vic, role=EDITOR)
    assert audited(house.id) == [*before, ("role_changed", vic.id)]
    assert access_revision(house.id) == revision + 1


async def test_update_member_makes_an_owner_who_can_do_what_owners_do(house: House) -> None:
    await update(house.ann, await member_of(house.ann, house.id, house.vic), role=OWNER)
    await share(house.vic, house.id, house.bob)
    assert (await member_of(house.bob, house.id, house.bob)).role == EDITOR
