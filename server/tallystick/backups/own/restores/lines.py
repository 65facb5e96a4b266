"""What does a line of a backup say? Pure. A history has a line for each change; a state, which is all that earlier servers have
written, one for each thing as it is."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from google.protobuf.json_format import Parse, ParseError

from tallystick.backups.archive.errors import ArchiveError, Contradiction, NewerVersion
from tallystick.rebuilding.reading import rename
from tallystick.rebuilding.source import Revision
from tallystick.store.journal import Op
from tallystick.times import to_datetime
from tallystick.v1.backup_history_pb2 import HistoryLine, HistoryRevision
from tallystick.v1.export_pb2 import ExportLine
from tallystick.v1.space_pb2 import SpaceKind
from tallystick.v1.sync_pb2 import Change

STATE_VERSION, HISTORY_VERSION = 1, 1
_UNREADABLE = (ParseError, UnicodeDecodeError, RecursionError)
# Nothing is finer in the journal.
_NANOS_OF_A_MICRO = 1000


class Head(NamedTuple):
    """Which space the lines are of."""

    space_id: UUID
    kind: SpaceKind.ValueType
    seq: int


class Renamed(NamedTuple):
    """Who made the archive, and who they are here. On another server the same person has another id."""

    was: str
    now: str


class LineReader:
    """Takes the lines of one part in their order, and knows at the end whether they were all."""

    def __init__(self, *, is_history: bool, renamed: Renamed | None = None) -> None:
        self._is_history = is_history
        self._renamed = renamed
        self._place = (0, -1)
        self._has_tail = False
        self.head: Head | None = None
        self.revisions = 0

    def read_all(self, lines: Iterable[bytes]) -> list[Revision]:
        return [revision for line in lines if (revision := self._read(line)) is not None]

    def finish(self) -> Head:
        if self.head is None or not self._has_tail:
            raise Contradiction("lines of a space are missing")
        return self.head

    def _read(self, raw: bytes) -> Revision | None:
        """None: it is the first or the last line."""
        line: HistoryLine | ExportLine = HistoryLine() if self._is_history else ExportLine()
        try:
            # What is not known would be lost.
            Parse(raw, line)
        except _UNREADABLE as wrong:
            raise _judge(raw, line) from wrong
        which = line.WhichOneof("line")
        if self._has_tail or (which == "head") != (self.head is None):
            raise Contradiction("a line of a space is not where it belongs")
        if which == "head":
            self._begin(line)
            return None
        if which == "tail":
            self._end(line.tail.revisions if isinstance(line, HistoryLine) else line.tail.entities)
            return None
        return self._take(
            line.revision
            if isinstance(line, HistoryLine)
            else HistoryRevision(change=line.change, ordinal=self._next_ordinal(line.change))
        )

    def _begin(self, line: HistoryLine | ExportLine) -> None:
        if line.head.format_version > (HISTORY_VERSION if self._is_history else STATE_VERSION):
            raise NewerVersion("a newer server wrote the lines of a space")
        self.head = Head(_uuid(line.head.space_id), line.head.kind, line.head.version)

    def _end(self, told: int) -> None:
        if told != self.revisions:
            raise Contradiction("lines of a space are missing")
        self._has_tail = True

    def _next_ordinal(self, change: Change) -> int:
        """States do not say which change of its commit made them: they are in the order of these."""
        return self._place[1] + 1 if change.version == self._place[0] else 0

    def _take(self, told: HistoryRevision) -> Revision:
        assert self.head is not None, "the first line was the head"
        change, place = told.change, (told.change.version, told.ordinal)
        if place <= self._place or change.version > self.head.seq or told.superseded_by > self.head.seq:
            raise Contradiction("changes of a space are not in their order")
        self._place = place
        self.revisions += 1
        return _revision_of(told, self._renamed)


def _judge(raw: bytes, line: HistoryLine | ExportLine) -> ArchiveError:
    """Of a line that cannot be read, whether a later server could."""
    try:
        Parse(raw, line, ignore_unknown_fields=True)
    except _UNREADABLE:
        return Contradiction("a line of a space cannot be read")
    return NewerVersion("a line of a space says more than is known here")


def _revision_of(told: HistoryRevision, renamed: Renamed | None) -> Revision:
    change = told.change
    kind = change.entity.WhichOneof("kind")
    if kind is None or change.at.nanos % _NANOS_OF_A_MICRO or (0 < told.superseded_by < change.version):
        raise Contradiction("a change is of nothing that there is")
    entity = getattr(change.entity, kind)
    if renamed is not None:
        rename(change, *renamed)
    return Revision(
        seq=change.version,
        ordinal=told.ordinal,
        kind=kind,
        entity_id=_uuid(entity.id),
        op=Op.DELETE if change.deleted else Op.PUT,
        fields=tuple(change.fields),
        actor_id=_uuid(change.actor_id),
        at=to_datetime(change.at),
        superseded_by=told.superseded_by or None,
        body=entity.SerializeToString(deterministic=True),
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise Contradiction("an id of a space is none") from wrong
