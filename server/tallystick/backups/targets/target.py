"""What is a place for archives held to? To say that it has one only when it has all of it, and to say why not in a word.

Whoever makes backups knows this page alone. What a target is given is ciphertext, and what it is told about it is little and no secret.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

# Archives of one run have the same. A target that is asked to store one of a run that it has already makes no second.
RUN_LABEL = "run_id"
# What fits where Drive keeps labels: key and value together, in UTF-8.
LABEL_BYTES_MAX = 124
LABELS_MAX = 20


@dataclass(frozen=True, slots=True)
class Stored:
    """An archive at a target."""

    id: str  # what the target calls it
    name: str  # the file's name
    size_bytes: int
    sha256: bytes | None  # None where a target cannot tell
    created_at: datetime
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SpooledArchive:
    """A finished archive as a file of this machine. Ciphertext only."""

    path: Path
    size_bytes: int
    sha256: bytes


class TargetReason(StrEnum):
    """Why it did not work."""

    # A person must connect the target again: the permission ended, was taken back, or never was enough.
    REAUTH_REQUIRED = "reauth_required"
    # No room. Nothing that is repeated helps.
    FULL = "full"
    # Too much was asked of it lately.
    RATE_LIMITED = "rate_limited"
    # It did not answer, or not as it should, however often it was asked.
    UNREACHABLE = "unreachable"
    # It answered, and will not: settings or permissions are wrong.
    REFUSED = "refused"
    # What was asked for is not there.
    GONE = "gone"
    # What it holds is not what it was given.
    DAMAGED = "damaged"


class TargetFailed(Exception):
    """A target did not do it. The text is for people, says what to do, and holds no secret and no name of a file."""

    def __init__(self, reason: TargetReason, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retry_after = retry_after


class Target(Protocol):
    """A place for archives. Every method raises TargetFailed and nothing else, if it is called as it should be."""

    async def store(self, name: str, labels: Mapping[str, str], source: SpooledArchive) -> Stored:
        """Returns when all of it is there and was compared. A repeat for the same run makes no second one; what a failure leaves is not
        seen by the other methods."""
        ...

    async def find(self, labels: Mapping[str, str]) -> Stored | None:
        """The newest that has all of these labels."""
        ...

    def list(self, labels: Mapping[str, str]) -> AsyncIterator[Stored]:
        """Those that have all of these labels, the newest first."""
        ...

    def read(self, stored_id: str) -> AsyncIterator[bytes]:
        """All of it, in pieces. It was compared only when the last piece has come: DAMAGED may follow after any of them."""
        ...

    async def delete(self, stored_id: str) -> None:
        """For good. What is not there is deleted."""
        ...

    async def check(self) -> None:
        """Can it be reached, written to, and cleared again?"""
        ...


class Progress(Protocol):
    """What a target remembers from one process to the next, by key. Texts are to be kept sealed: who has one may be able to write to the
    target. A target that forgets does its work again, and still makes nothing twice."""

    async def load(self, key: str) -> str | None: ...

    async def save(self, key: str, text: str) -> None: ...

    async def clear(self, key: str) -> None: ...


def require_labels(labels: Mapping[str, str]) -> None:
    """Labels that every target can keep. Others are a mistake of the program, not of a person."""
    if len(labels) > LABELS_MAX or any(
        len(f"{key}{value}".encode()) > LABEL_BYTES_MAX for key, value in labels.items()
    ):
        raise ValueError(f"Labels are at most {LABELS_MAX}, each of {LABEL_BYTES_MAX} bytes with its key.")


def has_labels(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in wanted.items())
