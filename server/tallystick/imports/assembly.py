"""How do the parts of imports come together?"""

from tallystick.files.queries import OpenContent
from tallystick.imports.making import Making
from tallystick.imports.running import Running
from tallystick.imports.service import ImportService
from tallystick.imports.staging import Staging
from tallystick.imports.telling import Tell
from tallystick.store.pages import Pages
from tallystick.store.store import Store


class Imports:
    """Files of banks and other programs."""

    def __init__(self, store: Store, pages: Pages, open_content: OpenContent, tell: Tell) -> None:
        self.making = Making(store, open_content)
        running = Running(store, Staging(store, self.making), tell)
        self.service = ImportService(store, pages, self.making, running)
