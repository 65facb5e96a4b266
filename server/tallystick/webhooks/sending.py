"""How is something posted to an address that a user chose? Once, to the very address that was looked up and judged, within a deadline.

Plain asyncio and a page of HTTP: every byte that is read is counted, and the one deadline holds from the first question about the name
to the last header, whatever the target does in between. Nothing is followed, no proxy is asked, and of the answer only the status counts.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from typing import Any, NamedTuple, TypeAlias

from tallystick.v1.webhook_deliveries_pb2 import DeliveryProblem
from tallystick.webhooks.addresses import Address, Network
from tallystick.webhooks.targets import Target, may_connect, read_target, require_one_allowed, require_possible

DEADLINE_S = 10.0
# How long a name may take when a webhook is made. Where it leads is judged again at every delivery.
LOOKUP_S = 3.0
# How long is waited for the rest of an answer whose status is known.
REST_S = 1.0
ANSWER_BYTES_MAX = 64 * 1024
ADDRESSES_MAX = 4
# Each holds a socket, and a body of at most some hundred kilobytes.
AT_ONCE = 20

_CHUNK = 4096
_INFORMAL, _LAST_GOOD, _LAST_REDIRECT = 199, 299, 399
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])(?: [^\r\n]*)?\r\n")
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
Problem: TypeAlias = DeliveryProblem.ValueType


class Outcome(NamedTuple):
    """What came of it."""

    status_code: int
    problem: Problem


class _Failed(Exception):
    """It did not work, and this is why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(DeliveryProblem.Name(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer whose status is known, and how much of what stands behind its head was read already."""

    reader: asyncio.StreamReader
    status_code: int
    head: bytes
    read: int

    async def take_rest(self, ends_at: float) -> None:
        """So that a target is not cut off in the middle of what it says. How that ends does not matter any more."""
        found = _LENGTH.search(self.head)
        left = min(int(found[1]) if found else ANSWER_BYTES_MAX, ANSWER_BYTES_MAX) - self.read
        until = min(ends_at, asyncio.get_running_loop().time() + REST_S)
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout_at(until):
                while left > 0 and (chunk := await self.reader.read(_CHUNK)):
                    left -= len(chunk)


async def look_up(host: str, port: int) -> Sequence[Address]:
    """What the system says about a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # An address with a zone is one of this machine's own links; without the zone it is refused as such.
    return list(dict.fromkeys(ip_address(str(each[4][0]).partition("%")[0]) for each in found))


class Sender:
    """Posts, so many at once."""

    def __init__(
        self,
        allowed: Sequence[Network],
        *,
        resolve: Resolve = look_up,
        deadline_s: float = DEADLINE_S,
        certificates: str | None = None,
    ) -> None:
        """`certificates`: a file of those to believe, instead of the system's."""
        self._allowed = allowed
        self._resolve = resolve
        self._deadline_s = deadline_s
        self._certificates = certificates
        self._turns = asyncio.Semaphore(AT_ONCE)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Reading the system's certificates takes a while: a server without webhooks never does."""
        context = ssl.create_default_context(cafile=self._certificates)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    async def require_allowed(self, url: str) -> None:
        """Refuses a url that leads where webhooks may not. A name that nobody knows just now may be known later."""
        target = read_target(url)
        require_possible(target, self._allowed)
        if target.address is not None:
            return
        try:
            async with asyncio.timeout(LOOKUP_S):
                addresses = await self._resolve(target.host, target.port)
        except (OSError, TimeoutError, UnicodeError):
            return
        require_one_allowed(target, addresses, self._allowed)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        async with self._turns, AsyncExitStack() as stack:
            ends_at = asyncio.get_running_loop().time() + self._deadline_s
            try:
                async with asyncio.timeout_at(ends_at):
                    answer = await self._post(read_target(url), headers, body, stack)
            except TimeoutError:
                return Outcome(0, DeliveryProblem.DELIVERY_PROBLEM_TIMEOUT)
            except _Failed as failed:
                return Outcome(0, failed.problem)
            await answer.take_rest(ends_at)
            return Outcome(answer.status_code, _problem_of(answer.status_code))

    async def _post(self, target: Target, headers: Mapping[str, str], body: bytes, stack: AsyncExitStack) -> "_Answer":
        reader, writer = await self._connect(target, await self._addresses_of(target))
        # The writer itself: without one that is held, the connection is closed at once.
        stack.callback(_abort, writer)
        try:
            writer.write(_compose_head(target, headers, len(body)) + body)
            await writer.drain()
            return await _read_head(reader)
        except OSError as broken:
            raise _Failed(DeliveryProblem.DELIVERY_PROBLEM_BROKEN) from broken

    async def _addresses_of(self, target: Target) -> list[Address]:
        """Those that may be connected to. The name is asked once: what is judged here is what is connected to."""
        found: Sequence[Address] = [target.address] if target.address is not None else ()
        if target.address is None:
            try:
                found = await self._resolve(target.host, target.port)
            # UnicodeError: a label that is too long for the system's own reading of names.
            except (OSError, UnicodeError) as unknown:
                raise _Failed(DeliveryProblem.DELIVERY_PROBLEM_NAME_NOT_FOUND) from unknown
        may = [address for address in found if may_connect(target, address, self._allowed)]
        if not may:
            raise _Failed(DeliveryProblem.DELIVERY_PROBLEM_TARGET_REFUSED)
        return may[:ADDRESSES_MAX]

    async def _connect(
        self, target: Target, addresses: Sequence[Address]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """To the first that takes the connection. The certificate must be good for the name, whatever the address."""
        encrypted: dict[str, Any] = {}
        if target.is_encrypted:
            encrypted = {"ssl": self._tls, "server_hostname": target.host.rstrip(".")}
        each_s = self._deadline_s / len(addresses)
        for address in addresses:
            try:
                async with asyncio.timeout(each_s):
                    return await asyncio.open_connection(str(address), target.port, limit=_CHUNK, **encrypted)
            except ssl.SSLError as wrong:
                raise _Failed(DeliveryProblem.DELIVERY_PROBLEM_TLS) from wrong
            except TimeoutError:
                if address == addresses[-1]:
                    raise
            except OSError:
                continue
        raise _Failed(DeliveryProblem.DELIVERY_PROBLEM_UNREACHABLE)


def _compose_head(target: Target, headers: Mapping[str, str], length: int) -> bytes:
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"Host: {target.authority}",
        *(f"{name}: {value}" for name, value in headers.items()),
        f"Content-Length: {length}",
        "Accept: */*",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


async def _read_head(reader: asyncio.StreamReader) -> "_Answer":
    """What the target answers, up to the end of its headers."""
    read = bytearray()
    total = 0
    while True:
        end = read.find(_END_OF_HEAD)
        if end < 0:
            chunk = await reader.read(_CHUNK)
            total += len(chunk)
            if not chunk or total > ANSWER_BYTES_MAX:
                raise _Failed(DeliveryProblem.DELIVERY_PROBLEM_BROKEN)
            read += chunk
            continue
        head = bytes(read[: end + len(_END_OF_HEAD)])
        found = _STATUS_LINE.match(head)
        if found is None:
            raise _Failed(DeliveryProblem.DELIVERY_PROBLEM_BROKEN)
        del read[: len(head)]
        # What comes before the answer, such as 100 or 103, is none.
        if int(found[1]) > _INFORMAL:
            return _Answer(reader, int(found[1]), head, len(read))


def _abort(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def _problem_of(status_code: int) -> Problem:
    if status_code <= _LAST_GOOD:
        return DeliveryProblem.DELIVERY_PROBLEM_UNSPECIFIED
    if status_code <= _LAST_REDIRECT:
        return DeliveryProblem.DELIVERY_PROBLEM_REDIRECT
    return DeliveryProblem.DELIVERY_PROBLEM_STATUS
