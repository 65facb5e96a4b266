"""What is left of a target that is removed, or whose user is erased?"""

from people import PASSWORD, new_id, refusal_of
from proof import Connection
from rpc.backups.vault import Vault
from tallystick_client.v1 import auth_service_pb2
from tallystick_client.v1 import backup_service_pb2 as api
from tallystick_client.v1.backup_pb2 import BackupTargetState

CONNECTED = BackupTargetState.BACKUP_TARGET_STATE_CONNECTED
CONNECTING = BackupTargetState.BACKUP_TARGET_STATE_CONNECTING
TABLES = ("backup_target", "backup_target_memory", "backup")


def rows(database: Connection, space_id: str) -> list[int]:
    return [
        database.execute(f'SELECT count(*) FROM "{table}" WHERE space_id = %s', (space_id,)).fetchall()[0][0]
        for table in TABLES
    ]


async def test_what_is_removed_is_forgotten_and_given_back(vault: Vault, database: Connection) -> None:
    backup = await vault.back_up()
    request = api.RemoveTargetRequest(request_id=new_id(), target_id=vault.target_id)
    removed = await vault.person.backups.RemoveTarget(request)
    assert removed.revoked
    assert await vault.person.backups.RemoveTarget(request) == removed
    assert rows(database, vault.person.user.home_id) == [0, 0, 0]
    # The file is the user's, and stays.
    assert backup.stored_id in vault.drive.world.files
    refused = await refusal_of(
        vault.person.backups.ConnectTarget(api.ConnectTargetRequest(request_id=new_id(), target_id=vault.target_id))
    )
    assert refused.reason == "NOT_FOUND"


async def test_nothing_is_left_of_an_erased_user(vault: Vault, database: Connection) -> None:
    await vault.back_up()
    assert min(rows(database, vault.person.user.home_id)) > 0
    await vault.person.auth.DeleteMe(auth_service_pb2.DeleteMeRequest(request_id=new_id(), password=PASSWORD))
    assert rows(database, vault.person.user.home_id) == [0, 0, 0]
