"""Why did a call fail? Each family of failures has a class, and each failure a reason. Messages may change, reasons do not.

TallystickError
  InvalidArgument     the request breaks a rule: `violations` names the fields
  Unauthenticated     nobody is signed in, or not with this
  PermissionDenied    the caller's role is too low
  NotFound            it is not there, or was never the caller's to see
  AlreadyExists       the id is taken
  FailedPrecondition  the state of things does not allow it
  Aborted             it was changed meanwhile
  ResourceExhausted   too much or too often: `retry_after_s` may say until when
  Unavailable         nobody answers: the same call may be repeated
  DeadlineExceeded    no answer in time: the same call may be repeated
  Internal            a fault of the server
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from grpc_status import rpc_status

_DOMAIN = "tallystick"
_NANOS = 1_000_000_000


class FieldViolation(NamedTuple):
    """A field that breaks the contract."""

    # The path of the field in the request, such as `amount.minor`.
    field: str
    # The rule it breaks, such as `string.uuid`.
    rule: str
    # What is wrong, for developers.
    description: str


class TallystickError(Exception):
    """A call that failed."""

    code = grpc.StatusCode.UNKNOWN

    def __init__(
        self,
        message: str = "",
        *,
        reason: str | None = None,
        metadata: Mapping[str, str] | None = None,
        violations: tuple[FieldViolation, ...] = (),
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(f"{reason}: {message}" if reason else message)
        # Why, as `ErrorReason` names it without its prefix. None when no server of ours said it, such as a lost connection.
        self.reason = reason
        # Facts beside the reason.
        self.metadata: Mapping[str, str] = metadata or {}
        # Which fields break the contract, when some do.
        self.violations = violations
        # How long to wait before the next try, when the server says so.
        self.retry_after_s = retry_after_s

    @property
    def may_repeat(self) -> bool:
        """Whether the same call, with the same request id, may succeed later: nobody knows yet whether it happened."""
        return isinstance(self, Unavailable | DeadlineExceeded) or self.retry_after_s is not None


class InvalidArgument(TallystickError):
    code = grpc.StatusCode.INVALID_ARGUMENT


class Unauthenticated(TallystickError):
    code = grpc.StatusCode.UNAUTHENTICATED


class PermissionDenied(TallystickError):
    code = grpc.StatusCode.PERMISSION_DENIED


class NotFound(TallystickError):
    code = grpc.StatusCode.NOT_FOUND


class AlreadyExists(TallystickError):
    code = grpc.StatusCode.ALREADY_EXISTS


class FailedPrecondition(TallystickError):
    code = grpc.StatusCode.FAILED_PRECONDITION


class Aborted(TallystickError):
    code = grpc.StatusCode.ABORTED


class ResourceExhausted(TallystickError):
    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class Unavailable(TallystickError):
    code = grpc.StatusCode.UNAVAILABLE


class DeadlineExceeded(TallystickError):
    code = grpc.StatusCode.DEADLINE_EXCEEDED


class Internal(TallystickError):
    code = grpc.StatusCode.INTERNAL


_FAMILIES: dict[grpc.StatusCode, type[TallystickError]] = {
    family.code: family for family in TallystickError.__subclasses__()
}


def error_of(error: grpc.RpcError) -> TallystickError:
    """Reads a failed call."""
    # What grpc raises is the error and the call at once; its types say so nowhere.
    failed: Any = error
    info, bad, retry = ErrorInfo(), BadRequest(), RetryInfo()
    read = _read_details(failed, (info, bad, retry))
    is_ours = info in read and info.domain == _DOMAIN
    return _FAMILIES.get(failed.code(), TallystickError)(
        failed.details() or failed.code().name,
        reason=info.reason if is_ours else None,
        metadata=dict(info.metadata) if is_ours else None,
        violations=tuple(FieldViolation(each.field, each.reason, each.description) for each in bad.field_violations),
        retry_after_s=retry.retry_delay.ToNanoseconds() / _NANOS if retry in read else None,
    )


def _read_details(failed: Any, wanted: tuple[Message, ...]) -> list[Message]:
    """Those of the wanted messages that the call's status holds, filled in."""
    try:
        status = rpc_status.from_call(failed)
    except ValueError:  # The trailers contradict the status: a proxy on the way has answered instead.
        return []
    details = status.details if status else ()
    return [message for message in wanted if any(detail.Unpack(message) for detail in details)]
