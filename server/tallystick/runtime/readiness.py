"""Whether a program that we started already serves."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2

PROBE_TIMEOUT_S = 2.0
HTTP_OK = 200


def compose_grpc_readiness(address: str) -> Callable[[], Awaitable[bool]]:
    """Ready when `grpc.health.v1` says SERVING for the whole process, over plaintext on loopback."""

    async def ready() -> bool:
        async with grpc.aio.insecure_channel(address) as channel:
            check = channel.unary_unary(
                "/grpc.health.v1.Health/Check",
                request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
                response_deserializer=health_pb2.HealthCheckResponse.FromString,
            )
            try:
                answer = await check(health_pb2.HealthCheckRequest(), timeout=PROBE_TIMEOUT_S)
            except grpc.aio.AioRpcError:
                return False
            return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    return ready


def compose_http_readiness(admin: Path | int, path: str) -> Callable[[], Awaitable[bool]]:
    """Ready when the path answers 200 on a Unix socket or a loopback port."""

    async def ready() -> bool:
        try:
            status, _ = await http_request(admin, "GET", path)
        except (OSError, HTTPException):
            return False
        return status == HTTP_OK

    return ready


async def http_request(server: Path | int, method: str, path: str) -> tuple[int, str]:
    """One small exchange with a Unix socket or a loopback port: the status and the body."""
    return await asyncio.to_thread(_exchange, server, method, path)


def _exchange(server: Path | int, method: str, path: str) -> tuple[int, str]:
    connection = _UnixConnection(server) if isinstance(server, Path) else _loopback(server)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        connection.close()


def _loopback(port: int) -> HTTPConnection:
    return HTTPConnection("127.0.0.1", port, timeout=PROBE_TIMEOUT_S)


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PROBE_TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
