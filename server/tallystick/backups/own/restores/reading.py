"""What of a space is in an archive? Looked at to the archive's end first; then read once more, as a source that a space is made of.

home.jsonl              who made it
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
from tallystick.backups.own.restores.lines import Head, LineReader, Renamed
from tallystick.backups.own.writing import FILES, HISTORY, LINES
from tallystick.backups.spool import read_file
from tallystick.rebuilding.source import Revision
from tallystick.store import migrate
from tallystick.v1.space_pb2 import Member, SpaceKind

_STATES = {"books/": SpaceKind.SPACE_KIND_BOOK, "groups/": SpaceKind.SPACE_KIND_GROUP}
_HOME = f"home{LINES}"
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
    # Who made it.
    user_id: str
    # Who is in the space, or was: the ids of users.
    members: frozenset[str]

    def renamed_for(self, user_id: UUID) -> Renamed | None:
        """Whoever brings their archive to another server is somebody else there. Not if the space knows them both."""
        now = str(user_id)
        return None if now == self.user_id or now in self.members else Renamed(self.user_id, now)


async def survey(path: Path, passphrase: Passphrase, space_id: UUID) -> Surveyed:
    """Reads all of an archive, and every line of one space in it. Raises ArchiveError or BackupError."""
    archive = await open_archive(read_file(path), passphrase)
    found = _Found(space_id)
    async for part in archive.parts():
        await found.take(part)
    require_ours(archive.manifest, is_own=found.has_home)
    return found.judge()


def require_ours(manifest: Manifest, *, is_own: bool) -> None:
    if not is_own or manifest.columns:
        raise NotOfAUser("It is whole, and not a backup that a user has made.")
    if not migrate.knows(manifest.schema_revision):
        raise NewerSchema("A newer server made it.")


@asynccontextmanager
async def opened(
    path: Path, passphrase: Passphrase, surveyed: Surveyed, renamed: Renamed | None
) -> AsyncIterator["ArchivedSpace"]:
    """The same archive once more, as the source of that space."""
    pieces = read_file(path)
    try:
        yield ArchivedSpace(await open_archive(pieces, passphrase), surveyed, renamed)
    finally:
        assert isinstance(pieces, AsyncGenerator)
        await pieces.aclose()


class ArchivedSpace:
    """A source (rebuilding/source.py)."""

    def __init__(self, archive: Archive, surveyed: Surveyed, renamed: Renamed | None) -> None:
        self._parts = archive.parts()
        self._surveyed = surveyed
        self._renamed = renamed

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
                async for revision in _revisions(part, _reader_of(part.name, self._renamed)):
                    yield revision
                return

    async def contents(self) -> AsyncGenerator[tuple[UUID, AsyncIterator[bytes]], None]:
        """The archive is read to its end, which proves all of it once more."""
        beginning = f"{FILES}{self.space_id}/"
        async for part in self._parts:
            if part.name.startswith(beginning):
                yield _id_of(part.name.removeprefix(beginning)), part.pieces()


class _Found:
    """What of one space was found in an archive."""

    def __init__(self, space_id: UUID) -> None:
        self._space_id = space_id
        self._names = {f"{folder}{space_id}{LINES}" for folder in (HISTORY, *_STATES)}
        self._readers: dict[str, LineReader] = {}
        self._user_id = ""
        self._members = set[str]()
        self.has_home = False

    async def take(self, part: OpenedPart) -> None:
        if part.name == _HOME:
            self.has_home = True
            async for revision in _revisions(part, LineReader(is_history=False)):
                if revision.kind == "profile":
                    self._user_id = str(revision.entity_id)
        elif part.name in self._names:
            self._readers[part.name] = reader = _reader_of(part.name)
            async for revision in _revisions(part, reader):
                if revision.kind == "member":
                    self._members.add(Member.FromString(revision.body).user_id)

    def judge(self) -> Surveyed:
        states = [name for name in self._readers if not name.startswith(HISTORY)]
        if not states:
            raise SpaceNotIn("The archive holds no such book or group.")
        name = next((name for name in self._readers if name.startswith(HISTORY)), states[0])
        reader = self._readers[name]
        head = reader.finish()
        kinds = {kind for folder, kind in _STATES.items() if states[0].startswith(folder)}
        if head.space_id != self._space_id or {head.kind} != kinds or len(states) != 1:
            raise Contradiction("the lines of a space are another's")
        if not self._user_id:
            raise Contradiction("nobody made it")
        return Surveyed(head, name, reader.revisions, self._user_id, frozenset(self._members))


def _reader_of(name: str, renamed: Renamed | None = None) -> LineReader:
    return LineReader(is_history=name.startswith(HISTORY), renamed=renamed)


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
