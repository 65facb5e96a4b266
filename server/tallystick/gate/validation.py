"""Is the message well-formed? Shape is the contract's to say (protovalidate); arithmetic is a rule's."""

from typing import Any

from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from protovalidate import Validator

from tallystick import contract
from tallystick.errors import FieldViolation, InvalidInput, LimitReached
from tallystick.v1.error_reason_pb2 import ErrorReason

# grpc itself accepts more than this, so that it is we who refuse, with a reason that clients understand.
MESSAGE_BYTES_MAX = 4 * 1024 * 1024
WIRE_BYTES_MAX = 4 * MESSAGE_BYTES_MAX

_validator = Validator()


def warm() -> None:
    """Compiles the rules of every request, so that a rule that does not compile stops the start and not the first call."""
    for rpc in contract.rpcs().values():
        _validator.collect_violations(GetMessageClass(rpc.request_type)())


def parse(message_type: type[Message], wire: bytes) -> Message:
    """The request from its bytes. Done here and not by grpc, which would answer INTERNAL to what it cannot read."""
    if len(wire) > MESSAGE_BYTES_MAX:
        raise LimitReached(
            ErrorReason.ERROR_REASON_MESSAGE_TOO_LARGE,
            f"The message has more than {MESSAGE_BYTES_MAX} bytes.",
            metadata={"bytes_max": str(MESSAGE_BYTES_MAX)},
        )
    try:
        return message_type.FromString(wire)
    except DecodeError as unreadable:
        raise InvalidInput(ErrorReason.ERROR_REASON_MALFORMED_REQUEST, "The message cannot be read.") from unreadable


def validate(request: Message) -> None:
    violations = _validator.collect_violations(request)
    if violations:
        raise InvalidInput(
            ErrorReason.ERROR_REASON_INVALID_FIELD,
            "The request breaks the contract.",
            violations=[
                FieldViolation(_path_of(violation.proto), violation.proto.rule_id, violation.proto.message)
                for violation in violations
            ],
        )


def _path_of(violation: Any) -> str:
    """The field's path as clients write it, such as "book_ids[2]"."""
    elements = violation.field.elements if violation.field else ()
    return ".".join(e.field_name + (f"[{e.subscript.value}]" if e.subscript else "") for e in elements)
