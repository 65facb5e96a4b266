"""What Logout promises."""

from people import Person, new_id, refusal_of
from rpc.auth.visitors import Audit, Visitor
from tallystick_client.v1 import auth_service_pb2 as pb


async def test_logout_ends_the_calling_session_at_once(ann: Person, audit: Audit) -> None:
    await ann.auth.Logout(pb.LogoutRequest(request_id=new_id()))
    assert (await refusal_of(ann.auth.GetMe(pb.GetMeRequest()))).reason == "INVALID_TOKEN"
    assert (await audit(ann.user.id))[-1] == "signed_out"


async def test_logout_leaves_other_devices_signed_in(visitor: Visitor, ann: Person) -> None:
    tablet = await visitor.sign_in(ann.email)
    await ann.auth.Logout(pb.LogoutRequest(request_id=new_id()))
    (left,) = (await tablet.auth.ListSessions(pb.ListSessionsRequest())).sessions
    assert left.id == tablet.tokens.session_id


async def test_logout_repeated_finds_the_session_ended(ann: Person) -> None:
    request = pb.LogoutRequest(request_id=new_id())
    await ann.auth.Logout(request)
    assert (await refusal_of(ann.auth.Logout(request))).reason == "INVALID_TOKEN"


async def test_logout_needs_a_session(visitor: Visitor) -> None:
    refusal = await refusal_of(visitor.auth.Logout(pb.LogoutRequest(request_id=new_id())))
    assert refusal.reason == "NOT_SIGNED_IN"


async def test_logout_leaves_the_device_known(visitor: Visitor, ann: Person) -> None:
    await ann.auth.Logout(pb.LogoutRequest(request_id=new_id()))
    assert (await visitor.login(ann.email, device_token=ann.device_token)).device_token == ann.device_token
