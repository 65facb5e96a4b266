"""How does an archive come to be while it is sent? A ZIP over a sink that gives away what was written, so that nothing of it is kept."""

import asyncio
import io
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import datetime
from typing import Any

# Mail and photographs are packed already; what is text becomes a tenth.
_STORED = ("image/", "video/", "audio/", "application/pdf", "application/zip")
# Every system can open such a file: the rights of what programs unpack are otherwise nobody's.
_RIGHTS = 0o600 << 16


class _Sink(io.RawIOBase):
    """Takes bytes and gives them away once. It cannot go back, so that ZIP writes what it learns at the end behind each file."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._held)
        self._held.clear()
        return taken


class Archive:
    """A ZIP, one file after the other."""

    def __init__(self, now: datetime) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED)
        self._at = now.timetuple()[:6]

    async def add(
        self, name: str, content: AsyncIterator[bytes], content_type: str = ""
    ) -> AsyncGenerator[bytes, None]:
        """The bytes of the archive that a file becomes."""
        info = zipfile.ZipInfo(name, self._at)
        info.external_attr = _RIGHTS
        info.compress_type = zipfile.ZIP_STORED if content_type.startswith(_STORED) else zipfile.ZIP_DEFLATED
        # Nobody knows how large it gets.
        with self._zip.open(info, "w", force_zip64=True) as out:
            async for data in content:
                await asyncio.to_thread(out.write, data)
                if packed := self._sink.take():
                    yield packed
        yield self._sink.take()

    def close(self) -> bytes:
        """The directory of what is in it."""
        self._zip.close()
        return self._sink.take()
