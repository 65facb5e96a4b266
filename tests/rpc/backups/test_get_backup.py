"""Is one backup shown, to its user alone?"""

from people import MISSING_ID, Person, refusal_of
from rpc.backups.vault import Vault
from tallystick_client.v1 import backup_service_pb2 as api


async def test_it_is_shown_to_its_user_alone(vault: Vault, bob: Person) -> None:
    backup = await vault.back_up()
    assert await vault.get(backup.id) == backup
    for backup_id in (backup.id, MISSING_ID):
        call = bob.backups.GetBackup(api.GetBackupRequest(backup_id=backup_id))
        assert (await refusal_of(call)).reason == "NOT_FOUND"
