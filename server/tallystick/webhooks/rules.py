"""What is right for webhooks? Pure: what may be asked, what a delivery is called, and what becomes of one that failed."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple
from uuid import UUID, uuid5

from tallystick.errors import InvalidInput, RuleBroken
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.role_pb2 import Role
from tallystick.v1.sync_pb2 import Entity
from tallystick.v1.webhook_deliveries_pb2 import DeliveryProblem
from tallystick.v1.webhook_pb2 import WebhookProblem

WEBHOOKS_MAX = 10
KEEP_DEFAULT = timedelta(hours=24)

# After the first failure, and at most.
PAUSE_FIRST, PAUSE_MAX = timedelta(seconds=5), timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=24)
# So many in a row that were given up, and the target is not there.
GIVEN_UP_MAX = 3

KINDS = tuple(field.name for field in Entity.DESCRIPTOR.fields)
DELIVERED = DeliveryProblem.DELIVERY_PROBLEM_UNSPECIFIED
NO_PROBLEM = WebhookProblem.WEBHOOK_PROBLEM_UNSPECIFIED
# Their user may not look any more: somebody else must take them over.
LOST = (WebhookProblem.WEBHOOK_PROBLEM_ACCESS_LOST, WebhookProblem.WEBHOOK_PROBLEM_ROLE_TOO_LOW)
# Behind every change of a commit.
WHOLE = 2**31 - 1


class Position(NamedTuple):
    """A place in a space's journal: everything up to here was told, or passed over."""

    seq: int
    ordinal: int = WHOLE


class Progress(NamedTuple):
    """How far a webhook is, and how well it goes. `told_seq` is where its last delivery ended."""

    at: Position
    told_seq: int
    attempts: int = 0
    failing_since: datetime | None = None
    given_up: int = 0


class Verdict(Enum):
    """What becomes of a delivery that failed."""

    AGAIN = "again"
    GIVE_UP = "give up"
    STOP = "stop"


def require_kinds(kinds: Sequence[str]) -> None:
    for index, kind in enumerate(kinds):
        if kind not in KINDS:
            raise InvalidInput.of_field(f"kinds[{index}]", "is no kind of entity")


def require_room(count: int) -> None:
    if count >= WEBHOOKS_MAX:
        raise RuleBroken(
            ErrorReason.ERROR_REASON_TOO_MANY_WEBHOOKS,
            "The space has as many webhooks as it may have.",
            metadata={"limit": str(WEBHOOKS_MAX)},
        )


def require_reached(version: int, head: int) -> None:
    if version > head:
        raise InvalidInput.of_field("after_version", "is a version that the space has not reached")


def delivery_id_of(webhook_id: UUID, seq: int, ordinals: Sequence[int]) -> UUID:
    """The same changes of the same commit always have the same id; other changes, which another choice of kinds would give, another."""
    return uuid5(webhook_id, f"{seq}:{','.join(map(str, ordinals))}")


def stop_id_of(webhook_id: UUID, held: datetime) -> UUID:
    """Names the note that whoever held this lease could not go on."""
    return uuid5(webhook_id, f"stop:{held.isoformat()}")


def why_lost(role: Role.ValueType | None) -> WebhookProblem.ValueType:
    """Why a webhook's user may not look any more, by their role now. None: they are no member."""
    if role is None:
        return WebhookProblem.WEBHOOK_PROBLEM_ACCESS_LOST
    return NO_PROBLEM if role == Role.ROLE_OWNER else WebhookProblem.WEBHOOK_PROBLEM_ROLE_TOO_LOW


def delivered(progress: Progress, at: Position) -> Progress:
    return Progress(at, at.seq)


def passed_over(progress: Progress, at: Position) -> Progress:
    """There was nothing to tell up to there."""
    return progress._replace(at=at)


def failed(progress: Progress, now: datetime) -> Progress:
    since = progress.failing_since or now
    return progress._replace(attempts=progress.attempts + 1, failing_since=since)


def given_up(progress: Progress, at: Position) -> Progress:
    return Progress(at, at.seq, given_up=progress.given_up + 1)


def judge(progress: Progress, now: datetime) -> Verdict:
    """What becomes of the delivery whose last attempt failed just now."""
    assert progress.failing_since is not None, "it has failed"
    if now - progress.failing_since < GIVE_UP_AFTER:
        return Verdict.AGAIN
    return Verdict.GIVE_UP if progress.given_up + 1 < GIVEN_UP_MAX else Verdict.STOP


def pause_after(delivery_id: UUID, attempts: int) -> timedelta:
    """Twice as long after each attempt, and less by up to a half, so that those who failed together do not come back together. The same
    delivery always waits the same time."""
    full = min(PAUSE_FIRST * (1 << min(attempts - 1, 20)), PAUSE_MAX)
    drawn = int.from_bytes(hashlib.sha256(f"{delivery_id}:{attempts}".encode()).digest()[:4])
    return full * (1 - drawn / 2**33)
