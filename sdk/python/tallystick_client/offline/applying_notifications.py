"""What do commands about a user's notifications change, and about what they want to be told?

What is read or deleted stays so. A notification that came meanwhile is for the server to know.
"""

from collections.abc import Collection, Iterator
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from tallystick_client.offline.applying_home import changed, profile_in
from tallystick_client.offline.making import Making, Rule
from tallystick_client.offline.masks import copy_of, overlay, touched
from tallystick_client.offline.naming import notification_preferences_id
from tallystick_client.offline.notification_preferences import MONDAY, OFF, default_preferences
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.rows import Row
from tallystick_client.v1.notification_pb2 import (
    DeleteNotificationRequest,
    MarkAllReadRequest,
    MarkReadRequest,
    Notification,
)
from tallystick_client.v1.notification_preferences_pb2 import (
    KindPreference,
    NotificationPreferences,
    UpdateNotificationPreferencesRequest,
)

_CHANGEABLE = ("kinds", "digest", "digest_hour", "digest_weekday", "amounts_in_mail")
_HOUR_MAX, _SUNDAY = 23, 7


def _mark_read(making: Making, command: MarkReadRequest) -> Iterator[Row]:
    for row in [_row_of(making, each) for each in command.notification_ids]:
        if not row.deleted and not row.message.HasField("read_at"):
            yield _as_read(making, row)


def _mark_all_read(making: Making, command: MarkAllReadRequest) -> Iterator[Row]:
    until = _until(making, command)
    for row in making.view.rows("notification"):
        told: Notification = row.message
        # What is only mailed, nobody reads.
        is_unread = not row.deleted and not told.HasField("read_at") and not told.mail_only
        if is_unread and (until is None or _moment(told.created_at) <= _moment(until)):
            yield _as_read(making, row)


def _until(making: Making, command: MarkAllReadRequest) -> Timestamp | None:
    """None: until the server does it. Whatever the copy has was told before."""
    if command.HasField("at"):
        return command.at
    if not command.notification_id:
        return None
    found: Timestamp = _row_of(making, command.notification_id).message.created_at
    return found


def _delete(making: Making, command: DeleteNotificationRequest) -> Iterator[Row]:
    row = _row_of(making, command.notification_id)
    if not row.deleted:
        yield row._replace(deleted=True)


def _update_preferences(making: Making, command: UpdateNotificationPreferencesRequest) -> Iterator[Row]:
    profile_in(making)
    names = touched(command.update_mask.paths, command, _CHANGEABLE)
    if not 0 <= command.digest_hour <= _HOUR_MAX or not 0 <= command.digest_weekday <= _SUNDAY:
        raise CannotApply
    own_id = notification_preferences_id(making.space_id)
    before: NotificationPreferences = making.live("notification_preferences", own_id) or default_preferences(own_id)
    after = overlay(before, command, [name for name in names if name != "kinds"])
    if "kinds" in names:
        _lay_over(after, command.kinds)
    after.digest = after.digest or OFF
    after.digest_weekday = after.digest_weekday or MONDAY
    yield from changed("notification_preferences", before, after)


def _lay_over(preferences: NotificationPreferences, kinds: Collection[KindPreference]) -> None:
    """Kinds that are not named keep what they have."""
    if len({each.kind for each in kinds}) < len(kinds):
        raise CannotApply
    named = {each.kind: copy_of(each) for each in (*preferences.kinds, *kinds)}
    preferences.ClearField("kinds")
    preferences.kinds.extend(named[kind] for kind in sorted(named))


def _row_of(making: Making, notification_id: str) -> Row:
    """A notification that there is or was."""
    row = making.find("notification", notification_id)
    if row is None:
        raise CannotApply
    return row


def _as_read(making: Making, row: Row) -> Row:
    read: Any = copy_of(row.message)
    read.read_at.CopyFrom(making.made_at)
    return row._replace(message=read)


def _moment(at: Timestamp) -> tuple[int, int]:
    return at.seconds, at.nanos


NOTIFICATION_RULES: dict[str, Rule] = {
    "mark_read": _mark_read,
    "mark_all_read": _mark_all_read,
    "delete_notification": _delete,
    "update_notification_preferences": _update_preferences,
}
