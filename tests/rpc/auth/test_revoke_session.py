"""What RevokeSession promises."""

from people import Person, new_id, refusal_of
from rpc.auth.visitors import Audit, Visitor
from tallystick_client.v1 import auth_service_pb2 as pb


def request(session_id: str = "", request_id: str | None = None) -> pb.RevokeSessionRequest:
    return pb.RevokeSessionRequest(request_id=request_id or new_id(), session_id=session_id)


async def test_revoke_session_ends_one_session_at_once(visitor: Visitor, ann: Person, audit: Audit) -> None:
    tablet, laptop = await visitor.sign_in(ann.email), await visitor.sign_in(ann.email)
    assert (await ann.auth.RevokeSession(request(tablet.tokens.session_id))).revoked == 1
    assert (await refusal_of(tablet.auth.GetMe(pb.GetMeRequest()))).reason == "INVALID_TOKEN"
    await laptop.auth.GetMe(pb.GetMeRequest())
    assert (await audit(ann.user.id))[-1] == "session_revoked"


async def test_revoke_session_without_an_id_ends_all_others(visitor: Visitor, ann: Person) -> None:
    others = [await visitor.sign_in(ann.email) for _ in range(3)]
    assert (await ann.auth.RevokeSession(request())).revoked == 3
    for other in others:
        assert (await refusal_of(other.auth.GetMe(pb.GetMeRequest()))).reason == "INVALID_TOKEN"
    await ann.auth.GetMe(pb.GetMeRequest())


async def test_revoke_session_of_an_ended_session_ends_none(visitor: Visitor, ann: Person) -> None:
    tablet = await visitor.sign_in(ann.email)
    await ann.auth.RevokeSession(request(tablet.tokens.session_id))
    assert (await ann.auth.RevokeSession(request(tablet.tokens.session_id))).revoked == 0


async def test_revoke_session_does_not_know_somebody_elses_session(ann: Person, bob: Person) -> None:
    foreign = await refusal_of(ann.auth.RevokeSession(request(bob.tokens.session_id)))
    missing = await refusal_of(ann.auth.RevokeSession(request(new_id())))
    assert foreign.reason == "NOT_FOUND"
    assert foreign.raw == missing.raw
    await bob.auth.GetMe(pb.GetMeRequest())


async def test_revoke_session_repeated_returns_the_first_answer(visitor: Visitor, ann: Person) -> None:
    await visitor.sign_in(ann.email)
    again = request()
    assert (await ann.auth.RevokeSession(again)).revoked == 1
    await visitor.sign_in(ann.email)
    assert (await ann.auth.RevokeSession(again)).revoked == 1
    assert len((await ann.auth.ListSessions(pb.ListSessionsRequest())).sessions) == 2


async def test_revoke_session_refuses_another_body_under_one_request_id(visitor: Visitor, ann: Person) -> None:
    first = request()
    await ann.auth.RevokeSession(first)
    other = request(ann.tokens.session_id, first.request_id)
    assert (await refusal_of(ann.auth.RevokeSession(other))).reason == "REQUEST_ID_REUSED"


async def test_revoke_session_needs_a_session(visitor: Visitor) -> None:
    assert (await refusal_of(visitor.auth.RevokeSession(request()))).reason == "NOT_SIGNED_IN"
