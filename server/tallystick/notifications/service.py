"""What does each call of NotificationService mean in our words, and back? One short method per RPC."""

from typing import Any, TypeVar

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.notifications import commands, queries, rules
from tallystick.store.pages import Pages
from tallystick.store.store import Command, Store
from tallystick.v1.notification_pb2 import (
    DeleteNotificationRequest,
    DeleteNotificationResponse,
    ListNotificationsRequest,
    ListNotificationsResponse,
    MarkAllReadRequest,
    MarkAllReadResponse,
    MarkReadRequest,
    MarkReadResponse,
)
from tallystick.v1.notification_preferences_pb2 import (
    GetNotificationPreferencesRequest,
    GetNotificationPreferencesResponse,
    UpdateNotificationPreferencesRequest,
    UpdateNotificationPreferencesResponse,
)
from tallystick.v1.notification_service_pb2_grpc import NotificationServiceServicer

Context = ServicerContext[Any, Any]
Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)


class NotificationService(NotificationServiceServicer):
    """The caller's notifications."""

    def __init__(self, store: Store, pages: Pages) -> None:
        self._store = store
        self._pages = pages

    async def ListNotifications(self, request: ListNotificationsRequest, context: Context) -> ListNotificationsResponse:
        tx = self._store.reader(caller(), caller().home_id, request)
        page, unread = await queries.list_notifications(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListNotificationsResponse(notifications=page.items, next_page_token=token, unread_count=unread)

    async def MarkRead(self, request: MarkReadRequest, context: Context) -> MarkReadResponse:
        return await self._write(request, commands.mark_read, MarkReadResponse)

    async def MarkAllRead(self, request: MarkAllReadRequest, context: Context) -> MarkAllReadResponse:
        return await commands.mark_all_read(self._store, caller(), request)

    async def DeleteNotification(
        self, request: DeleteNotificationRequest, context: Context
    ) -> DeleteNotificationResponse:
        return await self._write(request, commands.delete_notification, DeleteNotificationResponse)

    async def GetNotificationPreferences(
        self, request: GetNotificationPreferencesRequest, context: Context
    ) -> GetNotificationPreferencesResponse:
        kept = await queries.get_preferences(self._store.reader(caller(), caller().home_id, request))
        return GetNotificationPreferencesResponse(preferences=rules.with_every_kind(kept))

    async def UpdateNotificationPreferences(
        self, request: UpdateNotificationPreferencesRequest, context: Context
    ) -> UpdateNotificationPreferencesResponse:
        command = commands.update_notification_preferences
        return await self._write(request, command, UpdateNotificationPreferencesResponse)

    async def _write(self, request: Request, command: Command[Request, Response], response: type[Response]) -> Response:
        return await self._store.write(caller(), caller().home_id, request, command, response)
