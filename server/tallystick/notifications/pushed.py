"""Which commands about notifications may wait in an outbox, and of which entities do devices hold copies?

What is read or deleted on two devices at once is read and deleted: there is nothing to ask anybody.
"""

from tallystick.notifications import commands
from tallystick.notifications.tables import NOTIFICATION, NOTIFICATION_PREFERENCES
from tallystick.store.command import Command
from tallystick.v1.notification_pb2 import (
    DeleteNotificationRequest,
    DeleteNotificationResponse,
    MarkAllReadRequest,
    MarkAllReadResponse,
    MarkReadRequest,
    MarkReadResponse,
)
from tallystick.v1.notification_preferences_pb2 import (
    UpdateNotificationPreferencesRequest,
    UpdateNotificationPreferencesResponse,
)

ENTITIES = (NOTIFICATION, NOTIFICATION_PREFERENCES)
COMMANDS = (
    Command("mark_read", MarkReadRequest, MarkReadResponse, commands.mark_read, judges_itself=True),
    Command(
        "mark_all_read",
        MarkAllReadRequest,
        MarkAllReadResponse,
        commands.mark_the_rest,
        judges_itself=True,
        alone=commands.mark_all_read,
    ),
    Command(
        "delete_notification",
        DeleteNotificationRequest,
        DeleteNotificationResponse,
        commands.delete_notification,
        judges_itself=True,
    ),
    Command(
        "update_notification_preferences",
        UpdateNotificationPreferencesRequest,
        UpdateNotificationPreferencesResponse,
        commands.update_notification_preferences,
    ),
)
