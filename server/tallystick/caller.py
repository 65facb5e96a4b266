"""Who is calling? Set by the gate for the length of a call, read by every service."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tallystick.v1.identity_pb2 import AccessKeyScope


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What an access key narrows its owner to."""

    book_ids: frozenset[UUID]
    scope: AccessKeyScope.ValueType


@dataclass(frozen=True, slots=True)
class Caller:
    """The user behind a call, the session it came through, and the address it came from."""

    user_id: UUID
    home_id: UUID
    session_id: UUID | None
    address: str
    key_limits: KeyLimits | None = None
    key_id: UUID | None = None
    # When the token or key that came with the call ends. Only a call that outlasts it needs to know.
    expires_at: datetime | None = None

    def may_reach(self, space_id: UUID) -> bool:
        return self.key_limits is None or space_id in self.key_limits.book_ids


current_caller: ContextVar[Caller] = ContextVar("current_caller")
current_address: ContextVar[str] = ContextVar("current_address")


def caller() -> Caller:
    """The signed-in caller. Only for calls whose access options require one: the gate has refused the others."""
    return current_caller.get()


def address() -> str:
    """The address of whoever calls, signed in or not."""
    return current_address.get()
