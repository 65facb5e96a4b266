"""What do commands about a user's profile, preferences, displays and client values change?

A home is known by the profile in it: in a copy of another space none of these has an effect. Which currencies and time zones there are,
and which books the user is in, is for the server to say.
"""

import re
from collections.abc import Iterator
from typing import TypeVar

from google.protobuf.message import Message

from tallystick_client.offline.composing import canonical
from tallystick_client.offline.making import Making, Rule, shown_name
from tallystick_client.offline.masks import copy_of, overlay, touched
from tallystick_client.offline.naming import client_value_id, display_id, preferences_id
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.rows import Row
from tallystick_client.v1.auth_service_pb2 import UpdateMeRequest
from tallystick_client.v1.identity_pb2 import User
from tallystick_client.v1.settings_client_values_pb2 import (
    ClientValue,
    DeleteClientValueRequest,
    PutClientValueRequest,
)
from tallystick_client.v1.settings_displays_pb2 import BookThing, Display, ResetDisplayRequest, UpdateDisplayRequest
from tallystick_client.v1.settings_pb2 import Preferences, UpdateSettingsRequest

M = TypeVar("M", bound=Message)

_OF_USER = ("locale", "time_zone")
_OF_PREFERENCES = ("base_currency", "first_day_of_week", "first_day_of_month", "theme", "hide_amounts")
_OF_DISPLAY = ("color", "icon", "hidden", "position", "on_dashboard", "expanded")
_LOCALE_DEFAULT, _TIME_ZONE_DEFAULT = "en", "UTC"
_DAY_MAX = 28

_KEY = re.compile(r"[a-z0-9._/-]{1,128}")
_VALUE_BYTES_MAX = 16 * 1024
_VALUES_MAX = 500
_BYTES_MAX = 1024 * 1024


def _update_me(making: Making, command: UpdateMeRequest) -> Iterator[Row]:
    names = touched(command.update_mask.paths, command, ("display_name", *_OF_USER))
    yield from _change_user(profile_in(making), command, names)


def _update_settings(making: Making, command: UpdateSettingsRequest) -> Iterator[Row]:
    """Locale and time zone are the user's own, and nowhere else."""
    user = profile_in(making)
    names = touched(command.update_mask.paths, command, (*_OF_USER, *_OF_PREFERENCES))
    if not 0 <= command.first_day_of_month <= _DAY_MAX:
        raise CannotApply
    yield from _change_user(user, command, [name for name in names if name in _OF_USER])
    own_id = preferences_id(making.space_id)
    before = making.live("preferences", own_id) or Preferences(id=own_id)
    yield from changed(
        "preferences", before, overlay(before, command, [name for name in names if name in _OF_PREFERENCES])
    )


def _update_display(making: Making, command: UpdateDisplayRequest) -> Iterator[Row]:
    profile_in(making)
    names = touched(command.update_mask.paths, command, _OF_DISPLAY)
    thing = BookThing(book_id=canonical(command.thing.book_id), thing_id=canonical(command.thing.thing_id))
    if not thing.book_id or not thing.thing_id:
        raise CannotApply
    own_id = display_id(making.space_id, thing)
    before = making.live("display", own_id) or Display(id=own_id, thing=thing)
    yield from changed("display", before, overlay(before, command, names))


def _reset_display(making: Making, command: ResetDisplayRequest) -> Iterator[Row]:
    yield from _taken_away(making, "display", display_id(making.space_id, command.thing))


def _put_client_value(making: Making, command: PutClientValueRequest) -> Iterator[Row]:
    profile_in(making)
    if not _KEY.fullmatch(command.key) or len(command.value) > _VALUE_BYTES_MAX:
        raise CannotApply
    own_id = client_value_id(making.space_id, command.key)
    there: ClientValue | None = making.live("client_value", own_id)
    if there is not None and there.value == command.value:
        return
    if there is not None and command.HasField("base_version"):
        _require_seen(there, command.base_version)
    _require_room(making, own_id, len(command.value))
    yield Row("client_value", own_id, _put_in(there or ClientValue(id=own_id, key=command.key), command.value))


def _delete_client_value(making: Making, command: DeleteClientValueRequest) -> Iterator[Row]:
    yield from _taken_away(making, "client_value", client_value_id(making.space_id, command.key))


def profile_in(making: Making) -> User:
    profile = next((row.message for row in making.view.rows("profile") if not row.deleted), None)
    if profile is None:
        raise CannotApply
    return profile  # type: ignore[no-any-return]  # rows of that kind hold users


def _change_user(
    before: User, command: UpdateMeRequest | UpdateSettingsRequest, names: list[str] | tuple[str, ...]
) -> Iterator[Row]:
    after = overlay(before, command, names)
    if "display_name" in names:
        after.display_name = shown_name(after.display_name)
    after.locale = after.locale or _LOCALE_DEFAULT
    after.time_zone = after.time_zone or _TIME_ZONE_DEFAULT
    yield from changed("profile", before, after)


def changed(kind: str, before: M, after: M) -> Iterator[Row]:
    """Nothing is made where nothing differs."""
    if after != before:
        yield Row(kind, after.id, after)  # type: ignore[attr-defined]  # every entity has an id


def _taken_away(making: Making, kind: str, entity_id: str) -> Iterator[Row]:
    """Where nothing is, nothing happens."""
    profile_in(making)
    there = making.live(kind, entity_id)
    if there is not None:
        yield Row(kind, entity_id, there, deleted=True)


def _put_in(before: ClientValue, value: bytes) -> ClientValue:
    after = copy_of(before)
    after.value = value
    return after


def _require_seen(there: ClientValue, base_version: int) -> None:
    """0 says that nothing is there."""
    if base_version == 0 or there.version > base_version:
        raise CannotApply


def _require_room(making: Making, own_id: str, size: int) -> None:
    others = [row.message for row in making.view.rows("client_value") if not row.deleted and row.id != own_id]
    if len(others) + 1 > _VALUES_MAX or sum(len(each.value) for each in others) + size > _BYTES_MAX:
        raise CannotApply


HOME_RULES: dict[str, Rule] = {
    "update_me": _update_me,
    "update_settings": _update_settings,
    "update_display": _update_display,
    "reset_display": _reset_display,
    "put_client_value": _put_client_value,
    "delete_client_value": _delete_client_value,
}
