"""What is told of targets, and to whom?"""

from backups.drive.running import ANN
from people import Person
from rpc.backups.vault import Vault
from tallystick_client.v1 import backup_service_pb2 as api


async def test_its_user_sees_whose_drive_it_is_and_how_full(vault: Vault) -> None:
    backup = await vault.back_up()
    (target,) = await vault.targets()
    assert (target.id, target.owner_email) == (vault.target_id, ANN)
    assert target.used_bytes >= backup.size_bytes


async def test_nobody_sees_those_of_others(vault: Vault, bob: Person) -> None:
    assert len(await vault.targets()) == 1
    assert list((await bob.backups.ListTargets(api.ListTargetsRequest())).targets) == []
