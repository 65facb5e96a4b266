"""How do tests put a handler of their own behind the real gate? Under the path of a public call of the contract."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
from prometheus_client import CollectorRegistry

from tallystick.caller import Caller
from tallystick.clock import Clock
from tallystick.gate.authentication import Addresses
from tallystick.gate.calls import Calls
from tallystick.gate.chain import Gate
from tallystick.gate.limits import Quota
from tallystick.gate.observation import Observation
from tallystick.listen import SERVER_OPTIONS
from tallystick.v1.status_service_pb2 import GetHealthRequest, GetHealthResponse

SERVICE, METHOD = "tallystick.v1.StatusService", "GetHealth"


class Guarded:
    """A running server with one handler behind a gate, and what the gate saw."""

    def __init__(self, server: grpc.aio.Server, port: int, registry: CollectorRegistry, calls: Calls) -> None:
        self.server = server
        self.port = port
        self.registry = registry
        self.calls = calls

    def handled(self, code: str) -> float:
        """How many calls ended with this code, as Prometheus reads it."""
        for kind in ("unary", "server_stream"):
            labels = {"grpc_type": kind, "grpc_service": SERVICE, "grpc_method": METHOD, "grpc_code": code}
            value = self.registry.get_sample_value("grpc_server_handled_total", labels)
            if value is not None:
                return value
        return 0.0


class Nobody:
    """Credentials that belong to nobody: the calls of these tests are public."""

    async def caller_of(self, bearer: str, address: str) -> Caller:
        raise AssertionError("a public call must not look at credentials")


async def _no_exchange(hour: Any, used: Any) -> dict[Any, int]:
    return {}


@asynccontextmanager
async def guarded(
    handler: Callable[..., Any], *, streams: bool = False, deadline_s: float = 30.0
) -> AsyncIterator[Guarded]:
    registry, calls = CollectorRegistry(), Calls()
    gate = Gate(
        Observation(registry, logs_messages=False),
        Addresses(("127.0.0.0/8",)),
        Nobody(),
        Quota(1000, Clock(), _no_exchange),
        calls,
        deadline_s=deadline_s,
    )
    server = grpc.aio.server(interceptors=(gate,), options=SERVER_OPTIONS)
    make = grpc.unary_stream_rpc_method_handler if streams else grpc.unary_unary_rpc_method_handler
    method = make(
        handler,
        request_deserializer=GetHealthRequest.FromString,
        response_serializer=GetHealthResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {METHOD: method}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield Guarded(server, port, registry, calls)
    finally:
        await server.stop(0)
        await calls.wait_idle(5.0)


def unary(channel: grpc.aio.Channel, path: str = f"/{SERVICE}/{METHOD}") -> Any:
    return channel.unary_unary(
        path, request_serializer=GetHealthRequest.SerializeToString, response_deserializer=GetHealthResponse.FromString
    )


def stream(channel: grpc.aio.Channel) -> Any:
    return channel.unary_stream(
        f"/{SERVICE}/{METHOD}",
        request_serializer=GetHealthRequest.SerializeToString,
        response_deserializer=GetHealthResponse.FromString,
    )
