"""What do the calls about comments and activity mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.groups.comments import activity, commands, queries
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.group_activity_pb2 import (
    AddCommentRequest,
    AddCommentResponse,
    DeleteCommentRequest,
    DeleteCommentResponse,
    ListActivityRequest,
    ListActivityResponse,
    ListCommentsRequest,
    ListCommentsResponse,
)

Context = ServicerContext[Any, Any]


class CommentCalls:
    """The calls about comments and activity."""

    _store: Store
    _apart: Apart
    _pages: Pages

    async def AddComment(self, request: AddCommentRequest, context: Context) -> AddCommentResponse:
        return await self._store.write(
            caller(),
            request.group_id,
            request,
            commands.add_comment,
            AddCommentResponse,
            ahead=commands.reads_of_add(request, caller().user_id),
        )

    async def DeleteComment(self, request: DeleteCommentRequest, context: Context) -> DeleteCommentResponse:
        return await self._store.write(
            caller(), request.group_id, request, commands.delete_comment, DeleteCommentResponse
        )

    async def ListComments(self, request: ListCommentsRequest, context: Context) -> ListCommentsResponse:
        tx = self._store.reader(caller(), request.group_id, request)
        page = await queries.list_comments(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListCommentsResponse(comments=page.items, next_page_token=token)

    async def ListActivity(self, request: ListActivityRequest, context: Context) -> ListActivityResponse:
        tx = self._store.reader(caller(), request.group_id, request)
        page = await activity.list_activity(tx, request.page_size, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListActivityResponse(activities=page.items, next_page_token=token)
