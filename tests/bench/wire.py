"""How does a call look on the wire? HTTP/2 frames (RFC 9113) and header blocks (RFC 7541), as far as a load generator needs them.

Written out by hand because the generator shares the machine with what it measures: a general client costs several times more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEAD_BYTES = 9
GRPC_HEAD_BYTES = 5

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 0x1, 0x1, 0x4

# Settings, by their numbers. The server may not use a table for headers that it sends, so that a status can be read without one.
HEADER_TABLE_SIZE, INITIAL_WINDOW_SIZE = 1, 4
WINDOW_BYTES_MAX = 2**31 - 1
WINDOW_BYTES_DEFAULT = 65_535

_METHOD_POST, _SCHEME_HTTP = b"\x83", b"\x86"
_INDEXED, _LITERAL_KEPT = 0x80, 0x40
_STATIC_NAMES = {":authority": 1, ":path": 4, "authorization": 23, "content-type": 31, "user-agent": 58}
_DYNAMIC_FIRST = 62
_STATUS_NAME = b"\x0bgrpc-status"


class WireBroken(Exception):
    """The server sent what this client does not understand, or ended the connection."""


@dataclass(slots=True)
class Frame:
    """One frame, as it came."""

    kind: int
    flags: int
    stream: int
    payload: bytes


def compose_frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return b"%b%c%c%b%b" % (len(payload).to_bytes(3), kind, flags, stream.to_bytes(4), payload)


def greeting() -> bytes:
    """What a client says first: its settings, and a window as large as there is."""
    settings = ((HEADER_TABLE_SIZE, 0), (INITIAL_WINDOW_SIZE, WINDOW_BYTES_MAX))
    payload = b"".join(name.to_bytes(2) + value.to_bytes(4) for name, value in settings)
    widened = (WINDOW_BYTES_MAX - WINDOW_BYTES_DEFAULT).to_bytes(4)
    return PREFACE + compose_frame(SETTINGS, 0, 0, payload) + compose_frame(WINDOW_UPDATE, 0, 0, widened)


def call(stream: int, header_block: bytes, message: bytes) -> bytes:
    """A whole unary call: its headers, and its one message."""
    size = len(message)
    return b"%b\x01\x04%b%b%b\x00\x01%b\x00%b%b" % (
        len(header_block).to_bytes(3),
        stream.to_bytes(4),
        header_block,
        (size + GRPC_HEAD_BYTES).to_bytes(3),
        stream.to_bytes(4),
        size.to_bytes(4),
        message,
    )


def header_blocks(path: str, authority: str, metadata: Sequence[tuple[str, str]]) -> tuple[bytes, bytes]:
    """The header block of a connection's first call, and that of all later ones: the server has kept the first one's headers."""
    headers = [
        (":path", path),
        (":authority", authority),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        ("user-agent", "tallystick-bench"),
        *metadata,
    ]
    first = b"".join(_literal(name, value) for name, value in headers)
    later = bytes(_INDEXED | (_DYNAMIC_FIRST + number) for number in reversed(range(len(headers))))
    pseudo = _METHOD_POST + _SCHEME_HTTP
    return pseudo + first, pseudo + later


def read_frames(buffer: bytes) -> Iterator[Frame]:
    """The whole frames at the start of a buffer."""
    at, end = 0, len(buffer)
    while end - at >= HEAD_BYTES:
        after = at + HEAD_BYTES + int.from_bytes(buffer[at : at + 3])
        if after > end:
            return
        yield Frame(buffer[at + 3], buffer[at + 4], int.from_bytes(buffer[at + 5 : at + 9]), buffer[at + 9 : after])
        at = after


def replies_to(frame: Frame) -> list[bytes]:
    """What a client owes the server for a frame that belongs to the connection. A server that ends a stream breaks the run."""
    if frame.kind == SETTINGS and not frame.flags & ACK:
        return [compose_frame(SETTINGS, ACK, 0)]
    if frame.kind == PING and not frame.flags & ACK:
        return [compose_frame(PING, ACK, 0, frame.payload)]
    if frame.kind in (RST_STREAM, GOAWAY):
        raise WireBroken(f"the server ended a stream or the connection: {frame}")
    return []


def status_of(trailers: bytes) -> int:
    """The grpc-status in a header block whose sender was given no table, so that it stands there as it is."""
    at = trailers.find(_STATUS_NAME)
    if at < 0:
        raise WireBroken(f"no readable grpc-status in {trailers!r}")
    at += len(_STATUS_NAME)
    length = trailers[at]
    return int(trailers[at + 1 : at + 1 + length])


def _literal(name: str, value: str) -> bytes:
    """A header that the receiver keeps in its table."""
    known = _STATIC_NAMES.get(name, 0)
    text = _number(known, 6, _LITERAL_KEPT)
    if not known:
        text += _text(name)
    return text + _text(value)


def _text(value: str) -> bytes:
    plain = value.encode()
    return _number(len(plain), 7, 0) + plain


def _number(value: int, bits: int, head: int) -> bytes:
    limit = (1 << bits) - 1
    if value < limit:
        return bytes((head | value,))
    out = bytearray((head | limit,))
    value -= limit
    while value >= 0x80:
        out.append(0x80 | (value & 0x7F))
        value >>= 7
    out.append(value)
    return bytes(out)
