"""What AnswerJoinRequest promises."""

import asyncio
from uuid import UUID

import pytest

import proof
from circle import Circle
from people import PASSWORD, Person, new_id, refusal_of
from rpc.groups import hall
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import EDITOR, leave, may_read, member_of, members, outcome_of, share
from tallystick.app import App
from tallystick.groups.tables import JOIN_REQUEST
from tallystick.store import journal
from tallystick_client.v1 import auth_service_pb2
from tallystick_client.v1 import group_members_pb2 as pb


@pytest.fixture
async def asked(circle: Circle, bob: Person) -> pb.JoinRequest:
    """Bob asks to be let into Ann's group."""
    await hall.update(circle.person, circle.id, discoverable=True, join_policy=hall.APPROVAL)
    return (await hall.join_group(bob, circle.id, "Please")).join_request


async def test_answer_join_request_lets_somebody_in(circle: Circle, bob: Person, asked: pb.JoinRequest) -> None:
    request = hall.answer_request(asked, approve=True)
    answered = await keeps_the_promises_of_a_write(circle, "AnswerJoinRequest", request, approve=False)
    assert answered.join_request.state == hall.APPROVED
    assert (answered.member.user_id, answered.member.role, answered.member.display_name) == (bob.user.id, EDITOR, "Bob")
    assert await may_read(bob, circle.id)
    assert [each.id for each in await hall.groups_of(bob)] == [circle.id]
    assert await hall.waiting(circle.person, circle.id) == []


async def test_answer_join_request_keeps_somebody_out(circle: Circle, bob: Person, asked: pb.JoinRequest) -> None:
    answered = await hall.answer(circle.person, asked, approve=False)
    assert answered.join_request.state == hall.DECLINED
    assert not answered.HasField("member")
    assert not await may_read(bob, circle.id)


async def test_answer_join_request_of_one_who_was_here_before_is_the_same_member(circle: Circle, bob: Person) -> None:
    await share(circle.person, circle.id, bob)
    before = await member_of(circle.person, circle.id, bob)
    await leave(bob, circle.id)
    await hall.update(circle.person, circle.id, discoverable=True, join_policy=hall.APPROVAL)
    asked = (await hall.join_group(bob, circle.id)).join_request
    assert (await hall.answer(circle.person, asked)).member.id == before.id


async def test_answer_join_request_is_answered_once(circle: Circle, asked: pb.JoinRequest) -> None:
    outcomes = await asyncio.gather(*(outcome_of(hall.answer(circle.person, asked)) for _ in range(4)))
    assert sorted(outcomes) == ["JOIN_REQUEST_ANSWERED"] * 3 + ["OK"]
    assert len(await members(circle.person, circle.id)) == 4


async def test_answer_join_request_of_somebody_who_got_in_another_way(
    circle: Circle, bob: Person, asked: pb.JoinRequest
) -> None:
    await share(circle.person, circle.id, bob)
    assert (await refusal_of(hall.answer(circle.person, asked))).reason == "ALREADY_MEMBER"
    assert (await hall.answer(circle.person, asked, approve=False)).join_request.state == hall.DECLINED


async def test_answer_join_request_is_for_owners_of_its_group(circle: Circle, asked: pb.JoinRequest) -> None:
    eve = await hall.with_member(circle, "Eve", EDITOR)
    assert (await refusal_of(hall.answer(eve, asked))).reason == "ROLE_TOO_LOW"
    asked.group_id = (await hall.make(circle.person)).id
    foreign = await refusal_of(hall.answer(circle.person, asked))
    asked.id = new_id()
    missing = await refusal_of(hall.answer(circle.person, asked))
    assert (foreign.reason, foreign.raw) == ("NOT_FOUND", missing.raw)


async def test_b34_answer_join_request_of_an_erased_user_is_over_and_nothing_says_who_it_was(
    circle: Circle, bob: Person, asked: pb.JoinRequest, server: App, database: proof.Connection
) -> None:
    await hall.join_group(bob, circle.id)
    await bob.auth.DeleteMe(auth_service_pb2.DeleteMeRequest(request_id=new_id(), password=PASSWORD))
    assert (await refusal_of(hall.answer(circle.person, asked))).reason == "JOIN_REQUEST_ANSWERED"
    assert await hall.waiting(circle.person, circle.id) == []
    seal = proof.open_seal(database, server.store.keys, UUID(circle.id))
    (left,) = proof.live(proof.fresh(database, seal), JOIN_REQUEST)
    assert (left.user_id, left.display_name, left.message, left.state) == ("", "", "", hall.DECLINED)
    rows = database.execute("SELECT 1 FROM user_space WHERE user_id = %s", (UUID(bob.user.id),)).fetchall()
    assert rows == []
    rows = database.execute(
        "SELECT seq, ordinal, body FROM journal WHERE space_id = %s AND entity_id = %s",
        (UUID(circle.id), UUID(asked.id)),
    ).fetchall()
    assert len(rows) == 3
    for seq, ordinal, body in rows:
        plain = seal.open(journal.PLACE, journal.row_of(ordinal, UUID(asked.id)), seq, body)
        state = pb.JoinRequest.FromString(plain)
        assert (state.user_id, state.display_name, state.message) == ("", "", "")
