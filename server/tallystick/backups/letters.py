"""What is the operator told of backups? That something is wrong, once a day for each cause, and once that all is well again. Pure.

A mail names the target, the cause and what helps. It holds nothing that people wrote.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tallystick.backups.rules import Standing


class Cause(StrEnum):
    """What may be wrong with the backups of a target."""

    FAILED = "failed"
    STALE = "stale"
    UNPROVEN = "unproven"
    SHRANK = "shrank"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong at this moment."""

    cause: Cause
    told: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail without its address."""

    subject: str
    body: str


def list_troubles(standing: Standing) -> list[Trouble]:
    found = []
    if standing.last_failure:
        reason = standing.last_failure.reason or "failed"
        found.append(Trouble(Cause.FAILED, f"The newest backup failed ({reason})."))
    if standing.is_stale and standing.has_begun:
        made = standing.last_verified
        age = f"is of {made.started_at.isoformat(timespec='minutes')}" if made else "does not exist"
        found.append(Trouble(Cause.STALE, f"The newest backup that could be read back {age}."))
    if standing.is_unproven:
        found.append(Trouble(Cause.UNPROVEN, "None of the last eight days was proven by restoring it."))
    if standing.last_verified and standing.last_verified.shrunk:
        tables = ", ".join(standing.last_verified.shrunk)
        found.append(
            Trouble(Cause.SHRANK, f"More than half of the rows are gone since the backup before, of: {tables}.")
        )
    return found


def compose_trouble(target: str, troubles: Sequence[Trouble]) -> Letter:
    told = "\n".join(f"- {trouble.told}" for trouble in troubles)
    return Letter(
        f"Backups need you: {target}",
        f"Of the backups of this Tallystick server to {target}:\n\n{told}\n\n"
        "Older backups stay where they are. What each reason means, and what helps, is in the server's docs, under backups; the log "
        "has more.\nYou are told of each cause once a day, and when all is well again.\n",
    )


def compose_well(target: str) -> Letter:
    return Letter(
        f"Backups are well again: {target}",
        f"The newest backup of this Tallystick server to {target} was read back, and nothing is wrong with it any more.\n",
    )
