"""How does a device of another language come onto the simulated network? By a server in this process that passes its calls on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace, TracebackType
from typing import Any, NoReturn, Self

import grpc

from sync.simulation.network import Wire
from tallystick_client.v1 import sync_service_pb2 as sync

SERVICE = "tallystick.v1.SyncService"
STOP_S = 5.0


class Relay:
    """For one device. What becomes of its calls is up to the wire that it has just then."""

    def __init__(self) -> None:
        self.wire: Wire | None = None
        self._server = grpc.server(ThreadPoolExecutor(4))
        handlers = {
            "Pull": grpc.unary_stream_rpc_method_handler(
                self._stream, sync.PullRequest.FromString, sync.PullResponse.SerializeToString
            ),
            "Push": _unary(self._call("Push"), sync.PushRequest, sync.PushResponse),
            "GetSyncStatus": _unary(self._call("GetSyncStatus"), sync.GetSyncStatusRequest, sync.GetSyncStatusResponse),
        }
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop(None).wait(STOP_S)

    def _call(self, name: str) -> Any:
        def call(request: Any, context: grpc.ServicerContext) -> Any:
            assert self.wire is not None
            answer = self.wire.network.intercept_unary_unary(None, _details(name, context), request)
            failed = answer.exception()
            if failed is not None:
                _fail(failed, context)
            return answer.result()

        return call

    def _stream(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        assert self.wire is not None
        try:
            yield from self.wire.network.intercept_unary_stream(None, _details("Pull", context), request)
        except grpc.RpcError as failed:
            _fail(failed, context)


def _unary(call: Any, asks: Any, answers: Any) -> Any:
    return grpc.unary_unary_rpc_method_handler(call, asks.FromString, answers.SerializeToString)


def _details(name: str, context: grpc.ServicerContext) -> Any:
    carried = [(key, value) for key, value in context.invocation_metadata() if key == "authorization"]
    return SimpleNamespace(method=f"/{SERVICE}/{name}", timeout=context.time_remaining(), metadata=carried)


def _fail(failed: Any, context: grpc.ServicerContext) -> NoReturn:
    # Its reason travels in the trailers.
    context.set_trailing_metadata(tuple(failed.trailing_metadata() or ()))
    context.abort(failed.code(), failed.details())
    raise AssertionError("a call that has ended goes on")
