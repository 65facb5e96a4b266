"""What can go wrong, in our words?

TallystickError
├── InvalidInput      the request is wrong whatever the state; names the fields
├── NotSignedIn       no, or no valid, credentials
├── NotVisible        it does not exist, or the caller may not know of it
├── NotAllowed        the role or scope is too narrow
├── RuleBroken        the state forbids it
├── Stale             it changed meanwhile in what this touches
├── Duplicate         it exists already
├── LimitReached      wait, then try again
├── Unavailable       a part of the server is away; repeat with the same request_id
└── TookTooLong       the deadline passed; repeat with the same request_id

Each carries a reason from the contract, which is all that clients may branch on. gate/failures.py turns them into statuses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tallystick.v1.error_reason_pb2 import ErrorReason


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One field that is wrong: its path in the request, the rule it breaks, and a sentence for people."""

    field: str
    rule: str
    description: str


class TallystickError(Exception):
    """A failure that is part of the contract. Never carries anything that the caller may not see."""

    def __init__(
        self,
        reason: ErrorReason.ValueType,
        message: str,
        *,
        metadata: Mapping[str, str] | None = None,
        violations: Sequence[FieldViolation] = (),
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata or {})
        self.violations = tuple(violations)
        self.retry_after_s = retry_after_s

    @property
    def reason_name(self) -> str:
        return ErrorReason.Name(self.reason).removeprefix("ERROR_REASON_")


class InvalidInput(TallystickError):
    """Wrong whatever the state."""

    @classmethod
    def of_field(
        cls, field: str, description: str, reason: ErrorReason.ValueType = ErrorReason.ERROR_REASON_INVALID_FIELD
    ) -> "InvalidInput":
        rule = ErrorReason.Name(reason).removeprefix("ERROR_REASON_").lower()
        return cls(reason, f"{field}: {description}", violations=[FieldViolation(field, rule, description)])


class NotSignedIn(TallystickError):
    """No valid credentials."""


class NotVisible(TallystickError):
    """Does not exist, or the caller may not know of it: one message for both, so that nobody can tell them apart."""

    def __init__(self) -> None:
        super().__init__(ErrorReason.ERROR_REASON_NOT_FOUND, "Not found.")


class NotAllowed(TallystickError):
    """The caller is known, and may not."""


class RuleBroken(TallystickError):
    """The state forbids it."""


class Stale(TallystickError):
    """It changed since base_version in the fields that this touches."""

    def __init__(self, *, current_version: int) -> None:
        super().__init__(
            ErrorReason.ERROR_REASON_STALE_VERSION,
            "It was changed meanwhile.",
            metadata={"current_version": str(current_version)},
        )


class Duplicate(TallystickError):
    """It exists already."""


class LimitReached(TallystickError):
    """Too much, too often; carries when to try again."""


class Unavailable(TallystickError):
    """A part of the server is away."""


class TookTooLong(TallystickError):
    """The call's deadline passed."""

    def __init__(self) -> None:
        super().__init__(ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED, "The call took longer than its deadline.")
