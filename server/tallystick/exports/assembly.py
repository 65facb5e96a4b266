"""How do the parts of exports come together?"""

from tallystick.exports.everything import Everything
from tallystick.exports.exporting import Exporting
from tallystick.exports.holdings import Holdings
from tallystick.exports.moment import Readers
from tallystick.exports.service import ExportService
from tallystick.files.queries import OpenContent
from tallystick.store.apart import Apart
from tallystick.store.store import Store


class Exports:
    """What is kept here, as files."""

    def __init__(self, store: Store, apart: Apart, open_content: OpenContent) -> None:
        readers = Readers(store)
        self.service = ExportService(Exporting(readers, Everything(apart, open_content)))
        # For those who keep copies of it.
        self.holdings = Holdings(readers, apart, open_content)
