"""What do tests of users' backups stand on? A Drive on this machine, and a server that knows it for as long as a test lasts."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backups.drive.running import RunningDrive, running_drive
from people import Person
from rpc.backups.recorder import Recorder
from rpc.backups.vault import Vault, connect
from tallystick.app import App
from tallystick.backups.archive.passphrase import USUAL, Cost
from tallystick.backups.targets.assembly import compose_own_drive
from tallystick.backups.targets.drive.consent import OAuthClient
from tallystick.backups.targets.drive.drive import DriveTarget
from tallystick.backups.targets.drive.grant import Grant
from tallystick.backups.targets.target import Progress

CHEAP = Cost(log_n=8)


@contextmanager
def offering(server: App) -> Iterator[RunningDrive]:
    """Its pauses take no time, its chunks are small, and keys are made cheaply."""
    drives, making, setting = server.own_backups.drives, server.own_backups.making, server.own_backups.setting
    with running_drive() as running:

        def open_drive(client: OAuthClient, grant: Grant, progress: Progress) -> DriveTarget:
            return running.hurried(compose_own_drive(client, grant, progress))

        drives.client, drives.open_drive = running.client(), open_drive
        making.cost = setting.cost = CHEAP
        yield running
        drives.client, drives.open_drive = None, compose_own_drive
        making.cost = setting.cost = USUAL


@pytest.fixture
def drive(server: App) -> Iterator[RunningDrive]:
    """A Drive that the server offers to users."""
    with offering(server) as running:
        yield running


@pytest.fixture
async def vault(ann: Person, drive: RunningDrive) -> Vault:
    """Ann's Drive, connected."""
    return await connect(ann, drive)


@pytest.fixture
def recorder(server: App) -> Iterator[Recorder]:
    """Who takes what restores read, instead of making spaces of it."""
    restoring = server.own_backups.restoring
    rebuilding, taking = restoring.rebuilding, Recorder()
    restoring.rebuilding = taking
    yield taking
    restoring.rebuilding = rebuilding
