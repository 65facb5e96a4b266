"""Where are users sent to give their permission?"""

import pytest

from backups.drive.running import RunningDrive
from people import MISSING_ID, Person, new_id, refusal_of
from rpc.backups.vault import Vault, ask, connect
from tallystick.app import App
from tallystick_client.v1 import backup_service_pb2 as api
from tallystick_client.v1.backup_pb2 import BackupTargetState

CONNECTED = BackupTargetState.BACKUP_TARGET_STATE_CONNECTED
CONNECTING = BackupTargetState.BACKUP_TARGET_STATE_CONNECTING


async def test_a_server_without_a_client_says_so(ann: Person) -> None:
    for call in (
        ann.backups.ConnectTarget(api.ConnectTargetRequest(request_id=new_id())),
        ann.backups.CompleteConnection(api.CompleteConnectionRequest(request_id=new_id(), state="a", code="b")),
    ):
        assert (await refusal_of(call)).reason == "DRIVES_NOT_OFFERED"
    assert list((await ann.backups.ListTargets(api.ListTargetsRequest())).targets) == []


async def test_a_repeat_sends_the_user_to_the_same_page(ann: Person, drive: RunningDrive) -> None:
    request = api.ConnectTargetRequest(request_id=new_id())
    first = await ann.backups.ConnectTarget(request)
    assert await ann.backups.ConnectTarget(request) == first


async def test_there_is_room_for_five(ann: Person, drive: RunningDrive) -> None:
    for _ in range(5):
        await ask(ann)
    refused = await refusal_of(ann.backups.ConnectTarget(api.ConnectTargetRequest(request_id=new_id())))
    assert refused.reason == "TOO_MANY_TARGETS"


@pytest.mark.parametrize("target_id", [MISSING_ID], ids=["missing"])
async def test_what_is_not_there_is_not_found(ann: Person, drive: RunningDrive, target_id: str) -> None:
    for call in (
        ann.backups.RemoveTarget(api.RemoveTargetRequest(request_id=new_id(), target_id=target_id)),
        ann.backups.ConnectTarget(api.ConnectTargetRequest(request_id=new_id(), target_id=target_id)),
    ):
        assert (await refusal_of(call)).reason == "NOT_FOUND"


async def test_connecting_again_keeps_the_target(vault: Vault, server: App) -> None:
    again = await connect(vault.person, vault.drive, vault.target_id)
    assert again.target_id == vault.target_id
    assert [target.state for target in await vault.targets()] == [CONNECTED]
