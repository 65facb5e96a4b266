"""Does a schedule end when it is removed, and do its backups stay?"""

from people import new_id
from proof import Connection
from rpc.backups.test_set_backup_schedule import rows
from rpc.backups.vault import Vault
from tallystick.app import App
from tallystick_client.v1 import backup_service_pb2 as api
from turned_clock import TurnedClock


async def test_what_is_removed_is_gone_and_a_repeat_changes_nothing(vault: Vault, database: Connection) -> None:
    await vault.schedule()
    assert rows(database, vault) == [1, 1]
    request = api.RemoveBackupScheduleRequest(request_id=new_id(), target_id=vault.target_id)
    for _ in range(2):
        await vault.person.backups.RemoveBackupSchedule(request)
        assert rows(database, vault) == [0, 0]
        assert await vault.find_schedule() is None
    # Where there is none, there is none to be removed.
    request.request_id = new_id()
    await vault.person.backups.RemoveBackupSchedule(request)


async def test_what_was_made_stays_and_nothing_comes_any_more(
    vault: Vault, server: App, clock: TurnedClock, database: Connection
) -> None:
    database.execute("DELETE FROM backup_due")
    backup = await vault.back_up()
    await vault.schedule()
    await vault.person.backups.RemoveBackupSchedule(
        api.RemoveBackupScheduleRequest(request_id=new_id(), target_id=vault.target_id)
    )
    with clock.later(days=3):
        await server.own_backups.job.run()
    assert await vault.list_backups() == [backup]
