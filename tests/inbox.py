"""How do tests see what somebody was told? They let the server catch up with all spaces, and list."""

from typing import Any
from uuid import UUID

from people import Person, new_id
from tallystick.app import App
from tallystick.notifications.notices import NOWHERE, compose_notice
from tallystick.v1 import notification_pb2 as told_pb2
from tallystick.v1.notification_details_pb2 import ImportFinished
from tallystick_client.v1 import notification_pb2 as pb
from tallystick_client.v1 import notification_preferences_pb2 as preferences_pb2
from tallystick_client.v1.notification_details_pb2 import GroupEvent
from tallystick_client.v1.notification_pb2 import Notification, NotificationKind

BUDGET_REACHED = NotificationKind.NOTIFICATION_KIND_BUDGET_REACHED
REMINDER_DUE = NotificationKind.NOTIFICATION_KIND_REMINDER_DUE
UNUSUAL_SPENDING = NotificationKind.NOTIFICATION_KIND_UNUSUAL_SPENDING
INVITATION = NotificationKind.NOTIFICATION_KIND_INVITATION
GROUP_EXPENSES = NotificationKind.NOTIFICATION_KIND_GROUP_EXPENSES
GROUP_SETTLEMENTS = NotificationKind.NOTIFICATION_KIND_GROUP_SETTLEMENTS
GROUP_COMMENTS = NotificationKind.NOTIFICATION_KIND_GROUP_COMMENTS
MEMBERS = NotificationKind.NOTIFICATION_KIND_MEMBERS
CONFLICT = NotificationKind.NOTIFICATION_KIND_CONFLICT
NEW_DEVICE = NotificationKind.NOTIFICATION_KIND_NEW_DEVICE
IMPORT_FINISHED = NotificationKind.NOTIFICATION_KIND_IMPORT_FINISHED
BACKUP = NotificationKind.NOTIFICATION_KIND_BACKUP

ADDED, CHANGED, DELETED = GroupEvent.GROUP_EVENT_ADDED, GroupEvent.GROUP_EVENT_CHANGED, GroupEvent.GROUP_EVENT_DELETED
CONFIRMED, DISPUTED = GroupEvent.GROUP_EVENT_CONFIRMED, GroupEvent.GROUP_EVENT_DISPUTED
REVERSED = GroupEvent.GROUP_EVENT_REVERSED


async def tell_something(person: Person, server: App, number: int = 0) -> str:
    """Tells the person of something that is of no interest. Returns the notification's id."""
    details = ImportFinished(import_id=new_id(), imported=number)
    kind = told_pb2.NotificationKind.NOTIFICATION_KIND_IMPORT_FINISHED
    notice = compose_notice(UUID(person.user.id), UUID(new_id()), kind, NOWHERE, details)
    await server.notifications.raising.raise_notice(notice)
    return str(notice.id)


async def caught_up(server: App) -> None:
    """Everything that happened in any space is told."""
    await server.notifications.follow.run()


async def listed(person: Person, *kinds: Any, **filters: Any) -> list[Notification]:
    """The newest first."""
    found: list[Notification] = []
    token = ""
    while True:
        request = pb.ListNotificationsRequest(kinds=kinds, page_size=200, page_token=token, **filters)
        answer = await person.notifications.ListNotifications(request)
        found += answer.notifications
        token = answer.next_page_token
        if not token:
            return found


async def told(server: App, person: Person, *kinds: Any) -> list[Notification]:
    """What the person has been told of these kinds, after everything was, the oldest first."""
    await caught_up(server)
    return (await listed(person, *kinds))[::-1]


async def unread_count(person: Person) -> int:
    answer = await person.notifications.ListNotifications(pb.ListNotificationsRequest())
    return int(answer.unread_count)


async def mark_read(person: Person, *notification_ids: str) -> list[Notification]:
    request = pb.MarkReadRequest(request_id=new_id(), notification_ids=notification_ids)
    answer: pb.MarkReadResponse = await person.notifications.MarkRead(request)
    return list(answer.notifications)


async def delete(person: Person, notification_id: str) -> Notification:
    request = pb.DeleteNotificationRequest(request_id=new_id(), notification_id=notification_id)
    answer: pb.DeleteNotificationResponse = await person.notifications.DeleteNotification(request)
    return answer.notification


async def prefer(person: Person, **fields: Any) -> preferences_pb2.NotificationPreferences:
    """Changes what the person is told."""
    request = preferences_pb2.UpdateNotificationPreferencesRequest(request_id=new_id(), **fields)
    request.update_mask.paths.extend(fields)
    answer = await person.notifications.UpdateNotificationPreferences(request)
    preferences: preferences_pb2.NotificationPreferences = answer.preferences
    return preferences


def kind_preference(kind: Any, *, in_app: bool, email: bool) -> preferences_pb2.KindPreference:
    return preferences_pb2.KindPreference(kind=kind, in_app=in_app, email=email)
