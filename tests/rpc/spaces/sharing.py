"""How do tests share a book? Short names for the calls that nearly every test of spaces makes."""

from dataclasses import dataclass
from typing import Any

from people import BookOf, Person, Refusal, new_id, refusal_of, sign_in
from tallystick_client.v1 import role_pb2, space_pb2
from tallystick_client.v1 import space_service_pb2 as pb

OWNER, EDITOR, VIEWER = role_pb2.Role.ROLE_OWNER, role_pb2.Role.ROLE_EDITOR, role_pb2.Role.ROLE_VIEWER
ACTIVE = space_pb2.MemberState.MEMBER_STATE_ACTIVE
LEFT = space_pb2.MemberState.MEMBER_STATE_LEFT
REMOVED = space_pb2.MemberState.MEMBER_STATE_REMOVED
OPEN = space_pb2.InvitationState.INVITATION_STATE_OPEN
ACCEPTED = space_pb2.InvitationState.INVITATION_STATE_ACCEPTED
DECLINED = space_pb2.InvitationState.INVITATION_STATE_DECLINED
CANCELLED = space_pb2.InvitationState.INVITATION_STATE_CANCELLED
EXPIRED = space_pb2.InvitationState.INVITATION_STATE_EXPIRED

Invitation = space_pb2.Invitation
Member = space_pb2.Member
Space = space_pb2.Space


@dataclass(frozen=True)
class House:
    """A book with one member of each role, and a stranger."""

    book: BookOf
    ann: Person  # its owner
    eve: Person  # an editor
    vic: Person  # a viewer
    bob: Person  # nobody there

    @property
    def id(self) -> str:
        return self.book.id


async def back(person: Person) -> Person:
    """The same person, signed in anew: no session lasts as long as these tests turn the clock."""
    return await sign_in(person.client, person.email)


async def invite(owner: Person, space_id: str, role: Any = EDITOR, **other: Any) -> Invitation:
    request = pb.InviteRequest(**{"request_id": new_id(), "space_id": space_id, "role": role} | other)
    response: pb.InviteResponse = await owner.spaces.Invite(request)
    return response.invitation


async def join(person: Person, code: str) -> Space:
    response: pb.JoinByCodeResponse = await person.spaces.JoinByCode(
        pb.JoinByCodeRequest(request_id=new_id(), code=code)
    )
    return response.space


async def share(owner: Person, space_id: str, person: Person, role: Any = EDITOR) -> None:
    await join(person, (await invite(owner, space_id, role)).code)


async def accept(person: Person, invitation_id: str) -> Space:
    response: pb.AcceptInvitationResponse = await person.spaces.AcceptInvitation(
        pb.AcceptInvitationRequest(request_id=new_id(), invitation_id=invitation_id)
    )
    return response.space


async def decline(person: Person, invitation_id: str) -> None:
    await person.spaces.DeclineInvitation(pb.DeclineInvitationRequest(request_id=new_id(), invitation_id=invitation_id))


async def cancel(owner: Person, invitation: Invitation) -> Invitation:
    request = pb.CancelInvitationRequest(request_id=new_id(), space_id=invitation.space_id, invitation_id=invitation.id)
    response: pb.CancelInvitationResponse = await owner.spaces.CancelInvitation(request)
    return response.invitation


async def members(person: Person, space_id: str) -> list[Member]:
    response = await person.spaces.ListMembers(pb.ListMembersRequest(space_id=space_id))
    return list(response.members)


async def member_of(viewer: Person, space_id: str, person: Person) -> Member:
    return next(member for member in await members(viewer, space_id) if member.user_id == person.user.id)


async def update(person: Person, member: Member, *paths: str, **fields: Any) -> Member:
    request = pb.UpdateMemberRequest(
        **{"request_id": new_id(), "space_id": member.space_id, "member_id": member.id} | fields
    )
    request.update_mask.paths.extend(paths)
    response: pb.UpdateMemberResponse = await person.spaces.UpdateMember(request)
    return response.member


async def remove(person: Person, member: Member) -> Member:
    request = pb.RemoveMemberRequest(request_id=new_id(), space_id=member.space_id, member_id=member.id)
    response: pb.RemoveMemberResponse = await person.spaces.RemoveMember(request)
    return response.member


async def leave(person: Person, space_id: str) -> None:
    await person.spaces.LeaveSpace(pb.LeaveSpaceRequest(request_id=new_id(), space_id=space_id))


async def spaces_of(person: Person, **filters: Any) -> list[Space]:
    response = await person.spaces.ListSpaces(pb.ListSpacesRequest(**filters))
    return list(response.spaces)


async def received(person: Person) -> list[Invitation]:
    response = await person.spaces.ListInvitations(pb.ListInvitationsRequest())
    return list(response.invitations)


async def sent(owner: Person, space_id: str) -> list[Invitation]:
    response = await owner.spaces.ListInvitations(pb.ListInvitationsRequest(space_id=space_id))
    return list(response.invitations)


async def may_read(person: Person, space_id: str) -> bool:
    """Whether the space is there for this person."""
    try:
        await person.spaces.GetSpace(pb.GetSpaceRequest(space_id=space_id))
    except Exception as refused:
        assert (await refusal_of(_raised(refused))).reason == "NOT_FOUND"
        return False
    return True


async def outcome_of(call: Any) -> str:
    """The reason why a call was refused, or that it was not: for races, where either may win."""
    try:
        await call
    except Exception as refused:
        refusal: Refusal = await refusal_of(_raised(refused))
        return refusal.reason
    return "OK"


async def _raised(error: Exception) -> None:
    raise error
