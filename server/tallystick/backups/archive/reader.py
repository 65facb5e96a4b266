"""What does an archive hold, and is it whole? It is read as it comes, and nothing is given away before the chunk that holds it was proven.

What is given is what was written, but only the end of `parts` says that it is all of it: what is done with it must be undone if that fails.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256

from tallystick.backups.archive import contents, manifest, records
from tallystick.backups.archive import head as heads
from tallystick.backups.archive.chunks import Opener
from tallystick.backups.archive.contents import Contents
from tallystick.backups.archive.errors import Contradiction, Damaged
from tallystick.backups.archive.manifest import Manifest
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.archive.recipient import Locked, unlock_by
from tallystick.backups.archive.records import Kind
from tallystick.backups.archive.streams import Intake, Pieces


@dataclass(frozen=True)
class Verified:
    """An archive that was read to its end."""

    manifest: Manifest
    parts: int
    plain_bytes: int


# What opens an archive. Whoever has just written it still has its key.
Opening = Passphrase | Locked


async def open_archive(source: Pieces, opening: Opening) -> "Archive":
    """An archive whose manifest was read."""
    intake = Intake(source)
    start = await intake.take(heads.START.size)
    rest = await intake.take(heads.length_of(start) - len(start))
    head = heads.parse(start + rest)
    key = await asyncio.to_thread(unlock, head, opening)
    body = _Body(_opened(intake, Opener(key, head)), head.chunk_bytes)
    return Archive(await _read_manifest(body), body)


def unlock(head: heads.Head, opening: Opening) -> bytes:
    """The data key, whichever way it is closed."""
    if isinstance(opening, Locked):
        if head.raw != opening.head.raw:
            raise Damaged("head", "it is not the one that was written")
        return opening.key
    return unlock_by(head, opening) if head.recipient else heads.unlock(head, opening)


async def verify(source: Pieces, opening: Opening) -> Verified:
    """Reads a whole archive and keeps nothing of it."""
    archive = await open_archive(source, opening)
    async for _ in archive.parts():
        pass
    return Verified(archive.manifest, archive.account.parts, archive.account.plain_bytes)


class Archive:
    """One that is being read, once and from its beginning to its end."""

    def __init__(self, told: Manifest, body: "_Body") -> None:
        self.manifest = told
        self._body = body

    @property
    def account(self) -> Contents:
        return self._body.account

    async def parts(self) -> AsyncIterator["OpenedPart"]:
        """Whatever is not read of a part is read past, and proven, before the next one comes."""
        while (name := await self._body.begin_part()) != contents.NAME:
            part = OpenedPart(name, self._body)
            yield part
            async for _ in part.pieces():
                pass
        await self._body.close()
        self.account.require_rows(self.manifest.row_counts)


class OpenedPart:
    """A part, until the next one is asked for."""

    def __init__(self, name: str, body: "_Body") -> None:
        self.name = name
        self._body = body

    async def pieces(self) -> AsyncIterator[bytes]:
        """What was not given yet. The end comes only if the part's size and hash are right."""
        while self._body.within == self.name and (piece := await self._body.next_piece()) is not None:
            yield piece


class _Body:
    """The records of a body. `within` is the part that is being read."""

    def __init__(self, chunks: AsyncIterator[bytes], chunk_bytes: int) -> None:
        self._intake = Intake(chunks)
        self._chunk_bytes = chunk_bytes
        self.account = Contents()
        self.within: str | None = None
        self._promised = b""

    async def begin_part(self) -> str:
        kind, payload = await self._record()
        if kind is not Kind.PART:
            raise Damaged("body", "no part begins where one must")
        # What is no ASCII is no name, which the account refuses.
        self.within = payload.decode("ascii", "replace")
        if self.within == contents.NAME:
            self._promised = _digest_of(self.account.list())
        self.account.begin(self.within)
        return self.within

    async def next_piece(self) -> bytes | None:
        """None where the part ends."""
        await asyncio.sleep(0)
        kind, payload = await self._record()
        if kind is Kind.PART_END:
            self._end_part(payload)
            return None
        if kind not in {Kind.STORED, Kind.DEFLATED}:
            raise Damaged(f"part {self.within}", "it does not end")
        piece = payload if kind is Kind.STORED else records.inflate(payload)
        self.account.add(piece)
        return piece

    async def close(self) -> None:
        """Reads the list of all parts, and that nothing comes after it."""
        hashed = sha256()
        while (piece := await self.next_piece()) is not None:
            hashed.update(piece)
        if hashed.digest() != self._promised:
            raise Contradiction("the list of parts is not the parts that came")
        kind, _ = await self._record()
        if kind is not Kind.END:
            raise Damaged("body", "something follows the list of parts")
        filling = await self._intake.take(self._chunk_bytes)
        if len(filling) == self._chunk_bytes or filling.strip(b"\0"):
            raise Damaged("body", "something follows the end")

    def _end_part(self, payload: bytes) -> None:
        if self.account.end() != payload:
            raise Contradiction(f"the part {self.within} is not what its end says")
        self.within = None

    async def _record(self) -> tuple[Kind, bytes]:
        kind, size = records.parse_head(await self._take(records.RECORD.size))
        return kind, await self._take(size)

    async def _take(self, size: int) -> bytes:
        taken = await self._intake.take(size)
        if len(taken) < size:
            raise Damaged("body", "it was closed before its end")
        return taken


async def _opened(intake: Intake, opener: Opener) -> AsyncIterator[bytes]:
    last = False
    while not last:
        sealed = await intake.take(opener.sealed_bytes)
        last = await intake.at_end()
        yield opener.open(sealed, last=last)


async def _read_manifest(body: _Body) -> Manifest:
    if await body.begin_part() != manifest.NAME:
        raise Damaged(manifest.NAME, "it is not there")
    text = bytearray()
    while (piece := await body.next_piece()) is not None:
        text += piece
        if len(text) > manifest.BYTES_MAX:
            raise Damaged(manifest.NAME, "it is larger than any")
    return manifest.parse(bytes(text))


def _digest_of(lines: list[bytes]) -> bytes:
    hashed = sha256()
    for line in lines:
        hashed.update(line)
    return hashed.digest()
