"""What is a mutation before the space is asked, and which ones stand in another's way?"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from tallystick import contract
from tallystick.caller import Caller
from tallystick.errors import InvalidInput, NotAllowed, TallystickError
from tallystick.store.command import Command
from tallystick.store.refusals import require_role
from tallystick.sync.registry import Registry, Subject, space_of, subject_of
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.options_pb2 import CallerLevel
from tallystick.v1.role_pb2 import Role
from tallystick.v1.sync_mutation_pb2 import Mutation
from tallystick.v1.sync_pb2 import MutationResult, Outcome

_REFUSED = (Outcome.OUTCOME_REJECTED, Outcome.OUTCOME_BLOCKED_BY)

Validate = Callable[[Message], None]


@dataclass(frozen=True, slots=True)
class Pushed:
    """A well-formed mutation."""

    mutation: Mutation
    command: Command
    request: Any
    request_id: UUID
    subject: Subject
    seen: frozenset[UUID]

    @property
    def base_version(self) -> int | None:
        return self.mutation.base_version if self.mutation.HasField("base_version") else None

    def has_seen(self, request_id: UUID) -> bool:
        return request_id in self.seen

    def require_allowed(self, caller: Caller, role: Role.ValueType) -> None:
        """What the command's own call asks of its caller."""
        access = contract.access_of(self.request)
        if caller.key_limits is not None and access.caller != CallerLevel.CALLER_LEVEL_SIGNED_IN:
            raise NotAllowed(ErrorReason.ERROR_REASON_SCOPE_TOO_NARROW, "The access key does not cover this command.")
        require_role(role, access.role)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A mutation that nobody can do, whatever the state."""

    request_id: str
    subject: Subject
    problem: TallystickError


def read_mutation(
    registry: Registry, validate: Validate, caller: Caller, space_id: UUID, mutation: Mutation
) -> Pushed | Malformed:
    chosen = mutation.WhichOneof("command")
    if chosen is None:
        nothing = InvalidInput.of_field("command", "must be one that this server knows")
        return Malformed("", Subject(False, False, frozenset(), frozenset()), nothing)
    request = getattr(mutation, chosen)
    command = registry.command_of(request)
    subject = subject_of(command, request)
    try:
        validate(mutation)
        if UUID(space_of(request, caller.home_id)) != space_id:
            raise InvalidInput.of_field(chosen, "is of another space", ErrorReason.ERROR_REASON_OTHER_SPACE)
    except TallystickError as problem:
        return Malformed(request.request_id, subject, problem)
    seen = frozenset(map(UUID, mutation.seen_request_ids))
    return Pushed(mutation, command, request, UUID(request.request_id), subject, seen)


@dataclass(slots=True)
class Refused:
    """What was refused so far in an outbox, and what must not be tried because of it."""

    # What a refused command would have made, or would have changed, and the command's request_id.
    _made: dict[str, str] = field(default_factory=dict)
    _changed: dict[str, str] = field(default_factory=dict)

    def copy(self) -> "Refused":
        return Refused(dict(self._made), dict(self._changed))

    def note(self, mutation: Pushed | Malformed, result: MutationResult) -> None:
        if result.outcome not in _REFUSED:
            return
        for each_id in mutation.subject.ids:
            self._changed.setdefault(each_id, result.request_id)
            if mutation.subject.is_new:
                self._made.setdefault(each_id, result.request_id)

    def find_blocker(self, subject: Subject) -> str:
        """The request_id of what stands in the way. Empty: nothing does."""
        needed = (self._made[each_id] for each_id in sorted(subject.mentioned) if each_id in self._made)
        same = (self._changed[each_id] for each_id in sorted(subject.ids) if each_id in self._changed)
        return next(needed, "") or next(same, "")
