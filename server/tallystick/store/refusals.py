"""How does the store refuse a request, whatever it is about?"""

from tallystick.errors import InvalidInput, NotAllowed, RuleBroken
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.role_pb2 import Role


def request_id_reused() -> InvalidInput:
    return InvalidInput.of_field(
        "request_id", "was used before with other contents", ErrorReason.ERROR_REASON_REQUEST_ID_REUSED
    )


def in_conflict(conflict_id: str) -> RuleBroken:
    return RuleBroken(
        ErrorReason.ERROR_REASON_IN_CONFLICT,
        "The request met another change when it was pushed. Resolve the conflict.",
        metadata={"conflict_id": conflict_id},
    )


def require_role(role: Role.ValueType, least: Role.ValueType) -> None:
    if role < least:
        raise NotAllowed(
            ErrorReason.ERROR_REASON_ROLE_TOO_LOW,
            "Your role in this space does not allow it.",
            metadata={"role": Role.Name(role), "needed": Role.Name(least)},
        )
