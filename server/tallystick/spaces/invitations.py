"""How does somebody come to share a space? The way around the commands: addresses, codes, throttles, mail."""

from functools import partial
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import LimitReached, NotVisible
from tallystick.identity.queries import get_me
from tallystick.identity.throttle_rules import Attempt
from tallystick.log import log
from tallystick.spaces import commands_invitations as commands
from tallystick.spaces import lists, queries, rules
from tallystick.spaces.commands_invitations import Draft, Taker
from tallystick.spaces.letters import compose_letter
from tallystick.spaces.parts import Parts
from tallystick.spaces.queries import Route
from tallystick.store.pages import Page
from tallystick.v1.identity_pb2 import User
from tallystick.v1.space_pb2 import Invitation
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
    ListInvitationsRequest,
    ListInvitationsResponse,
)

# Attempts at codes, and mails of invitations, are counted apart from those at passwords: neither can lock the other out.
_CODE_ATTEMPTS = b"code "
_INVITATION_MAILS = b"invitation "


class Invitations:
    """Makes, lists, answers and withdraws invitations."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def invite(self, request: InviteRequest, caller: Caller) -> InviteResponse:
        rules.require_single_use(request)
        identity = self._parts.identity
        email_hash = identity.keyed.hash_email(request.email) if request.email else b""
        draft = Draft(self._parts.codes, self._parts.names, email_hash)
        command = partial(commands.invite, draft=draft)
        response = await self._parts.store.write(caller, request.space_id, request, command, InviteResponse)
        if draft.made and draft.made.email:
            identity.errands.start("invite", self._write_to(draft.made, email_hash, caller))
        return response

    async def list(self, request: ListInvitationsRequest, caller: Caller) -> ListInvitationsResponse:
        page = await (
            self._list_of_space(request, caller) if request.space_id else self._list_received(request, caller)
        )
        token = self._parts.pages.token(caller, request, *page.last) if page.last else ""
        return ListInvitationsResponse(invitations=page.items, next_page_token=token)

    async def accept(self, request: AcceptInvitationRequest, caller: Caller) -> AcceptInvitationResponse:
        me = await get_me(self._parts.store, caller, request)
        taker = self._taker(me)
        route = await self._require_route(UUID(request.invitation_id), taker.email_hash)
        rules.require_verified(me)
        command = partial(commands.accept_invitation, taker=taker)
        return await self._parts.store.write_invited(caller, route.space_id, request, command, AcceptInvitationResponse)

    async def decline(self, request: DeclineInvitationRequest, caller: Caller) -> DeclineInvitationResponse:
        me = await get_me(self._parts.store, caller, request)
        taker = self._taker(me)
        route = await self._require_route(UUID(request.invitation_id), taker.email_hash)
        rules.require_verified(me)
        command = partial(commands.decline_invitation, taker=taker)
        return await self._parts.store.write_invited(
            caller, route.space_id, request, command, DeclineInvitationResponse
        )

    async def cancel(self, request: CancelInvitationRequest, caller: Caller) -> CancelInvitationResponse:
        command = partial(commands.cancel_invitation, codes=self._parts.codes)
        return await self._parts.store.write(caller, request.space_id, request, command, CancelInvitationResponse)

    async def join_by_code(self, request: JoinByCodeRequest, caller: Caller) -> JoinByCodeResponse:
        """Every attempt counts until it succeeds, so that a thousand guesses at once are not a thousand first guesses."""
        throttle = self._parts.identity.throttle
        attempt = Attempt(caller.address, _CODE_ATTEMPTS + caller.user_id.bytes)
        await throttle.admit(attempt)
        try:
            response = await self._join(request, caller)
        except NotVisible:
            await throttle.fail(attempt)
            raise
        await throttle.succeed(attempt)
        return response

    async def _write_to(self, invitation: Invitation, email_hash: bytes, caller: Caller) -> None:
        """Mails an invitation. An address gets only so many mails from us; the invitation stands without one, too."""
        identity = self._parts.identity
        try:
            await identity.throttle.admit_mail(caller.address, _INVITATION_MAILS + email_hash)
        except LimitReached:
            log("mail_withheld", invitation_id=invitation.id)
            return
        letter = compose_letter(invitation, identity.settings.public_url)
        await identity.mail.send(invitation.email, letter.subject, letter.body)

    async def _join(self, request: JoinByCodeRequest, caller: Caller) -> JoinByCodeResponse:
        lookup = self._parts.codes.lookup_of(request.code)
        if lookup is None:
            raise NotVisible
        found = await self._parts.apart.fetch(queries.ROUTES_BEFORE(lookup=lookup, after_id=queries.ID_MAX, limit=1))
        if not found:
            raise NotVisible
        route = Route(*found[0])
        me = await get_me(self._parts.store, caller, request)
        command = partial(commands.join_by_code, taker=self._taker(me, route.invitation_id))
        return await self._parts.store.write_invited(caller, route.space_id, request, command, JoinByCodeResponse)

    async def _list_of_space(self, request: ListInvitationsRequest, caller: Caller) -> Page[Invitation]:
        tx = self._parts.store.reader(caller, request.space_id, request)
        position = self._parts.pages.position(caller, request)
        page = await queries.list_invitations(tx, request.page_size, position)
        rules.require_owner(tx.role)
        codes, now = self._parts.codes, self._parts.store.clock.now()
        shown = [rules.compose_shown(item, commands.code_for_owners(codes, item), now) for item in page.items]
        return Page(shown, page.last)

    async def _list_received(self, request: ListInvitationsRequest, caller: Caller) -> Page[Invitation]:
        me = await get_me(self._parts.store, caller, request)
        if not me.email_verified:
            return Page([], ())
        return await lists.list_received(self._parts, caller, request, self._parts.identity.keyed.hash_email(me.email))

    async def _require_route(self, invitation_id: UUID, email_hash: bytes) -> Route:
        found = await self._parts.apart.fetch(queries.ROUTE_TO(id=invitation_id, lookup=email_hash))
        if not found:
            raise NotVisible
        return Route(*found[0])

    def _taker(self, me: User, invitation_id: UUID | None = None) -> Taker:
        keyed = self._parts.identity.keyed
        return Taker(
            names=self._parts.names,
            display_name=me.display_name,
            keyed=keyed,
            codes=self._parts.codes,
            email_hash=keyed.hash_email(me.email),
            invitation_id=invitation_id,
        )
