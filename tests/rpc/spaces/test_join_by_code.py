"""What JoinByCode promises."""

import asyncio

import pytest

from people import Client, Person, new_id, refusal_of, sign_up
from rpc.spaces.conftest import AccessRevision, Audited
from rpc.spaces.sharing import (
    ACCEPTED,
    ACTIVE,
    EDITOR,
    OPEN,
    OWNER,
    VIEWER,
    House,
    back,
    cancel,
    invite,
    join,
    leave,
    may_read,
    member_of,
    members,
    outcome_of,
    remove,
    sent,
    spaces_of,
)
from tallystick_client.v1 import space_pb2
from tallystick_client.v1 import space_service_pb2 as pb
from turned_clock import TurnedClock

UNKNOWN = "0000-0000-0000"


@pytest.mark.parametrize("role", [VIEWER, EDITOR, OWNER])
async def test_join_by_code_makes_whoever_has_it_a_member(house: House, role: int) -> None:
    made = await invite(house.ann, house.id, role)
    space = await join(house.bob, made.code)
    assert (space.id, space.kind, space.name, space.role) == (
        house.id,
        space_pb2.SpaceKind.SPACE_KIND_BOOK,
        "Home",
        role,
    )
    assert space == (await house.bob.spaces.GetSpace(pb.GetSpaceRequest(space_id=house.id))).space
    member = await member_of(house.vic, house.id, house.bob)
    assert (member.display_name, member.role, member.state) == ("Bob", role, ACTIVE)
    assert house.id in {listed.id for listed in await spaces_of(house.bob)}
    used = (await sent(house.ann, house.id))[0]
    assert (used.id, used.state, used.uses) == (made.id, ACCEPTED, 1)


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: code.lower(),
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " "),
        lambda code: f"  {code.replace('-', '–')}",
        lambda code: code.replace("0", "o").replace("1", "l"),
    ],
    ids=["lower case", "no dashes", "blanks", "long dashes", "letters for digits"],
)
async def test_join_by_code_reads_it_however_it_is_typed(house: House, typed: object) -> None:
    assert callable(typed)
    assert (await join(house.bob, typed((await invite(house.ann, house.id)).code))).id == house.id


async def test_join_by_code_works_as_often_as_it_may_be_used(house: House, client: Client) -> None:
    made = await invite(house.ann, house.id, VIEWER, uses_max=2)
    await join(house.bob, made.code)
    once = (await sent(house.ann, house.id))[0]
    assert (once.state, once.uses) == (OPEN, 1)
    await join(await sign_up(client, "Dan"), made.code)
    assert (await refusal_of(join(await sign_up(client, "Fay"), made.code))).reason == "INVITATION_ENDED"


async def test_join_by_code_gives_the_last_use_to_one_of_many(house: House, client: Client) -> None:
    made = await invite(house.ann, house.id, VIEWER, uses_max=2)
    people = [await sign_up(client, "Dan") for _ in range(6)]
    outcomes = await asyncio.gather(*(outcome_of(join(person, made.code)) for person in people))
    assert sorted(outcomes) == ["INVITATION_ENDED"] * 4 + ["OK"] * 2
    assert len(await members(house.ann, house.id)) == 5
    for person, outcome in zip(people, outcomes, strict=True):
        assert await may_read(person, house.id) == (outcome == "OK")


async def test_join_by_code_that_ended_is_refused(house: House, clock: TurnedClock) -> None:
    cancelled, expired = await invite(house.ann, house.id), await invite(house.ann, house.id)
    await cancel(house.ann, cancelled)
    assert (await refusal_of(join(house.bob, cancelled.code))).reason == "INVITATION_ENDED"
    with clock.later(days=7):
        assert (await refusal_of(join(await back(house.bob), expired.code))).reason == "INVITATION_ENDED"
    with clock.later(days=7, minutes=-1):
        assert (await join(await back(house.bob), expired.code)).id == house.id


async def test_join_by_code_by_a_member_is_refused_and_uses_nothing(house: House) -> None:
    made = await invite(house.ann, house.id, OWNER)
    assert (await refusal_of(join(house.vic, made.code))).reason == "ALREADY_MEMBER"
    assert (await member_of(house.vic, house.id, house.vic)).role == VIEWER
    assert (await sent(house.ann, house.id))[0] == made


async def test_join_by_code_by_a_former_member_is_the_same_member_again(house: House) -> None:
    before = await member_of(house.ann, house.id, house.vic)
    await remove(house.ann, before)
    await join(house.vic, (await invite(house.ann, house.id, EDITOR)).code)
    after = await member_of(house.vic, house.id, house.vic)
    assert (after.id, after.role, after.state) == (before.id, EDITOR, ACTIVE)


