"""What is kept of a schedule? When, what for, and how it went; and for whom to close, which opens nothing. Pure.

It is one sealed text, of a kind that only this server reads.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tallystick.backups.archive.passphrase import Cost
from tallystick.backups.archive.recipient import Recipient
from tallystick.backups.cron import Cron
from tallystick.backups.rules import Keep
from tallystick.times import to_timestamp
from tallystick.v1.backup_pb2 import BackupProblem, BackupRetention, BackupSchedule

NO_PROBLEM = BackupProblem.BACKUP_PROBLEM_UNSPECIFIED


@dataclass(frozen=True, slots=True)
class Kept:
    """A schedule as it stands."""

    recipient: Recipient
    passphrase_set_at: datetime
    cron: Cron
    zone: ZoneInfo
    keep: Keep
    # Since when it is there.
    since: datetime
    # Which time it is that a backup is to be made for, and when that is tried: later, if it was tried before and failed.
    slot: datetime
    try_at: datetime
    # How often it failed since it went well.
    failures: int = 0
    # It waits for its target to be connected again.
    is_paused: bool = False
    # The user knows that there was none for too long.
    is_told_stale: bool = False
    last_verified_at: datetime | None = None
    problem: BackupProblem.ValueType = NO_PROBLEM

    def compose(self, target_id: UUID) -> BackupSchedule:
        """As its user sees it."""
        seen = BackupSchedule(
            target_id=str(target_id),
            cron=self.cron.text,
            time_zone=self.zone.key,
            retention=BackupRetention(daily=self.keep.daily, weekly=self.keep.weekly, monthly=self.keep.monthly),
            last_problem=self.problem,
            passphrase_set_at=to_timestamp(self.passphrase_set_at),
        )
        if not self.is_paused:
            seen.next_at.CopyFrom(to_timestamp(self.try_at))
        if self.last_verified_at is not None:
            seen.last_verified_at.CopyFrom(to_timestamp(self.last_verified_at))
        return seen

    def to_text(self) -> str:
        recipient, last = self.recipient, self.last_verified_at
        return json.dumps(
            {
                "public_key": recipient.public_key.hex(),
                "salt": recipient.salt.hex(),
                "cost": [recipient.cost.log_n, recipient.cost.passes],
                "passphrase_set_at": _told(self.passphrase_set_at),
                "cron": self.cron.text,
                "time_zone": self.zone.key,
                "keep": [self.keep.daily, self.keep.weekly, self.keep.monthly],
                "since": _told(self.since),
                "slot": _told(self.slot),
                "try_at": _told(self.try_at),
                "failures": self.failures,
                "is_paused": self.is_paused,
                "is_told_stale": self.is_told_stale,
                "last_verified_at": None if last is None else _told(last),
                "problem": self.problem,
            }
        )

    @classmethod
    def of_text(cls, text: str) -> "Kept":
        told: dict[str, Any] = json.loads(text)
        last = told["last_verified_at"]
        return cls(
            recipient=Recipient(bytes.fromhex(told["public_key"]), bytes.fromhex(told["salt"]), Cost(*told["cost"])),
            passphrase_set_at=_moment(told["passphrase_set_at"]),
            cron=Cron.parse(told["cron"]),
            zone=ZoneInfo(told["time_zone"]),
            keep=Keep(*told["keep"]),
            since=_moment(told["since"]),
            slot=_moment(told["slot"]),
            try_at=_moment(told["try_at"]),
            failures=told["failures"],
            is_paused=told["is_paused"],
            is_told_stale=told["is_told_stale"],
            last_verified_at=None if last is None else _moment(last),
            problem=told["problem"],
        )


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
