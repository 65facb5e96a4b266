"""What is a server that answers as a test says? One grpc server, whose every call takes the next answer of a script."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status


@dataclass(frozen=True)
class Failure:
    """How a call fails."""

    code: grpc.StatusCode
    reason: str = ""
    retry_after_ms: int | None = None
    domain: str = "tallystick"
    metadata: dict[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()


@dataclass
class Script:
    """What the server answers, call by call, and what it was asked."""

    # A stream may say several: a list, which lasts until its reader ends it if it ends with an ellipsis.
    answers: list[Any]
    # The method, the request's bytes, and the token.
    asked: list[tuple[str, bytes, str]] = field(default_factory=list)
    timeouts: list[float | None] = field(default_factory=list)


def _status_of(failure: Failure) -> Any:
    details: list[Message] = []
    if failure.reason:
        details.append(ErrorInfo(reason=failure.reason, domain=failure.domain, metadata=failure.metadata))
    if failure.retry_after_ms is not None:
        delay = Duration()
        delay.FromMilliseconds(failure.retry_after_ms)
        details.append(RetryInfo(retry_delay=delay))
    if failure.fields:
        violations = [
            BadRequest.FieldViolation(field=name, reason="rule", description="why") for name in failure.fields
        ]
        details.append(BadRequest(field_violations=violations))
    packed = [AnyMessage() for _ in details]
    for box, detail in zip(packed, details, strict=True):
        box.Pack(detail)
    return rpc_status.to_status(Status(code=failure.code.value[0], message="no", details=packed))


class _Handler(grpc.GenericRpcHandler):
    def __init__(self, script: Script) -> None:
        self._script = script

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        method = handler_call_details.method
        metadata = dict(handler_call_details.invocation_metadata)
        make: Callable[..., Any] = (
            grpc.unary_stream_rpc_method_handler
            if method.rpartition("/")[2] in {"Pull", "Watch"}
            else grpc.unary_unary_rpc_method_handler
        )

        def answer(request: bytes, context: grpc.ServicerContext) -> Any:
            self._script.asked.append((method, request, str(metadata.get("authorization", ""))))
            self._script.timeouts.append(context.time_remaining())
            return say(self._script.answers.pop(0), context)

        def say(step: Any, context: grpc.ServicerContext) -> Any:
            if isinstance(step, Failure):
                context.abort_with_status(_status_of(step))
            return step if isinstance(step, list) else step.SerializeToString()

        def stream(request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
            steps = answer(request, context)
            for step in steps if isinstance(steps, list) else [steps]:
                if step is ...:
                    ended = Event()
                    if context.add_callback(ended.set):
                        ended.wait()
                else:
                    yield step if isinstance(step, bytes) else say(step, context)

        handler: grpc.RpcMethodHandler[bytes, bytes] = make(stream if "stream" in make.__name__ else answer)
        return handler


@contextmanager
def serving(script: Script) -> Iterator[str]:
    """The server's address."""
    with ThreadPoolExecutor(4) as pool:
        server = grpc.server(pool, handlers=[_Handler(script)])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield f"127.0.0.1:{port}"
        server.stop(None).wait()