@pytest.mark.parametrize("code", [UNKNOWN, "1", "x" * 40, "not a code", "é", "UUUU-UUUU-UUUU"])
async def test_join_by_code_does_not_know_other_codes(bob: Person, code: str) -> None:
    refused, unknown = await refusal_of(join(bob, code)), await refusal_of(join(bob, UNKNOWN))
    assert refused.reason == "NOT_FOUND"
    assert refused.raw == unknown.raw


@pytest.mark.parametrize("code", ["", "x" * 41])
async def test_join_by_code_refuses_what_cannot_be_a_code(bob: Person, code: str) -> None:
    refused = await refusal_of(join(bob, code))
    assert (refused.reason, refused.fields) == ("INVALID_FIELD", ("code",))


async def test_join_by_code_lets_nobody_go_on_guessing(house: House) -> None:
    made = await invite(house.ann, house.id)
    outcomes = [await outcome_of(join(house.bob, UNKNOWN)) for _ in range(8)]
    assert outcomes[:3] == ["NOT_FOUND"] * 3
    assert outcomes[-1] == "TOO_MANY_ATTEMPTS"
    refused = await refusal_of(join(house.bob, made.code))
    assert refused.reason == "TOO_MANY_ATTEMPTS"
    assert refused.retry_after_s


async def test_join_by_code_lets_the_person_in_when_the_wait_is_over(house: House, clock: TurnedClock) -> None:
    made = await invite(house.ann, house.id)
    for _ in range(8):
        await outcome_of(join(house.bob, UNKNOWN))
    with clock.later(hours=1):
        assert (await join(await back(house.bob), made.code)).id == house.id


async def test_join_by_code_guesses_do_not_keep_the_guesser_from_signing_in(house: House) -> None:
    for _ in range(8):
        await outcome_of(join(house.bob, UNKNOWN))
    assert (await back(house.bob)).user.id == house.bob.user.id


async def test_join_by_code_guessed_many_at_once_is_counted_each_time(bob: Person) -> None:
    outcomes = await asyncio.gather(*(outcome_of(join(bob, UNKNOWN)) for _ in range(12)))
    assert outcomes.count("TOO_MANY_ATTEMPTS") >= 5


async def test_join_by_code_answers_a_repeat_with_the_first_answer(house: House) -> None:
    made = await invite(house.ann, house.id)
    request = pb.JoinByCodeRequest(request_id=new_id(), code=made.code)
    first = await house.bob.spaces.JoinByCode(request)
    await house.book.spend()
    assert await house.bob.spaces.JoinByCode(request) == first
    await leave(house.bob, house.id)
    assert await house.bob.spaces.JoinByCode(request) == first
    assert not await may_read(house.bob, house.id)


async def test_join_by_code_repeated_at_the_same_time_happens_once(house: House) -> None:
    made = await invite(house.ann, house.id, uses_max=9)
    request = pb.JoinByCodeRequest(request_id=new_id(), code=made.code)
    answers = await asyncio.gather(*(house.bob.spaces.JoinByCode(request) for _ in range(4)))
    assert len({answer.SerializeToString(deterministic=True) for answer in answers}) == 1
    assert (await sent(house.ann, house.id))[0].uses == 1


async def test_join_by_code_refuses_a_request_id_that_was_used_for_something_else(house: House) -> None:
    first, second = await invite(house.ann, house.id), await invite(house.ann, house.id)
    request_id = new_id()
    await house.bob.spaces.JoinByCode(pb.JoinByCodeRequest(request_id=request_id, code=first.code))
    request = pb.JoinByCodeRequest(request_id=request_id, code=second.code)
    assert (await refusal_of(house.bob.spaces.JoinByCode(request))).reason == "REQUEST_ID_REUSED"


async def test_join_by_code_does_not_take_over_somebody_elses_answer(house: House, client: Client) -> None:
    made = await invite(house.ann, house.id, uses_max=2)
    request = pb.JoinByCodeRequest(request_id=new_id(), code=made.code)
    await house.bob.spaces.JoinByCode(request)
    other = await sign_up(client, "Dan")
    assert (await refusal_of(other.spaces.JoinByCode(request))).reason == "REQUEST_ID_REUSED"
    assert not await may_read(other, house.id)


async def test_join_by_code_is_audited_and_raises_the_access_revision(
    house: House, audited: Audited, access_revision: AccessRevision
) -> None:
    made = await invite(house.ann, house.id)
    before, revision = audited(house.id), access_revision(house.id)
    await join(house.bob, made.code)
    assert audited(house.id) == [*before, ("member_joined", (await member_of(house.bob, house.id, house.bob)).id)]
    assert access_revision(house.id) == revision + 1
