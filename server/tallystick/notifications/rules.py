"""What does a user want to be told, and what do they have who never said so? Pure."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from tallystick import masks
from tallystick.errors import InvalidInput
from tallystick.times import to_timestamp
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.notification_pb2 import Notification, NotificationKind
from tallystick.v1.notification_preferences_pb2 import (
    DigestFrequency,
    KindPreference,
    NotificationPreferences,
    UpdateNotificationPreferencesRequest,
)

KINDS = tuple(NotificationKind.ValueType(number) for number in NotificationKind.values() if number)
CHANGEABLE = ("kinds", "digest", "digest_hour", "digest_weekday", "amounts_in_mail")
OFF = DigestFrequency.DIGEST_FREQUENCY_OFF
HOUR_DEFAULT, MONDAY = 8, 1


class Channels(NamedTuple):
    """Where one kind is told."""

    in_app: bool
    email: bool


def preferences_id_of(home_id: UUID) -> UUID:
    """Each home has one of these, and every device knows its id."""
    return uuid5(home_id, "notification preferences")


def default_preferences(home_id: UUID) -> NotificationPreferences:
    """Nobody gets mails who did not ask for them."""
    return NotificationPreferences(
        id=str(preferences_id_of(home_id)), digest=OFF, digest_hour=HOUR_DEFAULT, digest_weekday=MONDAY
    )


def with_every_kind(preferences: NotificationPreferences) -> NotificationPreferences:
    """As it is shown: what is not said is told everywhere."""
    shown = masks.overlay(preferences, preferences, ())
    shown.ClearField("kinds")
    for kind in KINDS:
        wanted = _said(preferences, kind)
        shown.kinds.add(kind=kind, in_app=wanted.in_app, email=wanted.email)
    return shown


def channels_of(preferences: NotificationPreferences, kind: NotificationKind.ValueType) -> Channels:
    """Where a kind is told now: without a digest nothing is mailed."""
    in_app, email = _said(preferences, kind)
    return Channels(in_app, email and preferences.digest != OFF)


def _said(preferences: NotificationPreferences, kind: NotificationKind.ValueType) -> Channels:
    said = next((each for each in preferences.kinds if each.kind == kind), None)
    return Channels(said.in_app, said.email) if said else Channels(in_app=True, email=True)


def changing_fields(request: UpdateNotificationPreferencesRequest) -> tuple[str, ...]:
    return masks.touched(request.update_mask.paths, request, CHANGEABLE)


def compose_update(
    before: NotificationPreferences, request: UpdateNotificationPreferencesRequest, names: Collection[str]
) -> NotificationPreferences:
    """Kinds that the request does not name keep what they have."""
    after = masks.overlay(before, request, [name for name in names if name != "kinds"])
    if "kinds" in names:
        _require_once(request.kinds)
        named = {each.kind: each for each in (*before.kinds, *request.kinds)}
        after.ClearField("kinds")
        after.kinds.extend(named[kind] for kind in sorted(named))
    if not after.digest:
        after.digest = OFF
    if not after.digest_weekday:
        after.digest_weekday = MONDAY
    return after


def _require_once(kinds: Sequence[KindPreference]) -> None:
    if len({each.kind for each in kinds}) < len(kinds):
        raise InvalidInput.of_field("kinds", "names a kind twice", ErrorReason.ERROR_REASON_INVALID_FIELD)


def as_read(notification: Notification, now: datetime) -> Notification:
    read = masks.overlay(notification, notification, ())
    read.read_at.CopyFrom(to_timestamp(now))
    return read


def as_told(notification: Notification, now: datetime, *, mail_only: bool) -> Notification:
    told = masks.overlay(notification, notification, ())
    told.created_at.CopyFrom(to_timestamp(now))
    told.mail_only = mail_only
    return told
