"""Does a backup go away, first where it lies?"""

from backups.drive.faults import Kind
from backups.drive.running import RunningDrive
from people import MISSING_ID, Person, new_id, refusal_of
from rpc.backups.vault import Vault
from tallystick_client.v1 import backup_service_pb2 as api


async def test_what_is_deleted_is_gone_from_the_drive(vault: Vault, drive: RunningDrive) -> None:
    kept, backup = await vault.back_up(), await vault.back_up()
    request = api.DeleteBackupRequest(request_id=new_id(), backup_id=backup.id)
    await vault.person.backups.DeleteBackup(request)
    await vault.person.backups.DeleteBackup(request)
    assert [each.id for each in await vault.list_backups()] == [kept.id]
    assert [file.id for file in drive.files()] == [kept.stored_id]


async def test_it_stays_known_while_the_drive_does_not_answer(vault: Vault) -> None:
    backup = await vault.back_up()
    vault.drive.plan(Kind.DELETE, times=100)
    request = api.DeleteBackupRequest(request_id=new_id(), backup_id=backup.id)
    assert (await refusal_of(vault.person.backups.DeleteBackup(request))).reason == "TARGET_UNREACHABLE"
    assert [each.id for each in await vault.list_backups()] == [backup.id]
    vault.drive.mend()
    await vault.person.backups.DeleteBackup(request)
    assert vault.drive.files() == []


async def test_somebody_elses_is_not_found(vault: Vault, bob: Person) -> None:
    backup = await vault.back_up()
    for backup_id in (backup.id, MISSING_ID):
        request = api.DeleteBackupRequest(request_id=new_id(), backup_id=backup_id)
        assert (await refusal_of(bob.backups.DeleteBackup(request))).reason == "NOT_FOUND"
