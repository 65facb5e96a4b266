"""What of a space is in an archive? Looked at to the archive's end first; then read once more, as a source that a space is made of.

home.jsonl              nobody's to restore
books/ID.jsonl          a state: what archives of earlier servers are restored from
history/ID.jsonl        everything that it ever was
files/ID/FILE           what is in each of its files
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from tallystick.backups.archive.errors import Contradiction
from tallystick.backups.archive.manifest import Manifest
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.archive.reader import Archive, OpenedPart, open_archive
from tallystick.backups.errors import NewerSchema, NotOfAUser, SpaceNotIn
from tallystick.backups.own.lines import Head, LineReader
from tallystick.backups.own.writing import FILES, HISTORY, LINES
from tallystick.backups.spool import read_file
from tallystick.rebuilding.source import Revision
from tallystick.store import migrate
from tallystick.v1.space_pb2 import SpaceKind

_STATES = {"books/": SpaceKind.SPACE_KIND_BOOK, "groups/": SpaceKind.SPACE_KIND_GROUP}
# Lines are read in a thread, so many bytes of them at a time.
BATCH_BYTES = 256 * 1024
# Longer than any: the largest thing has a few hundred kilobytes.
LINE_BYTES_MAX = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A space in an archive that was read to its end."""

    head: Head
    part: str
    revisions: int
    files: int


async def survey(path: Path, passphrase: Passphrase, space_id: UUID) -> Surveyed:
    """Reads all of an archive, and every line of one space in it. Raises ArchiveError or BackupError."""
    archive = await open_archive(read_file(path), passphrase)
    found: dict[str, LineReader] = {}
    files, is_own = 0, False
    async for part in archive.parts():
        is_own = is_own or part.name == f"home{LINES}"
        files += part.name.startswith(f"{FILES}{space_id}/")
        if part.name in _parts_of(space_id):
            found[part.name] = reader = _reader_of(part.name)
            async for _ in _revisions(part, reader):
                pass
    require_ours(archive.manifest, is_own=is_own)
    return _judge(space_id, found, files)


def require_ours(manifest: Manifest, *, is_own: bool) -> None:
    if not is_own or manifest.columns:
        raise NotOfAUser("It is whole, and not a backup that a user has made.")
    if not migrate.knows(manifest.schema_revision):
        raise NewerSchema("A newer server made it.")


@asynccontextmanager
async def opened(path: Path, passphrase: Passphrase, surveyed: Surveyed) -> AsyncIterator["ArchivedSpace"]:
    """The same archive once more, as the source of that space."""
    pieces = read_file(path)
    try:
        yield ArchivedSpace(await open_archive(pieces, passphrase), surveyed)
    finally:
        assert isinstance(pieces, AsyncGenerator)
        await pieces.aclose()


class ArchivedSpace:
    """A source (rebuilding/source.py)."""

    def __init__(self, archive: Archive, surveyed: Surveyed) -> None:
        self._parts = archive.parts()
        self._surveyed = surveyed

    @property
    def space_id(self) -> UUID:
        return self._surveyed.head.space_id

    @property
    def kind(self) -> SpaceKind.ValueType:
        return self._surveyed.head.kind

    @property
    def seq(self) -> int:
        return self._surveyed.head.seq

    async def revisions(self) -> AsyncGenerator[Revision, None]:
        async for part in self._parts:
            if part.name == self._surveyed.part:
                reader = _reader_of(part.name)
                async for revision in _revisions(part, reader):
                    yield revision
                return

    async def contents(self) -> AsyncGenerator[tuple[UUID, AsyncIterator[bytes]], None]:
        """The archive is read to its end, which proves all of it once more."""
        beginning = f"{FILES}{self.space_id}/"
        async for part in self._parts:
            if part.name.startswith(beginning):
                yield _id_of(part.name.removeprefix(beginning)), part.pieces()


def _parts_of(space_id: UUID) -> set[str]:
    return {f"{folder}{space_id}{LINES}" for folder in (HISTORY, *_STATES)}


def _reader_of(name: str) -> LineReader:
    return LineReader(is_history=name.startswith(HISTORY))


def _judge(space_id: UUID, found: dict[str, LineReader], files: int) -> Surveyed:
    states = [name for name in found if not name.startswith(HISTORY)]
    if not states:
        raise SpaceNotIn("The archive holds no such book or group.")
    name = next((name for name in found if name.startswith(HISTORY)), states[0])
    reader = found[name]
    head = reader.finish()
    kinds = {kind for folder, kind in _STATES.items() if states[0].startswith(folder)}
    if head.space_id != space_id or {head.kind} != kinds or len(states) != 1:
        raise Contradiction("the lines of a space are another's")
    return Surveyed(head, name, reader.revisions, files)


async def _revisions(part: OpenedPart, reader: LineReader) -> AsyncGenerator[Revision, None]:
    rest = bytearray()
    async for piece in part.pieces():
        rest += piece
        if len(rest) >= BATCH_BYTES:
            *lines, last = bytes(rest).split(b"\n")
            rest = bytearray(last)
            if len(rest) > LINE_BYTES_MAX:
                raise Contradiction("a line of a space is longer than any")
            for revision in await asyncio.to_thread(reader.read_all, lines):
                yield revision
    *lines, last = bytes(rest).split(b"\n")
    if last:
        raise Contradiction("the last line of a space has no end")
    for revision in await asyncio.to_thread(reader.read_all, lines):
        yield revision
    reader.finish()


def _id_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise Contradiction("a part is named like no file") from wrong
