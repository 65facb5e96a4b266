"""What has a user chosen? Every SELECT about preferences."""

from tallystick.identity import profiles
from tallystick.settings import keeping
from tallystick.settings.preferences.rules import compose_settings
from tallystick.settings.tables import PREFERENCES
from tallystick.store.tx import ReadTx
from tallystick.v1.settings_pb2 import Preferences, Settings

PREFERENCES_EVER = keeping.ever(PREFERENCES)


async def get_settings(tx: ReadTx) -> Settings:
    """Reading makes nothing: who has chosen nothing has no preferences."""
    rows_of_user, rows = await tx.fetch_all(profiles.ask(tx), PREFERENCES_EVER(space_id=tx.space_id, id=tx.space_id))
    standing = keeping.read(tx, PREFERENCES, rows)
    return compose_settings(profiles.read(tx, rows_of_user), standing.there or Preferences())
