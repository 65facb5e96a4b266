"""What does somebody have here, for those who keep a copy of it? Each space at one moment, as JSON Lines, and the files in it."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.exports.history import history_of
from tallystick.exports.moment import Moment, Readers
from tallystick.exports.spaces import lines_of, moment_of
from tallystick.files.queries import OpenContent
from tallystick.files.rules_types import ARCHIVE
from tallystick.groups.profiles.queries import get_group_name
from tallystick.ledger.books.queries import get_book_name
from tallystick.store.apart import Apart
from tallystick.store.journal import Op
from tallystick.store.own_spaces import read_own
from tallystick.v1.space_pb2 import SpaceKind

SPACES_PAGE = 200
_NAMES = {SpaceKind.SPACE_KIND_BOOK: get_book_name, SpaceKind.SPACE_KIND_GROUP: get_group_name}
SHARED_KINDS = (*_NAMES,)


class Space(NamedTuple):
    """A space that somebody is in."""

    id: UUID
    kind: SpaceKind.ValueType


async def list_spaces(apart: Apart, caller: Caller, kind: SpaceKind.ValueType) -> list[Space]:
    """All of a kind, the oldest first."""
    found: list[Space] = []
    after: tuple[str, str] | None = None
    while True:
        page = await read_own(apart, caller, kind, SPACES_PAGE, after)
        found += [Space(each.id, kind) for each in page]
        if len(page) < SPACES_PAGE:
            return found
        after = page[-1].position


async def list_files(moment: Moment) -> list[UUID]:
    """Those that were not deleted."""
    _, rows = await moment.kinds("file")
    return [row[3] for row in rows if row[4] == Op.PUT]


@dataclass(frozen=True, slots=True)
class Held:
    """A space at the moment when it was looked at."""

    moment: Moment
    # What it is called. A home has no name.
    name: str
    open_content: OpenContent

    @property
    def id(self) -> UUID:
        return self.moment.space_id

    @property
    def kind(self) -> SpaceKind.ValueType:
        return self.moment.kind

    async def lines(self) -> AsyncGenerator[bytes, None]:
        async with aclosing(lines_of(self.moment)) as pieces:
            async for piece in pieces:
                yield piece.data

    def history(self) -> AsyncGenerator[bytes, None]:
        """Everything that it ever was, of what is seen in it, as JSON Lines of another kind."""
        return history_of(self.moment)

    async def files(self) -> AsyncGenerator[tuple[UUID, AsyncIterator[bytes]], None]:
        """Each with its contents. What was deleted since, or never finished, is not there."""
        moment = self.moment
        for file_id in await list_files(moment):
            tx = moment.readers.store.reader(moment.caller, moment.space_id, moment.request)
            try:
                content = await self.open_content(tx, file_id)
            except NotVisible:
                continue
            # What was brought home to be restored is a backup already.
            if (self.kind, content.file.content_type) != (SpaceKind.SPACE_KIND_HOME, ARCHIVE):
                yield file_id, content.pieces()


@dataclass(frozen=True, slots=True)
class Holdings:
    """Looks at what people have."""

    readers: Readers
    apart: Apart
    open_content: OpenContent

    async def look(self, caller: Caller, request: Message) -> list[Held]:
        """The caller's home, and every book and group that they are in, each at its newest moment."""
        spaces = [Space(caller.home_id, SpaceKind.SPACE_KIND_HOME)]
        for kind in SHARED_KINDS:
            spaces += await list_spaces(self.apart, caller, kind)
        held = []
        for space in spaces:
            try:
                moment = await moment_of(self.readers, caller, request, space.id)
                held.append(Held(moment, await self._name_of(caller, request, space), self.open_content))
            except NotVisible:
                # Left or deleted since the list was read.
                continue
        return held

    async def _name_of(self, caller: Caller, request: Message, space: Space) -> str:
        if space.kind not in _NAMES:
            return ""
        return await _NAMES[space.kind](self.readers.store.reader(caller, space.id, request))
