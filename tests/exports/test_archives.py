"""Does an archive take memory by what is in it, and does every file come out as it went in?"""

import io
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random

from tallystick.exports.archives import Archive
from tallystick.exports.files import CHUNK_BYTES, ComingFile, Piece, responses

AT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
MIB = 1024 * 1024


async def _pieces(count: int, size: int = MIB) -> AsyncIterator[bytes]:
    dice = Random(1)
    for _ in range(count):
        yield dice.randbytes(size)


async def test_files_come_out_as_they_went_in() -> None:
    archive = Archive(AT)
    names = {"a.txt": "", "b.jpg": "image/jpeg", "Ünï/c": ""}
    data = b""
    for name, kind in names.items():
        data += b"".join([part async for part in archive.add(name, _pieces(3, 1000), kind)])
    data += archive.close()
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == list(names)
        whole = b"".join([part async for part in _pieces(3, 1000)])
        assert all(opened.read(name) == whole for name in names)
        assert [info.compress_type for info in opened.infolist()] == [8, 0, 8]


async def test_memory_stays_flat_however_much_goes_through() -> None:
    async def all_of(count: int) -> int:
        archive = Archive(AT)

        async def pieces() -> AsyncIterator[Piece]:
            async for data in archive.add("large", _pieces(count)):
                yield Piece(data, 0)
            yield Piece(archive.close(), 1)

        tracemalloc.start()
        try:
            async for part in responses(ComingFile("x", "", 1, pieces())):  # type: ignore[arg-type]  # an iterator that is a generator
                assert len(part.chunk) <= CHUNK_BYTES
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = await all_of(3), await all_of(24)
    assert large < small + 2 * MIB
