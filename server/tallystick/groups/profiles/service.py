"""What do the calls about groups themselves mean in our words, and back? One short method per RPC."""

from typing import Any
from uuid import UUID, uuid5

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.groups.profiles import commands, queries, queries_search
from tallystick.identity.queries import get_me
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.group_members_pb2 import SearchGroupsRequest, SearchGroupsResponse
from tallystick.v1.group_pb2 import (
    ArchiveGroupRequest,
    ArchiveGroupResponse,
    CreateGroupRequest,
    CreateGroupResponse,
    DeleteGroupRequest,
    DeleteGroupResponse,
    GetGroupRequest,
    GetGroupResponse,
    ListGroupsRequest,
    ListGroupsResponse,
    LockPeriodRequest,
    LockPeriodResponse,
    ReopenPeriodRequest,
    ReopenPeriodResponse,
    RestoreGroupRequest,
    RestoreGroupResponse,
    UnarchiveGroupRequest,
    UnarchiveGroupResponse,
    UpdateGroupRequest,
    UpdateGroupResponse,
)
from tallystick.v1.space_pb2 import SpaceKind

Context = ServicerContext[Any, Any]


class ProfileCalls:
    """The calls about groups themselves."""

    _store: Store
    _apart: Apart
    _pages: Pages

    async def CreateGroup(self, request: CreateGroupRequest, context: Context) -> CreateGroupResponse:
        # Without an id from the client the group gets one that follows from the request, so that a repeat finds the same group.
        made_id = uuid5(caller().user_id, str(UUID(request.request_id)))
        me = await get_me(self._store, caller(), request)
        return await self._store.found(
            caller(),
            SpaceKind.SPACE_KIND_GROUP,
            UUID(request.group_id) if request.group_id else made_id,
            me.display_name,
            request,
            commands.create_group,
            CreateGroupResponse,
        )

    async def GetGroup(self, request: GetGroupRequest, context: Context) -> GetGroupResponse:
        return GetGroupResponse(group=await queries.get_group(self._store.reader(caller(), request.group_id, request)))

    async def ListGroups(self, request: ListGroupsRequest, context: Context) -> ListGroupsResponse:
        after = self._pages.position(caller(), request)
        page = await queries.list_groups(self._store, self._apart, caller(), request, after)
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListGroupsResponse(groups=page.items, next_page_token=token)

    async def SearchGroups(self, request: SearchGroupsRequest, context: Context) -> SearchGroupsResponse:
        after = self._pages.position(caller(), request)
        page = await queries_search.search_groups(self._store, self._apart, caller(), request, after)
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return SearchGroupsResponse(groups=page.items, next_page_token=token)

    async def UpdateGroup(self, request: UpdateGroupRequest, context: Context) -> UpdateGroupResponse:
        return await self._store.write(caller(), request.group_id, request, commands.update_group, UpdateGroupResponse)

    async def ArchiveGroup(self, request: ArchiveGroupRequest, context: Context) -> ArchiveGroupResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.archive_group, ArchiveGroupResponse
        )

    async def UnarchiveGroup(self, request: UnarchiveGroupRequest, context: Context) -> UnarchiveGroupResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.unarchive_group, UnarchiveGroupResponse
        )

    async def DeleteGroup(self, request: DeleteGroupRequest, context: Context) -> DeleteGroupResponse:
        return await self._store.write_last(
            caller(), request.group_id, request, commands.delete_group, DeleteGroupResponse
        )

    async def RestoreGroup(self, request: RestoreGroupRequest, context: Context) -> RestoreGroupResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.restore_group, RestoreGroupResponse, even_deleted=True
        )

    async def LockPeriod(self, request: LockPeriodRequest, context: Context) -> LockPeriodResponse:
        return await self._store.write(caller(), request.group_id, request, commands.lock_period, LockPeriodResponse)

    async def ReopenPeriod(self, request: ReopenPeriodRequest, context: Context) -> ReopenPeriodResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.reopen_period, ReopenPeriodResponse
        )
