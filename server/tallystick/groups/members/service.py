"""What do the calls about the members of a group mean in our words, and back? One short method per RPC."""

from functools import partial
from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.errors import NotVisible
from tallystick.groups.members import commands, commands_joining, queries
from tallystick.groups.profiles.queries_search import is_listed
from tallystick.identity.queries import get_me
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.group_members_pb2 import (
    AddGuestRequest,
    AddGuestResponse,
    AnswerJoinRequestRequest,
    AnswerJoinRequestResponse,
    JoinGroupRequest,
    JoinGroupResponse,
    LeaveGroupRequest,
    LeaveGroupResponse,
    ListJoinRequestsRequest,
    ListJoinRequestsResponse,
)

Context = ServicerContext[Any, Any]


class MemberCalls:
    """The calls about the members of a group."""

    _store: Store
    _apart: Apart
    _pages: Pages

    async def AddGuest(self, request: AddGuestRequest, context: Context) -> AddGuestResponse:
        return await self._store.write(caller(), request.group_id, request, commands.add_guest, AddGuestResponse)

    async def JoinGroup(self, request: JoinGroupRequest, context: Context) -> JoinGroupResponse:
        # Strangers hold the lock of no group but one that everybody may find.
        if not await is_listed(self._apart, UUID(request.group_id)):
            first = await self._store.find_answer(caller(), request.group_id, request, JoinGroupResponse)
            if first is None:
                raise NotVisible
            return first
        me = await get_me(self._store, caller(), request)
        command = partial(commands_joining.join_group, display_name=me.display_name)
        return await self._store.write_invited(caller(), request.group_id, request, command, JoinGroupResponse)

    async def ListJoinRequests(self, request: ListJoinRequestsRequest, context: Context) -> ListJoinRequestsResponse:
        tx = self._store.reader(caller(), request.group_id, request)
        page = await queries.list_join_requests(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListJoinRequestsResponse(join_requests=page.items, next_page_token=token)

    async def AnswerJoinRequest(self, request: AnswerJoinRequestRequest, context: Context) -> AnswerJoinRequestResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.answer_join_request, AnswerJoinRequestResponse
        )

    async def LeaveGroup(self, request: LeaveGroupRequest, context: Context) -> LeaveGroupResponse:
        return await self._store.write_last(
            caller(), request.group_id, request, commands.leave_group, LeaveGroupResponse
        )
