"""What shall happen to a user's settings? Run inside the write door of the home."""

from tallystick import masks
from tallystick.identity import profiles
from tallystick.settings import keeping
from tallystick.settings.preferences import rules
from tallystick.settings.preferences.queries import PREFERENCES_EVER
from tallystick.settings.tables import PREFERENCES
from tallystick.store.tx import WriteTx
from tallystick.v1.settings_pb2 import Preferences, UpdateSettingsRequest, UpdateSettingsResponse


async def update_settings(tx: WriteTx, request: UpdateSettingsRequest) -> UpdateSettingsResponse:
    """Locale and time zone are the user's own, and nowhere else: both change in one commit."""
    base_version = masks.base_version(request)
    names = masks.touched(request.update_mask.paths, request, (*rules.OF_USER, *rules.OF_PREFERENCES))
    rows_of_user, since_of_user, rows, since = await tx.fetch_all(
        profiles.ask(tx),
        profiles.ask_since(tx, base_version),
        *keeping.ask(tx, PREFERENCES_EVER, tx.space_id, base_version),
    )
    user = profiles.change(
        tx,
        profiles.read(tx, rows_of_user),
        request,
        [name for name in rules.OF_USER if name in names],
        since_of_user,
    )
    standing = keeping.read(tx, PREFERENCES, rows, since)
    before = standing.there or Preferences(id=str(tx.space_id))
    after = rules.compose_preferences(before, request, [name for name in rules.OF_PREFERENCES if name in names])
    preferences = keeping.keep(tx, PREFERENCES, standing, before, after)
    return UpdateSettingsResponse(settings=rules.compose_settings(user, preferences))
