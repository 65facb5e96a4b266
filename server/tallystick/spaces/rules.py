"""Who may share what with whom? Pure decisions on members and invitations: no I/O, no clock, no database."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tallystick.errors import Duplicate, InvalidInput, NotAllowed, NotVisible, RuleBroken
from tallystick.identity.rules import require_display_name
from tallystick.times import to_datetime, to_timestamp
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.identity_pb2 import User
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import Invitation, InvitationState, Member, MemberState, SpaceKind
from tallystick.v1.space_service_pb2 import InviteRequest, UpdateMemberRequest

CHANGEABLE = ("role", "display_name")
_ALL = "*"

INVITATION_DAYS_DEFAULT = 7
USES_DEFAULT = 1
_IN = (MemberState.MEMBER_STATE_ACTIVE, MemberState.MEMBER_STATE_GUEST)


def require_shared(kind: SpaceKind.ValueType) -> None:
    """Nobody but its user has to do with a home."""
    if kind == SpaceKind.SPACE_KIND_HOME:
        raise RuleBroken(ErrorReason.ERROR_REASON_HOME_IS_PRIVATE, "The home space is its user's alone.")


def require_owner(role: Role.ValueType) -> None:
    if role != Role.ROLE_OWNER:
        raise role_too_low(role)


def is_in(member: Member) -> bool:
    """With a login or without."""
    return member.state in _IN


def require_present(member: Member) -> Member:
    """Former members are history: nothing can be done with them."""
    if not is_in(member):
        raise NotVisible
    return member


def require_guest(member: Member) -> None:
    """Only a guest's place can be taken."""
    if require_present(member).state != MemberState.MEMBER_STATE_GUEST:
        raise InvalidInput.of_field("guest_id", "is no guest")


def require_unclaimed(guest: Member) -> None:
    """Somebody else may have taken the place since the invitation was made, or the guest may be gone."""
    if guest.state != MemberState.MEMBER_STATE_GUEST:
        raise invitation_ended()


def require_another_owner(member: Member, owner_ids: Collection[UUID]) -> None:
    """A space must keep an owner when this member stops being one."""
    if set(owner_ids) == {UUID(member.id)}:
        raise RuleBroken(
            ErrorReason.ERROR_REASON_LAST_OWNER, "A space must keep an owner; make somebody else one first."
        )


def wanted_fields(request: UpdateMemberRequest) -> dict[str, Any]:
    """The fields that an update touches, with their new values."""
    wanted: dict[str, Any] = {}
    touched = _touched(request)
    if "role" in touched:
        if request.role == Role.ROLE_UNSPECIFIED:
            raise InvalidInput.of_field("role", "must be stated")
        wanted["role"] = request.role
    if "display_name" in touched:
        wanted["display_name"] = require_display_name(request.display_name)
    return wanted


def _touched(request: UpdateMemberRequest) -> Collection[str]:
    paths = list(request.update_mask.paths)
    if not paths:
        return [name for name in CHANGEABLE if getattr(request, name)]
    if paths == [_ALL]:
        return CHANGEABLE
    unknown = [path for path in paths if path not in CHANGEABLE]
    if unknown:
        raise InvalidInput.of_field(
            "update_mask", f"cannot change {unknown[0]!r}", ErrorReason.ERROR_REASON_INVALID_UPDATE_MASK
        )
    return paths


def require_may_update(role: Role.ValueType, wanted: Collection[str], *, is_self: bool) -> None:
    """Owners may change every member; the others the name that they themselves are shown with."""
    if role != Role.ROLE_OWNER and (not is_self or "role" in wanted):
        raise role_too_low(role)


def require_may_have(member: Member, wanted: Collection[str]) -> None:
    """Nobody acts as a guest."""
    if member.state == MemberState.MEMBER_STATE_GUEST and "role" in wanted:
        raise InvalidInput.of_field("role", "a guest has none")


def compose_update(before: Member, wanted: Mapping[str, Any]) -> tuple[Member, tuple[str, ...]]:
    """The member after the update, and the fields whose values it changes."""
    after = _copy(before)
    for name, value in wanted.items():
        setattr(after, name, value)
    return after, tuple(name for name in wanted if getattr(before, name) != getattr(after, name))


