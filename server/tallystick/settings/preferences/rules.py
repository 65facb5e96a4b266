"""What holds where a user has chosen nothing, and whose is which setting? Pure."""

from collections.abc import Sequence

from tallystick import masks
from tallystick.ledger.rules import require_currency
from tallystick.v1.identity_pb2 import User
from tallystick.v1.ledger_pb2 import Weekday
from tallystick.v1.settings_pb2 import Preferences, Settings, Theme, UpdateSettingsRequest

OF_USER = ("locale", "time_zone")
OF_PREFERENCES = ("base_currency", "first_day_of_week", "first_day_of_month", "theme", "hide_amounts")

FIRST_OF_MONTH = 1


def compose_preferences(before: Preferences, request: UpdateSettingsRequest, names: Sequence[str]) -> Preferences:
    if "base_currency" in names and request.base_currency:
        require_currency("base_currency", request.base_currency)
    return masks.overlay(before, request, names)


def compose_settings(user: User, preferences: Preferences) -> Settings:
    """The settings as they hold."""
    return Settings(
        version=max(user.version, preferences.version),
        locale=user.locale,
        time_zone=user.time_zone,
        base_currency=preferences.base_currency,
        first_day_of_week=preferences.first_day_of_week or Weekday.WEEKDAY_MONDAY,
        first_day_of_month=preferences.first_day_of_month or FIRST_OF_MONTH,
        theme=preferences.theme or Theme.THEME_SYSTEM,
        hide_amounts=preferences.hide_amounts,
    )
