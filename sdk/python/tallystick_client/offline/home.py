"""What does an app read from a copy of the user's home? The settings as they hold, how a thing looks, what is under a key, and what the
user wants to be told.

A home is opened as any space, by the `home_id` of its user, and shows what waits in the outbox, too.
"""

from tallystick_client.offline.book import OfflineBook
from tallystick_client.offline.naming import client_value_id, display_id, notification_preferences_id, preferences_id
from tallystick_client.offline.notification_preferences import default_preferences, with_every_kind
from tallystick_client.v1.identity_pb2 import User
from tallystick_client.v1.ledger_pb2 import Weekday
from tallystick_client.v1.notification_preferences_pb2 import NotificationPreferences
from tallystick_client.v1.settings_client_values_pb2 import ClientValue
from tallystick_client.v1.settings_displays_pb2 import BookThing, Display
from tallystick_client.v1.settings_pb2 import Preferences, Settings, Theme


def settings_in(home: OfflineBook) -> Settings | None:
    """The settings. None: the copy is not there yet."""
    user = next(iter(home.list(User)), None)
    return user and compose_settings(user, home.get(Preferences, preferences_id(home.space_id)) or Preferences())


def display_in(home: OfflineBook, book_id: str, thing_id: str) -> Display | None:
    """How a thing of a book looks. None: as the book has it."""
    return home.get(Display, display_id(home.space_id, BookThing(book_id=book_id, thing_id=thing_id)))


def client_value_in(home: OfflineBook, key: str) -> ClientValue | None:
    """What is under a key."""
    return home.get(ClientValue, client_value_id(home.space_id, key))


def notification_preferences_in(home: OfflineBook) -> NotificationPreferences:
    """What the user wants to be told, with every kind."""
    own_id = notification_preferences_id(home.space_id)
    return with_every_kind(home.get(NotificationPreferences, own_id) or default_preferences(own_id))


def compose_settings(user: User, preferences: Preferences) -> Settings:
    """What holds: where the user has chosen nothing, the default. The same as on the server."""
    return Settings(
        version=max(user.version, preferences.version),
        locale=user.locale,
        time_zone=user.time_zone,
        base_currency=preferences.base_currency,
        first_day_of_week=preferences.first_day_of_week or Weekday.WEEKDAY_MONDAY,
        first_day_of_month=preferences.first_day_of_month or 1,
        theme=preferences.theme or Theme.THEME_SYSTEM,
        hide_amounts=preferences.hide_amounts,
    )