def compose_end(member: Member, state: MemberState.ValueType) -> Member:
    """Somebody who is no longer a member. The role stays: history says what it was."""
    after = _copy(member)
    after.state = state
    return after


def compose_return(former: Member, role: Role.ValueType) -> Member:
    """Somebody who was a member before: the same one, so that history goes on."""
    after = _copy(former)
    after.state = MemberState.MEMBER_STATE_ACTIVE
    after.role = role
    return after


def compose_claim(guest: Member, user_id: UUID, display_name: str, role: Role.ValueType) -> Member:
    """The guest with a login from now on. They stay who they are, so that all that names them does."""
    after = _copy(guest)
    after.user_id = str(user_id)
    after.state = MemberState.MEMBER_STATE_ACTIVE
    after.role = role
    after.display_name = guest.display_name or display_name
    return after


def require_single_use(request: InviteRequest) -> None:
    if request.guest_id and request.uses_max > 1:
        raise InvalidInput.of_field("uses_max", "must be 1 for the place of a guest")
    if request.email and request.uses_max > 1:
        raise InvalidInput.of_field("uses_max", "must be 1 for an invitation by e-mail")


def compose_invitation(
    request: InviteRequest, invitation_id: UUID, space_name: str, inviter: Member, now: datetime
) -> Invitation:
    return Invitation(
        id=str(invitation_id),
        space_id=str(UUID(request.space_id)),
        space_name=space_name,
        role=request.role,
        email=request.email.strip(),
        uses_max=request.uses_max or USES_DEFAULT,
        state=InvitationState.INVITATION_STATE_OPEN,
        expires_at=to_timestamp(now + timedelta(days=request.days or INVITATION_DAYS_DEFAULT)),
        invited_by=inviter.display_name,
        created_at=to_timestamp(now),
        guest_id=str(UUID(request.guest_id)) if request.guest_id else "",
    )


def state_at(invitation: Invitation, now: datetime) -> InvitationState.ValueType:
    """Its state by now: time ends an invitation without anybody writing it down."""
    is_open = invitation.state == InvitationState.INVITATION_STATE_OPEN
    if is_open and to_datetime(invitation.expires_at) <= now:
        return InvitationState.INVITATION_STATE_EXPIRED
    return invitation.state


def is_open(invitation: Invitation, now: datetime) -> bool:
    return state_at(invitation, now) == InvitationState.INVITATION_STATE_OPEN


def require_open(invitation: Invitation, now: datetime) -> None:
    if not is_open(invitation, now):
        raise invitation_ended()


def compose_use(invitation: Invitation) -> Invitation:
    """The invitation after one more use of it."""
    after = _copy_invitation(invitation)
    after.uses += 1
    if after.uses >= after.uses_max:
        after.state = InvitationState.INVITATION_STATE_ACCEPTED
    return after


def compose_answer(invitation: Invitation, state: InvitationState.ValueType) -> Invitation:
    """The invitation, ended by somebody."""
    after = _copy_invitation(invitation)
    after.state = state
    return after


def compose_shown(invitation: Invitation, code: str, now: datetime) -> Invitation:
    """The invitation as somebody sees it now. `code` is empty for whom it is not meant."""
    shown = _copy_invitation(invitation)
    shown.state = state_at(invitation, now)
    shown.code = code
    return shown


def require_verified(me: User) -> None:
    if not me.email_verified:
        raise RuleBroken(ErrorReason.ERROR_REASON_EMAIL_NOT_VERIFIED, "The e-mail address must be verified first.")


def invitation_ended() -> RuleBroken:
    return RuleBroken(ErrorReason.ERROR_REASON_INVITATION_ENDED, "The invitation is no longer open.")


def already_member() -> Duplicate:
    return Duplicate(ErrorReason.ERROR_REASON_ALREADY_MEMBER, "Is a member already.")


def role_too_low(role: Role.ValueType) -> NotAllowed:
    return NotAllowed(
        ErrorReason.ERROR_REASON_ROLE_TOO_LOW,
        "Your role in this space does not allow it.",
        metadata={"role": Role.Name(role), "needed": Role.Name(Role.ROLE_OWNER)},
    )


def _copy(member: Member) -> Member:
    copy = Member()
    copy.CopyFrom(member)
    return copy


def _copy_invitation(invitation: Invitation) -> Invitation:
    copy = Invitation()
    copy.CopyFrom(invitation)
    return copy
