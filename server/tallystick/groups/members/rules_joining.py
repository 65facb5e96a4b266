"""Who may come into a group without an invitation, and what becomes of whoever asks? Pure."""

from datetime import datetime
from uuid import UUID

from tallystick.errors import RuleBroken
from tallystick.times import to_timestamp
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.group_members_pb2 import JoinGroupRequest, JoinRequest, JoinRequestState
from tallystick.v1.group_pb2 import Group, JoinPolicy

_BY_POLICY = (JoinPolicy.JOIN_POLICY_OPEN, JoinPolicy.JOIN_POLICY_APPROVAL)


def require_joinable(group: Group) -> None:
    if group.join_policy not in _BY_POLICY:
        raise RuleBroken(ErrorReason.ERROR_REASON_JOIN_CLOSED, "Nobody joins this group without an invitation.")


def require_open(asked: JoinRequest) -> None:
    if asked.state != JoinRequestState.JOIN_REQUEST_STATE_OPEN:
        raise RuleBroken(ErrorReason.ERROR_REASON_JOIN_REQUEST_ANSWERED, "The request to join was answered before.")


def compose_request(
    request: JoinGroupRequest, request_id: UUID, user_id: UUID, display_name: str, now: datetime
) -> JoinRequest:
    return JoinRequest(
        id=str(request_id),
        group_id=str(UUID(request.group_id)),
        user_id=str(user_id),
        display_name=display_name,
        message=request.message.strip(),
        state=JoinRequestState.JOIN_REQUEST_STATE_OPEN,
        created_at=to_timestamp(now),
    )


def compose_answer(asked: JoinRequest, *, approve: bool) -> JoinRequest:
    after = copy_of(asked)
    states = JoinRequestState.JOIN_REQUEST_STATE_DECLINED, JoinRequestState.JOIN_REQUEST_STATE_APPROVED
    after.state = states[approve]
    return after


def nameless(asked: JoinRequest) -> JoinRequest:
    """The request of somebody who was erased. Nobody can let them in any more."""
    after = copy_of(asked)
    after.user_id = after.display_name = after.message = ""
    if after.state == JoinRequestState.JOIN_REQUEST_STATE_OPEN:
        after.state = JoinRequestState.JOIN_REQUEST_STATE_DECLINED
    return after


def copy_of(asked: JoinRequest) -> JoinRequest:
    copy = JoinRequest()
    copy.CopyFrom(asked)
    return copy
