"""How is a file read that must be known as a whole? All of it at once, if it is not too much."""

from tallystick.files.queries import FileContent
from tallystick.imports.reading.decoding import FILE_BYTES_MAX
from tallystick.imports.reading.lines import refusal


async def read_whole(content: FileContent) -> bytes:
    if content.file.size_bytes > FILE_BYTES_MAX:
        raise refusal(f"is longer than {FILE_BYTES_MAX} bytes")
    return b"".join([piece async for piece in content.pieces()])
