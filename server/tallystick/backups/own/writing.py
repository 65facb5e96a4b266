"""How does an archive of one user come to be? Space by space, out as it grows; nothing of it is ever whole in memory or in plain on a disk.

home.jsonl              the user, their settings and notifications
books/ID.jsonl          each book, groups/ID.jsonl each group, at one moment
history/ID.jsonl        everything that each of them ever was, up to that moment
files/SPACE/ID          what is in each attached file
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

from tallystick import __version__
from tallystick.backups.archive.manifest import Manifest
from tallystick.backups.archive.writer import Part
from tallystick.backups.own.holdings import Held
from tallystick.store import migrate
from tallystick.v1.backup_pb2 import BackupProgress, BackupSpace, BackupStep
from tallystick.v1.space_pb2 import SpaceKind

_K = SpaceKind
_WORDS = {_K.SPACE_KIND_HOME: "home", _K.SPACE_KIND_BOOK: "book", _K.SPACE_KIND_GROUP: "group"}
HISTORY, FILES, LINES = "history/", "files/", ".jsonl"
# An archive of rows says which PostgreSQL they come from. Lines of JSON come from none.
NO_POSTGRESQL = 0


@dataclass(slots=True)
class Account:
    """What has gone by so far."""

    spaces: int = 0
    spaces_done: int = 0
    books: int = 0
    groups: int = 0
    files: int = 0
    bytes: int = 0
    restorable: Sequence[BackupSpace] = ()
    step: BackupStep.ValueType = BackupStep.BACKUP_STEP_WAITING

    @property
    def parts(self) -> int:
        """A state and a history of each space, and what is in each file."""
        return 2 * self.spaces + self.files

    def begin(self, step: BackupStep.ValueType) -> None:
        self.step, self.bytes = step, 0

    def compose(self) -> BackupProgress:
        return BackupProgress(step=self.step, spaces_done=self.spaces_done, spaces=self.spaces, bytes=self.bytes)


@dataclass(frozen=True, slots=True)
class OwnArchive:
    """What goes into one."""

    held: Sequence[Held]
    account: Account = field(default_factory=Account)

    def compose_manifest(self, now: datetime) -> Manifest:
        kinds = [each.kind for each in self.held]
        self.account.spaces = len(kinds)
        self.account.restorable = self.compose_spaces()
        self.account.books, self.account.groups = kinds.count(_K.SPACE_KIND_BOOK), kinds.count(_K.SPACE_KIND_GROUP)
        return Manifest(
            schema_revision=migrate.newest(),
            server_version=__version__,
            postgresql_major=NO_POSTGRESQL,
            created_at=now,
            row_counts={},
            space_kinds={_WORDS[kind]: kinds.count(kind) for kind in sorted(set(kinds))},
            key_ids=(),
        )

    def compose_spaces(self) -> list[BackupSpace]:
        """What can be restored from it."""
        return [
            BackupSpace(space_id=str(each.id), kind=each.kind, name=each.name)
            for each in self.held
            if each.kind != _K.SPACE_KIND_HOME
        ]

    async def parts(self) -> AsyncGenerator[Part, None]:
        for space in self.held:
            async with aclosing(space.lines()) as lines:
                yield Part(_name_of(space), self._counted(lines))
            async with aclosing(space.history()) as lines:
                yield Part(f"{HISTORY}{space.id}{LINES}", self._counted(lines))
            async with aclosing(space.files()) as files:
                async for file_id, pieces in files:
                    yield Part(f"{FILES}{space.id}/{file_id}", self._counted(pieces))
                    self.account.files += 1
            self.account.spaces_done += 1

    async def _counted(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for piece in pieces:
            self.account.bytes += len(piece)
            yield piece


def _name_of(space: Held) -> str:
    word = _WORDS[space.kind]
    return f"{word}{LINES}" if space.kind == _K.SPACE_KIND_HOME else f"{word}s/{space.id}{LINES}"
