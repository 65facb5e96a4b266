"""How do the calls of all nouns make one service?"""

from tallystick.settings.client_values.service import ClientValueCalls
from tallystick.settings.displays.service import DisplayCalls
from tallystick.settings.preferences.service import PreferenceCalls
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.settings_service_pb2_grpc import SettingsServiceServicer


class SettingsService(PreferenceCalls, DisplayCalls, ClientValueCalls, SettingsServiceServicer):
    """What a user wants to see, and how."""

    def __init__(self, store: Store, pages: Pages) -> None:
        self._store = store
        self._pages = pages
