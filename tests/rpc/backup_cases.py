"""A request for each call about a user's own backups, which would succeed but for the id that a test puts in."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from backups.drive.running import RunningDrive
from people import Person, new_id
from rpc.backups.vault import SECRET, connect
from tallystick_client.v1 import backup_service_pb2
from tallystick_client.v1.backup_restore_pb2 import RestoreMode

_SERVICE = backup_service_pb2.DESCRIPTOR.services_by_name["BackupService"]


async def make_backups(person: Person, drive: RunningDrive) -> dict[str, str]:
    """A target with a backup in it."""
    vault = await connect(person, drive)
    return {"target_id": vault.target_id, "backup_id": (await vault.back_up()).id}


def compose(name: str, ids: Mapping[str, str]) -> Message:
    """A request of the call that asks for nothing out of the ordinary."""
    request_type: Any = GetMessageClass(_SERVICE.methods_by_name[name].input_type)
    known = request_type.DESCRIPTOR.fields_by_name
    usual: dict[str, Any] = {
        "request_id": new_id(),
        "target_id": ids["target_id"],
        "backup_id": ids["backup_id"],
        "passphrase": SECRET,
    }
    if name == "RestoreBackup":
        usual |= {"space_id": ids["space_id"], "mode": RestoreMode.RESTORE_MODE_REPLACE}
    return request_type(**{each: value for each, value in usual.items() if each in known})  # type: ignore[no-any-return]  # a message made from its descriptor
