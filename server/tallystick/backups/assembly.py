"""How do backups come together from a server's settings? Without a folder to put them there are none."""

from collections.abc import Collection, Mapping

from prometheus_client import CollectorRegistry

from tallystick.backups import rules
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.erased_lists import ErasedLists
from tallystick.backups.figures import Figures
from tallystick.backups.job import BACKUP_EVERY_S, BackupJob, Plan
from tallystick.backups.queries import list_runs
from tallystick.backups.rules import Standing, Timetable
from tallystick.backups.targets.assembly import compose_shared_drive
from tallystick.backups.targets.folder import FolderTarget
from tallystick.backups.targets.remembering import Remembering
from tallystick.backups.targets.target import Target
from tallystick.backups.telling import Post, Telling
from tallystick.backups.whole.contents import Contents
from tallystick.backups.whole.restoring import Finish, Place
from tallystick.backups.whole.trying import ListDiffering, Trial
from tallystick.backups.whole.writing import WholeServer
from tallystick.config import Config
from tallystick.jobs.ticker import Ticker
from tallystick.store.apart import Apart
from tallystick.store.keyring import Keyring
from tallystick.store.store import Store

KEYRING_NAME = "keyring.json"
BACKUPS_NAME = "backups"
# Archives on their way, closed. In the data directory, because a folder for temporary files may be small, or in memory.
SPOOL_NAME = "backup-spool"
FOLDER, SHARED_DRIVE = "folder", "shared_drive"


def compose_targets(config: Config) -> Mapping[str, Target]:
    folder = FolderTarget(config.backup_to) if config.backup_to else None
    found: dict[str, Target | None] = {FOLDER: folder, SHARED_DRIVE: compose_shared_drive(config, Remembering())}
    return {name: target for name, target in found.items() if target is not None}


def compose_timetable(config: Config) -> Timetable:
    return Timetable(config.backup_at, config.backup_zone)


class Backups:
    """Backups of the whole server."""

    def __init__(
        self,
        config: Config,
        store: Store,
        apart: Apart,
        keyring: Keyring,
        tables: Collection[str],
        finish: Finish,
        list_differing: ListDiffering,
        contents: Contents,
        post: Post | None,
        registry: CollectorRegistry,
    ) -> None:
        self._targets = compose_targets(config)
        self._apart = apart
        self._clock = store.clock
        self._timetable = compose_timetable(config)
        owner = config.migration_url or config.database_url
        place = Place(
            app_url=config.database_url,
            owner_url=owner,
            reader_url=config.backup_url or owner,
            keyring_path=config.data_dir / KEYRING_NAME,
            keyring_given=config.keyring,
            backups_dir=config.data_dir / BACKUPS_NAME,
        )
        self.job: BackupJob | None = None
        if self._targets:
            spool_dir = config.data_dir / SPOOL_NAME
            plan = Plan(
                Passphrase.chosen(config.backup_passphrase),
                self._timetable,
                config.backup_keep,
                spool_dir,
            )
            server = WholeServer(place.reader_url, keyring, tables, contents)
            erased = ErasedLists(place.reader_url, plan.passphrase, spool_dir)
            trial = Trial(place, keyring, tables, finish, list_differing, spool_dir)
            self.job = BackupJob(
                plan, server, self._targets, apart, store.clock, Figures(registry), trial, Telling(apart, post), erased
            )

    def schedule(self, ticker: Ticker) -> None:
        if self.job:
            ticker.every("back_up", BACKUP_EVERY_S, self.job.run)

    async def list_standings(self) -> Mapping[str, Standing]:
        """How each target stands. None: there are no backups."""
        now = self._clock.now()
        return {
            name: rules.standing_of(await list_runs(self._apart, name), now, self._timetable) for name in self._targets
        }
