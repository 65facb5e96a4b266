"""What is the same for every call? It carries the caller's token, ends in time, is repeated where that is safe, and fails with a reason."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol, TypeVar

import grpc
from google.protobuf.message import Message

from tallystick_client.errors import Unauthenticated, error_of
from tallystick_client.retrying import Retries
from tallystick_client.v1 import (
    auth_service_pb2,
    ledger_service_pb2,
    options_pb2,
    space_service_pb2,
    status_service_pb2,
    sync_service_pb2,
)

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)
Metadata = tuple[tuple[str, str | bytes], ...]

AUTHORIZATION = "authorization"
INVALID_TOKEN = "INVALID_TOKEN"  # noqa: S105 - a reason
_SERVICES = (auth_service_pb2, ledger_service_pb2, space_service_pb2, status_service_pb2, sync_service_pb2)
# Calls that nobody needs to be signed in for carry no token: one that has ended would only be in their way.
_PUBLIC = frozenset(
    f"/{service.full_name}/{method.name}"
    for module in _SERVICES
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
    if method.GetOptions().Extensions[options_pb2.access].caller == options_pb2.CallerLevel.CALLER_LEVEL_PUBLIC
)


class Caller(Protocol):
    """Where tokens come from."""

    def access_token(self) -> str:
        """The token to call with; empty for nobody."""

    def refresh(self, rejected: str) -> str:
        """Another token than this one."""


class Details(NamedTuple):
    """How a call is made. grpc asks interceptors for an object of their own with these attributes."""

    method: str
    timeout: float | None
    metadata: Metadata | None
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None
    compression: grpc.Compression | None


def call_plainly(
    call: Callable[..., Response], request: Message, retries: Retries, timeout_s: float, metadata: Metadata = ()
) -> Response:
    """A call outside of the interceptors, repeated like any other."""

    def attempt(left_s: float) -> Response:
        try:
            return call(request, timeout=left_s, metadata=metadata)
        except grpc.RpcError as failed:
            raise error_of(failed) from failed

    return retries.run(attempt, timeout_s)


class Calls(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Stands between stubs and the channel."""

    def __init__(self, caller: Caller, retries: Retries, timeout_s: float) -> None:
        self._caller = caller
        self._retries = retries
        self._timeout_s = timeout_s

    def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        timeout_s = client_call_details.timeout or self._timeout_s

        def attempt(left_s: float) -> Any:
            def call(metadata: Metadata) -> Any:
                outcome = continuation(_with(client_call_details, metadata, left_s), request)
                failed = outcome.exception()
                if isinstance(failed, grpc.RpcError):
                    raise error_of(failed) from failed
                return outcome

            return self._signed(client_call_details, call)

        return self._retries.run(attempt, timeout_s)

    def intercept_unary_stream(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        """A stream has no time limit of ours, and is repeated only by whoever knows where to go on from."""
        given: Metadata = tuple(client_call_details.metadata or ())

        def open_stream(metadata: Metadata) -> Any:
            return continuation(_with(client_call_details, metadata, client_call_details.timeout), request)

        if _is_signed_otherwise(client_call_details, given):
            return Stream(open_stream(given))
        token = self._caller.access_token()
        return Stream(
            open_stream(_sign(given, token)),
            lambda: open_stream(_sign(given, self._caller.refresh(token))),
        )

    def _signed(self, details: Any, call: Callable[[Metadata], Any]) -> Any:
        given: Metadata = tuple(details.metadata or ())
        if _is_signed_otherwise(details, given):
            return call(given)
        token = self._caller.access_token()
        try:
            return call(_sign(given, token))
        except Unauthenticated as error:
            if error.reason != INVALID_TOKEN:
                raise
            fresh = self._caller.refresh(token)
        return call(_sign(given, fresh))


class Stream:
    """A stream of answers whose failures have reasons. One that is refused for its token is opened once more."""

    def __init__(self, call: Any, open_again: Callable[[], Any] | None = None) -> None:
        self._call = call
        self._open_again = open_again

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            answer = next(self._call)
        except grpc.RpcError as failed:
            error = error_of(failed)
            if self._open_again is None or error.reason != INVALID_TOKEN:
                raise error from failed
            self._call, self._open_again = self._open_again(), None
            return next(self)
        # What has begun is gone on with elsewhere.
        self._open_again = None
        return answer

    def cancel(self) -> None:
        """Ends it from here."""
        self._call.cancel()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)


def _is_signed_otherwise(details: Any, given: Metadata) -> bool:
    return details.method in _PUBLIC or any(name == AUTHORIZATION for name, _ in given)


def _sign(given: Metadata, token: str) -> Metadata:
    return (*given, (AUTHORIZATION, f"Bearer {token}")) if token else given


def _with(details: Any, metadata: Metadata, timeout_s: float | None) -> Details:
    return Details(
        details.method,
        timeout_s,
        metadata,
        details.credentials,
        getattr(details, "wait_for_ready", None),
        getattr(details, "compression", None),
    )
