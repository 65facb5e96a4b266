"""What do the calls about sync mean in our words, and back? One short method per RPC."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Any

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.sync import commands, queries
from tallystick.sync.pulling import Pulling
from tallystick.sync.pushing import Pushing
from tallystick.sync.registry import Registry
from tallystick.sync.watching import Event, Watching
from tallystick.v1.sync_conflicts_pb2 import ResolveConflictRequest
from tallystick.v1.sync_service_pb2 import (
    GetSyncStatusRequest,
    GetSyncStatusResponse,
    ListConflictsRequest,
    ListConflictsResponse,
    PullRequest,
    PushRequest,
    PushResponse,
    ResolveConflictResponse,
    WatchRequest,
)
from tallystick.v1.sync_service_pb2_grpc import SyncServiceServicer

Context = ServicerContext[Any, Any]


class SyncService(SyncServiceServicer):
    """Copies of spaces on devices."""

    def __init__(
        self,
        store: Store,
        pages: Pages,
        registry: Registry,
        pulling: Pulling,
        pushing: Pushing,
        watching: Watching,
    ) -> None:
        self._store = store
        self._pages = pages
        self._registry = registry
        self._pulling = pulling
        self._pushing = pushing
        self._watching = watching

    async def Pull(self, request: PullRequest, context: Context) -> AsyncIterator[bytes]:  # type: ignore[override]  # pages are bytes already
        async with aclosing(self._pulling.pages(caller(), request)) as pages:
            async for page in pages:
                yield page

    async def Push(self, request: PushRequest, context: Context) -> PushResponse:
        return await self._pushing.push(caller(), request)

    async def ResolveConflict(self, request: ResolveConflictRequest, context: Context) -> ResolveConflictResponse:
        command = partial(commands.resolve_conflict, registry=self._registry)
        return await self._store.write(caller(), request.space_id, request, command, ResolveConflictResponse)

    async def ListConflicts(self, request: ListConflictsRequest, context: Context) -> ListConflictsResponse:
        tx = self._store.reader(caller(), request.space_id, request)
        page = await queries.list_conflicts(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListConflictsResponse(conflicts=page.items, next_page_token=token)

    async def GetSyncStatus(self, request: GetSyncStatusRequest, context: Context) -> GetSyncStatusResponse:
        return await queries.get_status(self._store.reader(caller(), request.space_id, request))

    def Watch(self, request: WatchRequest, context: Context) -> AsyncIterator[Event]:  # type: ignore[override]  # changes are bytes already
        return self._watching.stream(caller(), request)
