"""What does each call of SpaceService mean in our words, and back? One short method per RPC."""

from typing import Any, TypeVar

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.spaces import commands, lists, queries
from tallystick.spaces.codes import Codes
from tallystick.spaces.invitations import Invitations
from tallystick.spaces.parts import Identity, Parts
from tallystick.spaces.queries import Names
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.space_service_pb2 import (
    AcceptInvitationRequest,
    AcceptInvitationResponse,
    CancelInvitationRequest,
    CancelInvitationResponse,
    DeclineInvitationRequest,
    DeclineInvitationResponse,
    GetSpaceRequest,
    GetSpaceResponse,
    InviteRequest,
    InviteResponse,
    JoinByCodeRequest,
    JoinByCodeResponse,
    LeaveSpaceRequest,
    LeaveSpaceResponse,
    ListInvitationsRequest,
    ListInvitationsResponse,
    ListMembersRequest,
    ListMembersResponse,
    ListSpacesRequest,
    ListSpacesResponse,
    RemoveMemberRequest,
    RemoveMemberResponse,
    UpdateMemberRequest,
    UpdateMemberResponse,
)
from tallystick.v1.space_service_pb2_grpc import SpaceServiceServicer

Context = ServicerContext[Any, Any]
Ended = LeaveSpaceRequest | RemoveMemberRequest
Response = TypeVar("Response", bound=Message)


class SpaceService(SpaceServiceServicer):
    """Spaces of the caller, their members and invitations."""

    def __init__(self, store: Store, apart: Apart, pages: Pages, names: Names, identity: Identity) -> None:
        self._parts = Parts(store, apart, pages, names, Codes(store.keys.keyring), identity.parts)
        self._store = store
        self._invitations = Invitations(self._parts)

    async def ListSpaces(self, request: ListSpacesRequest, context: Context) -> ListSpacesResponse:
        page = await lists.list_spaces(self._parts, caller(), request)
        token = self._parts.pages.token(caller(), request, *page.last) if page.last else ""
        return ListSpacesResponse(spaces=page.items, next_page_token=token)

    async def GetSpace(self, request: GetSpaceRequest, context: Context) -> GetSpaceResponse:
        tx = self._store.reader(caller(), request.space_id, request)
        return GetSpaceResponse(space=await queries.get_space(tx, self._parts.names))

    async def ListMembers(self, request: ListMembersRequest, context: Context) -> ListMembersResponse:
        tx = self._store.reader(caller(), request.space_id, request)
        after = self._parts.pages.position(caller(), request)
        page = await queries.list_members(tx, request.page_size, after)
        token = self._parts.pages.token(caller(), request, *page.last) if page.last else ""
        return ListMembersResponse(members=page.items, next_page_token=token)

    async def UpdateMember(self, request: UpdateMemberRequest, context: Context) -> UpdateMemberResponse:
        return await self._store.write(
            caller(), request.space_id, request, commands.update_member, UpdateMemberResponse
        )

    async def RemoveMember(self, request: RemoveMemberRequest, context: Context) -> RemoveMemberResponse:
        return await self._store.write_last(
            caller(), request.space_id, request, commands.remove_member, RemoveMemberResponse
        )

    async def LeaveSpace(self, request: LeaveSpaceRequest, context: Context) -> LeaveSpaceResponse:
        return await self._store.write_last(
            caller(), request.space_id, request, commands.leave_space, LeaveSpaceResponse
        )

    async def Invite(self, request: InviteRequest, context: Context) -> InviteResponse:
        return await self._invitations.invite(request, caller())

    async def ListInvitations(self, request: ListInvitationsRequest, context: Context) -> ListInvitationsResponse:
        return await self._invitations.list(request, caller())

    async def AcceptInvitation(self, request: AcceptInvitationRequest, context: Context) -> AcceptInvitationResponse:
        return await self._invitations.accept(request, caller())

    async def DeclineInvitation(self, request: DeclineInvitationRequest, context: Context) -> DeclineInvitationResponse:
        return await self._invitations.decline(request, caller())

    async def CancelInvitation(self, request: CancelInvitationRequest, context: Context) -> CancelInvitationResponse:
        return await self._invitations.cancel(request, caller())

    async def JoinByCode(self, request: JoinByCodeRequest, context: Context) -> JoinByCodeResponse:
        return await self._invitations.join_by_code(request, caller())
