"""How does an app go on without a network? With a copy of a book on the device, and an outbox of what was not sent yet."""

from tallystick_client.offline.book import OfflineBook
from tallystick_client.offline.exchange import Verdict
from tallystick_client.offline.field_groups import groups_between, is_about_money
from tallystick_client.offline.home import client_value_in, display_in, notification_preferences_in, settings_in
from tallystick_client.offline.outbox import Parked
from tallystick_client.offline.refusals import (
    CommandTooLarge,
    NewerFile,
    OfflineError,
    SpaceForgotten,
    SyncBusy,
    WrongSpace,
)
from tallystick_client.offline.watching import News, Watcher, What

__all__ = [
    "CommandTooLarge",
    "NewerFile",
    "News",
    "OfflineBook",
    "OfflineError",
    "Parked",
    "SpaceForgotten",
    "SyncBusy",
    "Verdict",
    "Watcher",
    "What",
    "WrongSpace",
    "client_value_in",
    "display_in",
    "groups_between",
    "is_about_money",
    "notification_preferences_in",
    "settings_in",
]
