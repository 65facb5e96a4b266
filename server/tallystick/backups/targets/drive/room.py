"""Whose Drive is it, and how much room is left?"""

from dataclasses import dataclass

from tallystick.backups.targets.drive.connection import Connection, Service
from tallystick.backups.targets.drive.failures import MESSAGES, read_field
from tallystick.backups.targets.target import TargetFailed, TargetReason


@dataclass(frozen=True, slots=True)
class Room:
    """What the Drive says about itself."""

    owner_email: str
    used_bytes: int
    trash_bytes: int
    limit_bytes: int | None  # None: without limit

    def require_some(self) -> None:
        if self.limit_bytes is not None and self.used_bytes >= self.limit_bytes:
            raise TargetFailed(TargetReason.FULL, MESSAGES[TargetReason.FULL])


async def read_room(connection: Connection) -> Room:
    def step(drive: Service) -> Room:
        about = drive.about.get(fields="storageQuota,user(emailAddress)").execute()
        quota = read_field(about, "storageQuota")
        limit = quota.get("limit")
        return Room(
            owner_email=str((about.get("user") or {}).get("emailAddress", "")),
            used_bytes=int(quota.get("usage", 0)),
            trash_bytes=int(quota.get("usageInDriveTrash", 0)),
            limit_bytes=None if limit is None else int(limit),
        )

    return await connection.keep_trying(step)
