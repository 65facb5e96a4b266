"""What do the calls about links mean in our words, and back? One short method per RPC."""

from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.ledger.links import commands, queries
from tallystick.ledger.links.linking import link_group
from tallystick.ledger.links.unlinking import unlink
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.ledger_links_pb2 import (
    GetGroupLinkRequest,
    GetGroupLinkResponse,
    LinkGroupToBookRequest,
    LinkGroupToBookResponse,
    ListGroupLinksRequest,
    ListGroupLinksResponse,
    UnlinkGroupRequest,
    UnlinkGroupResponse,
    UpdateGroupLinkRequest,
    UpdateGroupLinkResponse,
)

Context = ServicerContext[Any, Any]


class LinkCalls:
    """The calls about books that follow groups."""

    _store: Store
    _pages: Pages

    async def LinkGroupToBook(self, request: LinkGroupToBookRequest, context: Context) -> LinkGroupToBookResponse:
        return await link_group(self._store, caller(), request)

    async def GetGroupLink(self, request: GetGroupLinkRequest, context: Context) -> GetGroupLinkResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        return await queries.get_with_versions(tx, UUID(request.link_id))

    async def ListGroupLinks(self, request: ListGroupLinksRequest, context: Context) -> ListGroupLinksResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        page = await queries.list_links(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListGroupLinksResponse(links=page.items, next_page_token=token)

    async def UpdateGroupLink(self, request: UpdateGroupLinkRequest, context: Context) -> UpdateGroupLinkResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.update_group_link, UpdateGroupLinkResponse
        )

    async def UnlinkGroup(self, request: UnlinkGroupRequest, context: Context) -> UnlinkGroupResponse:
        return await unlink(self._store, caller(), request)
