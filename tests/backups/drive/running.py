"""How does a test come by a Drive? `running_drive()` is one with its own users, on this machine, for as long as the block lasts.

    with running_drive() as drive:
        target = drive.target(drive.grant("ann@example.com"))
        drive.plan(Kind.CHUNK, Effect.RESET)
        await target.store(...)
        assert [file.name for file in drive.archives()] == [...]

It is written from the discovery document and from what Google's client does. It was never held against the real one:
`test_live.py` is, where somebody gives it a permission.
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backups.drive.accounts import Account
from backups.drive.faults import Effect, Fault, Kind
from backups.drive.serving import DriveServer
from backups.drive.world import FOLDER_TYPE, File, SharedDrive, World
from tallystick.backups.targets.assembly import compose_own_drive
from tallystick.backups.targets.drive.connection import Line
from tallystick.backups.targets.drive.consent import OAuthClient
from tallystick.backups.targets.drive.drive import DriveTarget
from tallystick.backups.targets.drive.grant import Grant, compose_service_credentials
from tallystick.backups.targets.drive.patience import Patience
from tallystick.backups.targets.remembering import Remembering
from tallystick.backups.targets.target import Progress, SpooledArchive

# The least that the Drive takes as a chunk.
CHUNK_BYTES = 256 * 1024
ANN = "ann@example.com"


class Naps:
    """Pauses that take no time, and how long they would have been."""

    def __init__(self) -> None:
        self.taken_s: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken_s.append(seconds)


class RunningDrive:
    """A Drive, as tests see it."""

    def __init__(self, server: DriveServer) -> None:
        self.server = server
        self.naps = Naps()

    @property
    def world(self) -> World:
        return self.server.world

    @property
    def root_url(self) -> str:
        return self.server.root_url

    def client(self) -> OAuthClient:
        accounts = self.world.accounts
        return OAuthClient(
            accounts.client_id, accounts.client_secret, accounts.redirect_url, self.root_url, timeout_s=30.0
        )

    def grant(self, email: str = ANN, *, limit_bytes: int | None = None) -> Grant:
        """A user's permission, as if they had given it."""
        self.world.accounts.people[email] = Account(email, limit_bytes)
        return Grant(self.world.accounts.client_id, self.world.accounts.grant(email))

    def target(self, grant: Grant | None = None, progress: Progress | None = None) -> DriveTarget:
        made = compose_own_drive(self.client(), grant or self.grant(), progress or Remembering())
        return self.hurried(made)

    def shared_drive(self, role: str = "organizer") -> tuple[dict[str, Any], SharedDrive]:
        """A shared drive, and the key of a service account that has a role in it."""
        key = self.world.accounts.make_service_account(self.root_url)
        drive = SharedDrive(f"drive-{len(self.world.drives)}", {key["client_email"]: role})
        self.world.drives[drive.id] = drive
        return key, drive

    def shared_target(self, key: dict[str, Any], drive: SharedDrive, progress: Progress | None = None) -> DriveTarget:
        line = Line(compose_service_credentials(key), self.root_url)
        return self.hurried(DriveTarget(line, progress or Remembering(), shared_drive_id=drive.id))

    def hurried(self, target: DriveTarget) -> DriveTarget:
        """The same, but with small chunks and pauses that take no time."""
        line = Line(target.line.credentials, target.line.root_url, Patience(self.naps, jitter=lambda: 0.5), 30.0)
        return DriveTarget(line, target.progress, target.shared_drive_id, target.folder_name, CHUNK_BYTES)

    def plan(self, kind: Kind, effect: Effect = Effect.STATUS, **more: Any) -> Fault:
        fault = Fault(kind, effect, **more)
        self.server.faults.plan(fault)
        return fault

    def mend(self) -> None:
        """Nothing goes wrong any more."""
        self.server.faults.forget()
        self.server.uploads.corrupts_next = False

    def calls(self, kind: Kind) -> int:
        return self.server.calls.count(kind)

    def files(self) -> list[File]:
        """What is not in the trash, without folders."""
        return [file for file in self.world.files.values() if file.mime_type != FOLDER_TYPE and not file.is_trashed]

    def folders(self) -> list[File]:
        return [file for file in self.world.files.values() if file.mime_type == FOLDER_TYPE]

    def throw_away(self, file: File) -> None:
        """Into the trash."""
        file.in_trash = True
        self.world.spread_trash()


@contextmanager
def running_drive() -> Iterator[RunningDrive]:
    server = DriveServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield RunningDrive(server)
    finally:
        server.faults.forget()
        server.shutdown()
        server.server_close()
        thread.join()


def spool(folder: Path, content: bytes, name: str = "spooled") -> SpooledArchive:
    """An archive that waits to be stored."""
    path = folder / name
    path.write_bytes(content)
    return SpooledArchive(path, len(content), hashlib.sha256(content).digest())
