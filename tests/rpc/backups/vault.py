"""How do tests make backups of somebody? Short ways to connect a Drive, to back up, and to read what lies there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from backups.drive.accounts import Account
from backups.drive.running import ANN, RunningDrive
from backups.drive.world import File
from people import Person, new_id
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.archive.reader import open_archive
from tallystick_client.v1 import backup_pb2
from tallystick_client.v1 import backup_restore_pb2 as restore
from tallystick_client.v1 import backup_service_pb2 as api

SECRET = "correct horse battery staple"


@dataclass
class Vault:
    """Somebody's Drive as a target."""

    person: Person
    drive: RunningDrive
    target_id: str

    def request(self, passphrase: str = SECRET, **other: Any) -> api.CreateBackupRequest:
        fields: dict[str, Any] = {"request_id": new_id(), "target_id": self.target_id, "passphrase": passphrase}
        return api.CreateBackupRequest(**fields | other)

    async def back_up(self, request: api.CreateBackupRequest | None = None) -> backup_pb2.Backup:
        """The backup as the last message has it."""
        return await last_of(self.person.backing_up.CreateBackup(request or self.request()))

    def restoring(self, backup_id: str, space_id: str, **other: Any) -> restore.RestoreBackupRequest:
        """A request for a new space."""
        fields: dict[str, Any] = {"request_id": new_id(), "backup_id": backup_id, "space_id": space_id}
        fields |= {"passphrase": SECRET, "mode": restore.RestoreMode.RESTORE_MODE_NEW}
        return restore.RestoreBackupRequest(**fields | other)

    async def restore(self, request: restore.RestoreBackupRequest) -> restore.Restored:
        """What was restored, as the last message has it."""
        answers = [answer async for answer in self.person.backing_up.RestoreBackup(request)]
        restored: restore.Restored = answers[-1].restored
        return restored

    async def verify(self, backup_id: str, passphrase: str = SECRET) -> backup_pb2.Backup:
        request = api.VerifyBackupRequest(backup_id=backup_id, passphrase=passphrase)
        return await last_of(self.person.backing_up.VerifyBackup(request))

    async def schedule(self, **fields: Any) -> backup_pb2.BackupSchedule:
        """Sets one, with the passphrase of tests and at UTC if nothing else is said."""
        usual: dict[str, Any] = {"request_id": new_id(), "target_id": self.target_id, "passphrase": SECRET}
        request = api.SetBackupScheduleRequest(**usual | {"time_zone": "UTC"} | fields)
        answer = await self.person.backups.SetBackupSchedule(request)
        schedule: backup_pb2.BackupSchedule = answer.schedule
        return schedule

    async def find_schedule(self) -> backup_pb2.BackupSchedule | None:
        answer = await self.person.backups.GetBackupSchedule(api.GetBackupScheduleRequest(target_id=self.target_id))
        return answer.schedule if answer.HasField("schedule") else None

    async def get(self, backup_id: str) -> backup_pb2.Backup:
        answer = await self.person.backups.GetBackup(api.GetBackupRequest(backup_id=backup_id))
        backup: backup_pb2.Backup = answer.backup
        return backup

    async def list_backups(self, **fields: Any) -> list[backup_pb2.Backup]:
        return list((await self.person.backups.ListBackups(api.ListBackupsRequest(**fields))).backups)

    async def targets(self) -> list[backup_pb2.BackupTarget]:
        return list((await self.person.backups.ListTargets(api.ListTargetsRequest())).targets)

    def file_of(self, backup: backup_pb2.Backup) -> File:
        return self.drive.world.files[backup.stored_id]

    async def read(self, backup: backup_pb2.Backup, passphrase: str = SECRET) -> dict[str, bytes]:
        """The parts of an archive, as anybody reads it who has the file and the passphrase."""
        archive = await open_archive([bytes(self.file_of(backup).content)], Passphrase(passphrase))
        return {part.name: b"".join([piece async for piece in part.pieces()]) async for part in archive.parts()}


async def last_of(stream: AsyncIterator[Any]) -> backup_pb2.Backup:
    found = [answer.backup async for answer in stream if answer.HasField("backup")]
    backup: backup_pb2.Backup = found[-1]
    return backup


async def ask(person: Person, target_id: str = "") -> Any:
    return await person.backups.ConnectTarget(api.ConnectTargetRequest(request_id=new_id(), target_id=target_id))


def consent(drive: RunningDrive, url: str, email: str = ANN, **more: Any) -> api.CompleteConnectionRequest:
    """What the user comes back with."""
    drive.world.accounts.people.setdefault(email, Account(email))
    code, state = drive.world.accounts.consent(url, email, **more)
    return api.CompleteConnectionRequest(request_id=new_id(), state=state, code=code)


async def connect(person: Person, drive: RunningDrive, target_id: str = "") -> Vault:
    asked = await ask(person, target_id)
    done = await person.backups.CompleteConnection(consent(drive, asked.consent_url))
    return Vault(person, drive, done.target.id)
