"""How do the parts of files come together?"""

from functools import partial

from tallystick.config import Config
from tallystick.files.queries import OpenContent, open_content
from tallystick.files.rebuilding import Contents
from tallystick.files.rules import Limits
from tallystick.files.service import FileService
from tallystick.files.storage.folder import FolderStorage
from tallystick.files.storage.storage import FileStorage
from tallystick.files.sweeping import SWEEP_EVERY_S, Sweeping
from tallystick.files.thumbnails import Thumbnails
from tallystick.files.uploading import Uploading
from tallystick.jobs.ticker import Ticker
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store


def compose_storage(config: Config) -> FileStorage:
    return FolderStorage(config.files_dir or config.data_dir / "files")


class Files:
    """Contents, and what becomes of them."""

    def __init__(self, config: Config, store: Store, apart: Apart, pages: Pages) -> None:
        self.storage = compose_storage(config)
        limits = Limits(config.file_bytes_max, config.user_files_bytes_max)
        uploading = Uploading(store, self.storage, Thumbnails(), limits)
        self.service = FileService(store, pages, self.storage, uploading, limits)
        self.contents = Contents(self.storage, limits)
        self.sweeping = Sweeping(store, apart, self.storage)
        self.open_content: OpenContent = partial(open_content, storage=self.storage)

    def schedule(self, ticker: Ticker) -> None:
        ticker.every("sweep_files", SWEEP_EVERY_S, self.sweeping.run)
