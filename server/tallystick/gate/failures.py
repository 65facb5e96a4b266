"""Which status does a failure become? The only file that knows `grpc.StatusCode`."""

import asyncio
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from tallystick import errors
from tallystick.v1.error_reason_pb2 import ErrorReason

DOMAIN = "tallystick"

# In this order: when several families apply, the first that fits wins.
_CODES: tuple[tuple[type[errors.TallystickError], grpc.StatusCode], ...] = (
    (errors.InvalidInput, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.NotSignedIn, grpc.StatusCode.UNAUTHENTICATED),
    (errors.NotVisible, grpc.StatusCode.NOT_FOUND),
    (errors.NotAllowed, grpc.StatusCode.PERMISSION_DENIED),
    (errors.RuleBroken, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.Stale, grpc.StatusCode.ABORTED),
    (errors.Duplicate, grpc.StatusCode.ALREADY_EXISTS),
    (errors.LimitReached, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (errors.Unavailable, grpc.StatusCode.UNAVAILABLE),
    (errors.TookTooLong, grpc.StatusCode.DEADLINE_EXCEEDED),
)
OK = grpc.StatusCode.OK.name
CANCELLED = grpc.StatusCode.CANCELLED.name
UNKNOWN = grpc.StatusCode.UNKNOWN.name
CODE_NAMES = tuple(code.name for code in grpc.StatusCode)


class Failure:
    """A failed call: what the client gets, and what our own log may know besides."""

    def __init__(self, error: Exception, call_id: str) -> None:
        self.error = error
        self.ours = _ours(error)
        self.is_fault = self.ours is None
        self.code = _code_of(self.ours)
        self._call_id = call_id

    @property
    def reason(self) -> str:
        return self.ours.reason_name if self.ours else _name(ErrorReason.ERROR_REASON_INTERNAL)

    def to_status(self) -> grpc.Status:
        """The status as it travels, with its reason and details."""
        if self.ours is None:
            message = f"Something went wrong. The operator finds it under {self._call_id}."
            return _status(self.code, message, [_info(self.reason, {"call_id": self._call_id})])
        details: list[Message] = [_info(self.reason, self.ours.metadata)]
        if self.ours.violations:
            details.append(_bad_request(self.ours))
        if self.ours.retry_after_s is not None:
            details.append(_retry_info(self.ours.retry_after_s))
        return _status(self.code, self.ours.message, details)


def _ours(error: Exception) -> errors.TallystickError | None:
    if isinstance(error, errors.TallystickError):
        return error
    if isinstance(error, asyncio.TimeoutError):
        return errors.TookTooLong()
    return None


def _code_of(error: errors.TallystickError | None) -> grpc.StatusCode:
    return next((code for family, code in _CODES if isinstance(error, family)), grpc.StatusCode.INTERNAL)


def _status(code: grpc.StatusCode, message: str, details: list[Message]) -> grpc.Status:
    number: int = code.value[0]
    status = status_pb2.Status(code=number, message=message)
    for detail in details:
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)
    made: grpc.Status = rpc_status.to_status(status)
    return made


def _info(reason: str, metadata: dict[str, str]) -> Any:
    return error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata)


def _bad_request(error: errors.TallystickError) -> Any:
    bad_request = error_details_pb2.BadRequest()
    for violation in error.violations:
        bad_request.field_violations.add(
            field=violation.field, description=violation.description, reason=violation.rule
        )
    return bad_request


def _retry_info(delay_s: float) -> Any:
    retry = error_details_pb2.RetryInfo()
    retry.retry_delay.FromNanoseconds(int(delay_s * 1e9))
    return retry


def _name(reason: ErrorReason.ValueType) -> str:
    return ErrorReason.Name(reason).removeprefix("ERROR_REASON_")
