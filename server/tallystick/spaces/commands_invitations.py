"""What shall happen to invitations, and to whoever takes one? Run inside the write door; whoever takes one is no member yet."""

from dataclasses import dataclass
from uuid import UUID

from tallystick.errors import NotVisible
from tallystick.identity.keyed import Keyed
from tallystick.identity.queries import LOGIN_BY_EMAIL, Login
from tallystick.spaces import queries, rules, writes
from tallystick.spaces.codes import Codes
from tallystick.spaces.membership import find_member, let_in, take_place
from tallystick.spaces.queries import Head, Names
from tallystick.spaces.tables import INVITATION
from tallystick.store.members import MEMBER, MEMBER_BY_ID, MEMBER_OF_USER
from tallystick.store.tx import WriteTx
from tallystick.v1.space_pb2 import Invitation, InvitationState, MemberState, Space, SpaceKind
from tallystick.v1.space_service_pb2 import (
    AcceptInvitationRequest,
    AcceptInvitationResponse,
    CancelInvitationRequest,
    CancelInvitationResponse,
    DeclineInvitationRequest,
    DeclineInvitationResponse,
    InviteRequest,
    InviteResponse,
    JoinByCodeRequest,
    JoinByCodeResponse,
)


@dataclass(slots=True)
class Draft:
    """What making an invitation needs besides its request. `email_hash` is empty for a code."""

    codes: Codes
    names: Names
    email_hash: bytes = b""
    # There once the invitation is made by this call, and not by the one that this call repeats.
    made: Invitation | None = None


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody who takes an invitation, and what they prove that it is theirs with: an address, or a code."""

    names: Names
    display_name: str
    keyed: Keyed
    codes: Codes
    email_hash: bytes = b""
    invitation_id: UUID | None = None


async def invite(tx: WriteTx, request: InviteRequest, draft: Draft) -> InviteResponse:
    heads, own = await tx.fetch_all(
        queries.SPACE_HEAD(space_id=tx.space_id),
        MEMBER_OF_USER(space_id=tx.space_id, user_id=tx.caller.user_id),
    )
    head = Head(*heads[0])
    rules.require_shared(SpaceKind.ValueType(head.kind))
    if request.guest_id:
        guest = await tx.fetch(MEMBER_BY_ID(space_id=tx.space_id, id=UUID(request.guest_id)))
        rules.require_guest(tx.require(MEMBER, guest))
    if request.email:
        await _require_no_member(tx, draft.email_hash)
        await _replace_open(tx, draft.email_hash)
    invitation_id = tx.new_id()
    code = "" if request.email else draft.codes.code_of(invitation_id)
    lookup = draft.email_hash if request.email else draft.codes.lookup_of(code)
    name = await queries.get_name(tx, head, draft.names)
    made = rules.compose_invitation(request, invitation_id, name, tx.require(MEMBER, own), tx.now)
    draft.made = tx.add(INVITATION, made)
    tx.beside(writes.ADD_ROUTE(lookup=lookup, invitation_id=invitation_id, space_id=tx.space_id))
    tx.audit("invited", invitation_id)
    return InviteResponse(invitation=rules.compose_shown(made, code, tx.now))


async def cancel_invitation(tx: WriteTx, request: CancelInvitationRequest, codes: Codes) -> CancelInvitationResponse:
    found = await tx.fetch(queries.INVITATION_BY_ID(space_id=tx.space_id, id=UUID(request.invitation_id)))
    invitation = tx.require(INVITATION, found)
    rules.require_open(invitation, tx.now)
    cancelled = _cancel(tx, invitation)
    return CancelInvitationResponse(
        invitation=rules.compose_shown(cancelled, code_for_owners(codes, cancelled), tx.now)
    )


async def accept_invitation(tx: WriteTx, request: AcceptInvitationRequest, taker: Taker) -> AcceptInvitationResponse:
    invitation = await _require_addressed(tx, UUID(request.invitation_id), taker)
    return AcceptInvitationResponse(space=await _join(tx, invitation, taker))


async def decline_invitation(tx: WriteTx, request: DeclineInvitationRequest, taker: Taker) -> DeclineInvitationResponse:
    invitation = await _require_addressed(tx, UUID(request.invitation_id), taker)
    rules.require_open(invitation, tx.now)
    declined = rules.compose_answer(invitation, InvitationState.INVITATION_STATE_DECLINED)
    tx.put(INVITATION, invitation, declined)
    tx.audit("invitation_declined", UUID(invitation.id))
    return DeclineInvitationResponse()


async def join_by_code(tx: WriteTx, request: JoinByCodeRequest, taker: Taker) -> JoinByCodeResponse:
    if taker.invitation_id is None:
        raise NotVisible
    found = await tx.fetch(queries.INVITATION_BY_ID(space_id=tx.space_id, id=taker.invitation_id))
    invitation = tx.require(INVITATION, found)
    own_code = code_for_owners(taker.codes, invitation)
    if not own_code or taker.codes.lookup_of(own_code) != taker.codes.lookup_of(request.code):
        raise NotVisible
    return JoinByCodeResponse(space=await _join(tx, invitation, taker))


def code_for_owners(codes: Codes, invitation: Invitation) -> str:
    """The code of an invitation that has one."""
    return "" if invitation.email else codes.code_of(UUID(invitation.id))


async def _require_addressed(tx: WriteTx, invitation_id: UUID, taker: Taker) -> Invitation:
    """The invitation, if it was sent to the taker's address. Anybody else's looks as if it did not exist."""
    found = await tx.fetch(queries.INVITATION_BY_ID(space_id=tx.space_id, id=invitation_id))
    invitation = tx.require(INVITATION, found)
    if not invitation.email or taker.keyed.hash_email(invitation.email) != taker.email_hash:
        raise NotVisible
    return invitation


async def _require_no_member(tx: WriteTx, email_hash: bytes) -> None:
    """Only a verified address says who somebody is: an unproven claim to it must not keep its owner out."""
    logins = await tx.fetch(LOGIN_BY_EMAIL(email_hash=email_hash))
    if not logins or not Login(*logins[0]).email_verified:
        return
    member = await find_member(tx, Login(*logins[0]).user_id)
    if member and member.state == MemberState.MEMBER_STATE_ACTIVE:
        raise rules.already_member()


async def _replace_open(tx: WriteTx, email_hash: bytes) -> None:
    """Of several invitations to one address only the newest counts, with its role and its end."""
    for row in await tx.fetch(queries.UNANSWERED(space_id=tx.space_id, lookup=email_hash)):
        invitation = tx.open(INVITATION, row)
        if rules.is_open(invitation, tx.now):
            _cancel(tx, invitation)


def _cancel(tx: WriteTx, invitation: Invitation) -> Invitation:
    tx.audit("invitation_cancelled", UUID(invitation.id))
    cancelled = rules.compose_answer(invitation, InvitationState.INVITATION_STATE_CANCELLED)
    return tx.put(INVITATION, invitation, cancelled)


async def _join(tx: WriteTx, invitation: Invitation, taker: Taker) -> Space:
    """Makes the taker a member, or again the member that they were, and counts the use. All of it is one commit."""
    rules.require_open(invitation, tx.now)
    user_id = tx.caller.user_id
    if invitation.guest_id:
        await take_place(tx, UUID(invitation.guest_id), user_id, taker.display_name, invitation.role)
    else:
        await let_in(tx, user_id, taker.display_name, invitation.role)
    tx.put(INVITATION, invitation, rules.compose_use(invitation))
    head = Head(*(await tx.fetch(queries.SPACE_HEAD(space_id=tx.space_id)))[0])
    return queries.compose_space(head, await queries.get_name(tx, head, taker.names), invitation.role)
