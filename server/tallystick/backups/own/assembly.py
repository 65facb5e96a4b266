"""How do a user's own backups come together? Without an OAuth client users cannot connect Drives, and every call says so."""

from typing import NamedTuple

from tallystick.backups.assembly import SPOOL_NAME
from tallystick.backups.own.drives import Drives
from tallystick.backups.own.holdings import Holdings
from tallystick.backups.own.looking import Looking
from tallystick.backups.own.making import Making, Tell
from tallystick.backups.own.restores.rebuilding import Rebuilding
from tallystick.backups.own.restores.restoring import OpenContent, Restoring, TellRestored
from tallystick.backups.own.schedules.job import LOOK_EVERY_S, ScheduleJob, TellStale
from tallystick.backups.own.schedules.setting import Setting, ZoneOf
from tallystick.backups.own.service import BackupService
from tallystick.backups.targets.assembly import compose_client
from tallystick.config import Config
from tallystick.jobs.ticker import Ticker
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store

OWN_SPOOL_NAME = "own"


class Tells(NamedTuple):
    """Whoever tells users what became of their backups."""

    failure: Tell
    stale: TellStale
    restored: TellRestored


class OwnBackups:
    """Backups that users make of what is theirs."""

    def __init__(
        self,
        config: Config,
        store: Store,
        apart: Apart,
        pages: Pages,
        holdings: Holdings,
        rebuilding: Rebuilding,
        open_content: OpenContent,
        tells: Tells,
        zone_of: ZoneOf,
    ) -> None:
        self.drives = Drives(store, compose_client(config))
        self.spool_dir = config.data_dir / SPOOL_NAME / OWN_SPOOL_NAME
        self.making = Making(store, self.drives, holdings, self.spool_dir, tells.failure)
        self.setting = Setting(store, self.drives, zone_of)
        self.job = ScheduleJob(store, apart, self.drives, self.making, tells.stale)
        self.restoring = Restoring(
            store, self.drives, self.making, rebuilding, open_content, tells.restored, self.spool_dir
        )
        looking = Looking(store, self.drives)
        self.service = BackupService(store, pages, self.drives, self.making, looking, self.restoring, self.setting)

    def schedule(self, ticker: Ticker) -> None:
        ticker.every("back_up_users", LOOK_EVERY_S, self.job.look)
