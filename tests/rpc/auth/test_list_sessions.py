"""What ListSessions promises."""

from people import Person, new_id, refusal_of
from rpc.auth.visitors import Visitor
from tallystick_client.v1 import auth_service_pb2 as pb
from turned_clock import TurnedClock


async def test_list_sessions_shows_the_last_used_first_and_which_one_asks(
    visitor: Visitor, ann: Person, bob: Person, clock: TurnedClock
) -> None:
    with clock.later(minutes=1):
        tablet = await visitor.sign_in(ann.email, device_name="Ann's tablet")
        sessions = (await tablet.auth.ListSessions(pb.ListSessionsRequest())).sessions
    assert [(session.device_name, session.current) for session in sessions] == [
        ("Ann's tablet", True),
        ("phone", False),
    ]
    with clock.later(minutes=2):
        request = pb.RefreshSessionRequest(request_id=new_id(), refresh_token=ann.tokens.refresh_token)
        await visitor.auth.RefreshSession(request)
        sessions = (await ann.auth.ListSessions(pb.ListSessionsRequest())).sessions
    assert [(session.device_name, session.current) for session in sessions] == [
        ("phone", True),
        ("Ann's tablet", False),
    ]
    assert sessions[0].last_used_at.ToDatetime() > sessions[0].created_at.ToDatetime()


async def test_list_sessions_leaves_out_what_has_ended(visitor: Visitor, ann: Person, clock: TurnedClock) -> None:
    tablet = await visitor.sign_in(ann.email)
    await tablet.auth.Logout(pb.LogoutRequest(request_id=new_id()))
    assert len((await ann.auth.ListSessions(pb.ListSessionsRequest())).sessions) == 1
    with clock.later(days=8):
        again = await visitor.sign_in(ann.email)
        assert len((await again.auth.ListSessions(pb.ListSessionsRequest())).sessions) == 1


async def test_list_sessions_needs_a_session(visitor: Visitor) -> None:
    assert (await refusal_of(visitor.auth.ListSessions(pb.ListSessionsRequest()))).reason == "NOT_SIGNED_IN"
