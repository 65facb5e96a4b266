"""What is a user told who never said what they want? The same as on the server."""

from tallystick_client.offline.masks import copy_of
from tallystick_client.v1.notification_pb2 import NotificationKind
from tallystick_client.v1.notification_preferences_pb2 import DigestFrequency, KindPreference, NotificationPreferences

OFF = DigestFrequency.DIGEST_FREQUENCY_OFF
MONDAY = 1
_HOUR_DEFAULT = 8


def default_preferences(preferences_id: str) -> NotificationPreferences:
    """Nobody gets mails who did not ask for them."""
    return NotificationPreferences(id=preferences_id, digest=OFF, digest_hour=_HOUR_DEFAULT, digest_weekday=MONDAY)


def with_every_kind(preferences: NotificationPreferences) -> NotificationPreferences:
    """As they are shown: what is not said is told everywhere."""
    shown, said = copy_of(preferences), {each.kind: each for each in preferences.kinds}
    shown.ClearField("kinds")
    for kind in filter(None, NotificationKind.values()):
        shown.kinds.append(said.get(kind) or KindPreference(kind=kind, in_app=True, email=True))
    return shown
