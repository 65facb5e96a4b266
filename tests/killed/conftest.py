"""One installation with people, books and files, which every test here kills something of, and finds whole again."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from backups import household
from backups.household import Household, Installation, install, rows_of, stored_by
from files.desk import PART, bring, content_of
from fresh_database import fresh_database
from killed.processes import temporary_of
from tallystick.config import Config
from tallystick.runtime.postgres import EmbeddedPostgres


@dataclass(frozen=True)
class Settled:
    """An installation whose servers are stopped, and what is in it."""

    here: Installation
    home: Household

    def kept(self) -> tuple[object, object]:
        """All that people have there: rows, and what lies outside of the database. Not what is known about backups."""
        rows = rows_of(self.here.database)
        return {name: rows[name] for name in rows.keys() - {"backup_run", "job_run"}}, stored_by(self.here.config)

    def in_plain(self) -> list[bytes]:
        """What could be read by somebody who has the machine's disk and no key."""
        folder = self.here.data_dir.parent
        return household.in_plain(self.home, self.here.data_dir, temporary_of(self.here), folder / "backups")


@pytest.fixture(scope="module")
async def settled(
    postgres: EmbeddedPostgres, config: Config, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Settled]:
    async with fresh_database(postgres) as database:
        folder = tmp_path_factory.mktemp("killed")
        (folder / "backups").mkdir()
        here = install(database, folder, config)
        async with here.served() as (_, client):
            home = await household.settle_in(client)
            await bring(home.ann, home.book.id, content_of(3 * PART, seed=7), name="bread.png")
        yield Settled(here, home)
