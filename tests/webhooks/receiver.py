"""Who is told? A server on loopback that answers as the test says, well or badly, over HTTP or HTTPS."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.protobuf.json_format import ParseDict

from tallystick_client import verify_webhook
from tallystick_client.v1.webhook_event_pb2 import WebhookEvent

LOOPBACK = (ip_network("127.0.0.0/8"),)
NAME = "receiver.test"


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    @property
    def event(self) -> WebhookEvent:
        return ParseDict(self.document, WebhookEvent())

    @property
    def delivery_id(self) -> str:
        return self.headers["tallystick-delivery"]

    def require_signed(self, secrets: str | Sequence[str], now: datetime) -> None:
        verify_webhook(self.body, self.headers["tallystick-signature"], secrets, now=now.timestamp())


Answer = Callable[[Received, asyncio.StreamWriter], Awaitable[None]]


def status(code: int, body: bytes = b"", *headers: str) -> Answer:
    """A whole answer."""

    async def answer(received: Received, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {code} Said", f"Content-Length: {len(body)}", *headers, "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()

    return answer


OK, BROKEN = status(200), status(500)


def raw(*parts: bytes, every_s: float = 0.0, for_ever: bytes = b"") -> Answer:
    """Exactly these bytes; and then, if something is given for it, the same again and again."""

    async def answer(received: Received, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(every_s)
        while for_ever:
            writer.write(for_ever)
            await writer.drain()
            await asyncio.sleep(every_s)

    return answer


async def silent(received: Received, writer: asyncio.StreamWriter) -> None:
    """Takes it, and says nothing."""
    await asyncio.Event().wait()


class Receiver:
    """Keeps what it was sent, and answers all alike until it is told otherwise."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.answer: Answer = OK
        self.url = ""
        self.port = 0
        self._busy: set[asyncio.Task[Any]] = set()

    @property
    def events(self) -> list[WebhookEvent]:
        return [each.event for each in self.received]

    @property
    def versions(self) -> list[int]:
        return [event.to_version for event in self.events]

    @property
    def ids(self) -> list[str]:
        return [each.delivery_id for each in self.received]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._busy.add(task)
        self.connections += 1
        try:
            # Whoever sends has had enough, or the test is over: both are what some tests are about.
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                received = await _read(reader)
                self.received.append(received)
                await self.answer(received, writer)
        finally:
            self._busy.discard(task)
            writer.transport.abort()

    async def end(self) -> None:
        for task in list(self._busy):
            task.cancel()
        if self._busy:
            await asyncio.wait(list(self._busy))


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *lines = head.rstrip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return Received(line, headers, body)


@asynccontextmanager
async def receiving(certificate: Path | None = None, path: str = "/hook") -> AsyncIterator[Receiver]:
    receiver = Receiver()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=context)
    receiver.port = server.sockets[0].getsockname()[1]
    receiver.url = f"{'https' if certificate else 'http'}://127.0.0.1:{receiver.port}{path}"
    try:
        yield receiver
    finally:
        server.close()
        await receiver.end()
        await server.wait_closed()


def make_certificate(path: Path, *, days: int = 1) -> Path:
    """A certificate for the receiver that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver")])
    now = datetime.now(UTC)
    names = [x509.DNSName(NAME), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path
