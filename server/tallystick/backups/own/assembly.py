"""How do a user's own backups come together? Without an OAuth client users cannot connect Drives, and every call says so."""

from tallystick.backups.assembly import SPOOL_NAME
from tallystick.backups.own.drives import Drives
from tallystick.backups.own.holdings import Holdings
from tallystick.backups.own.looking import Looking
from tallystick.backups.own.making import Making, Tell
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


class OwnBackups:
    """Backups that users make of what is theirs."""

    def __init__(
        self,
        config: Config,
        store: Store,
        apart: Apart,
        pages: Pages,
        holdings: Holdings,
        tell: Tell,
        tell_stale: TellStale,
        zone_of: ZoneOf,
    ) -> None:
        self.drives = Drives(store, compose_client(config))
        self.spool_dir = config.data_dir / SPOOL_NAME / OWN_SPOOL_NAME
        self.making = Making(store, self.drives, holdings, self.spool_dir, tell)
        self.setting = Setting(store, self.drives, zone_of)
        self.job = ScheduleJob(store, apart, self.drives, self.making, tell_stale)
        self.service = BackupService(store, pages, self.drives, self.making, Looking(store, self.drives), self.setting)

    def schedule(self, ticker: Ticker) -> None:
        ticker.every("back_up_users", LOOK_EVERY_S, self.job.look)
