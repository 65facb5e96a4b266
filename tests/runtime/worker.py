"""A small gRPC server to stand behind Envoy: WORKER PORT DESCRIPTORS [DIARY DSN]."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import psycopg
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from runtime.sample_contract import Contract

GRACE_S = 5.0
SLOW_S = 3.0


def write_diary(diary: str, line: str) -> None:
    with Path(diary).open("a") as file:
        file.write(line + "\n")


def compose_handlers(contract: Contract, port: int) -> grpc.GenericRpcHandler:
    async def echo(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        sent = dict(context.invocation_metadata() or ())
        if request.text == "slow":
            await asyncio.sleep(SLOW_S)
        if request.text == "missing":
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such thing")
        return contract.message("EchoResponse")(
            text=request.text or request.name, forwarded_for=str(sent.get("x-forwarded-for", "")), worker=port
        )

    async def count(request: Any, _: object) -> AsyncIterator[Any]:
        for number in range(1, request.until + 1):
            await asyncio.sleep(request.pause_ms / 1000)
            yield contract.message("CountResponse")(number=number)

    handlers = {
        "Echo": contract.handler(grpc.unary_unary_rpc_method_handler, echo, "EchoRequest"),
        "Count": contract.handler(grpc.unary_stream_rpc_method_handler, count, "CountRequest"),
    }
    return grpc.method_handlers_generic_handler("sample.v1.EchoService", handlers)


async def serve(port: int, descriptors: Path, diary: str | None, dsn: str | None) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.add_generic_rpc_handlers((compose_handlers(Contract(descriptors), port),))
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    await server.start()
    if diary:
        write_diary(diary, "worker started")
    await servicer.set("", health_pb2.HealthCheckResponse.SERVING)
    await stop.wait()
    await servicer.enter_graceful_shutdown()
    await server.stop(GRACE_S)
    if diary and dsn:
        with psycopg.connect(dsn) as connection:
            connection.execute("SELECT 1")
        write_diary(diary, "worker stopped, database still there")


asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), *(sys.argv[3:5] if len(sys.argv) > 3 else (None, None))))
