"""How do a user's own backups come together? Without an OAuth client users cannot connect Drives, and every call says so."""

from tallystick.backups.assembly import SPOOL_NAME
from tallystick.backups.own.drives import Drives
from tallystick.backups.own.holdings import Holdings
from tallystick.backups.own.looking import Looking
from tallystick.backups.own.making import Making, Tell
from tallystick.backups.own.rebuilding import Rebuilding
from tallystick.backups.own.restoring import OpenContent, Restoring, TellRestored
from tallystick.backups.own.service import BackupService
from tallystick.backups.targets.assembly import compose_client
from tallystick.config import Config
from tallystick.store.pages import Pages
from tallystick.store.store import Store

OWN_SPOOL_NAME = "own"


class OwnBackups:
    """Backups that users make of what is theirs."""

    def __init__(
        self,
        config: Config,
        store: Store,
        pages: Pages,
        holdings: Holdings,
        tell: Tell,
        rebuilding: Rebuilding,
        open_content: OpenContent,
        tell_restored: TellRestored,
    ) -> None:
        self.drives = Drives(store, compose_client(config))
        self.spool_dir = config.data_dir / SPOOL_NAME / OWN_SPOOL_NAME
        self.making = Making(store, self.drives, holdings, self.spool_dir, tell)
        self.restoring = Restoring(
            store, self.drives, self.making, rebuilding, open_content, tell_restored, self.spool_dir
        )
        looking = Looking(store, self.drives)
        self.service = BackupService(store, pages, self.drives, self.making, looking, self.restoring)
