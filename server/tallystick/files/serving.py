"""How does a content go out? In pieces that a stream can hold, and to a browser so that it is kept and never shown as a page."""

from collections.abc import AsyncIterator

from tallystick.downloads import compose_disposition
from tallystick.errors import InvalidInput
from tallystick.files import rules
from tallystick.files.queries import FileContent
from tallystick.files.thumbnails import CONTENT_TYPE
from tallystick.files.uploading import speaking
from tallystick.v1.file_pb2 import File
from tallystick.v1.file_service_pb2 import DownloadFileRequest, ServeFileRequest

# Larger messages hold up the others of their connection.
PIECE_BYTES = 256 * 1024


async def pieces_of(content: FileContent, request: DownloadFileRequest | ServeFileRequest) -> AsyncIterator[bytes]:
    """What was asked for. There is always one piece, though it may be empty."""
    if request.thumbnail:
        _require_no_range(request)
        with speaking():
            yield await content.thumbnail()
        return
    rules.require_offset(request.offset, content.file.size_bytes)
    is_empty = True
    with speaking():
        async for plain in content.pieces(request.offset, request.limit):
            for begin in range(0, len(plain), PIECE_BYTES):
                is_empty = False
                yield plain[begin : begin + PIECE_BYTES]
    if is_empty:
        yield b""


def headers_of(file: File, *, thumbnail: bool) -> tuple[tuple[str, str], ...]:
    """What a browser is told: what it is and not what it looks like, to keep it, and to run nothing of it wherever it is opened."""
    return (
        ("content-disposition", compose_disposition(file.name)),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "private, no-cache"),
        ("etag", f'"{file.sha256.hex()}{"-thumbnail" if thumbnail else ""}"'),
    )


def content_type_of(file: File, *, thumbnail: bool) -> str:
    return CONTENT_TYPE if thumbnail else file.content_type


def _require_no_range(request: DownloadFileRequest | ServeFileRequest) -> None:
    for name in ("offset", "limit"):
        if getattr(request, name):
            raise InvalidInput.of_field(name, "is not for thumbnails, which come whole")
