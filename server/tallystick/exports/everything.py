"""What is everything of somebody's? A ZIP: each space that they are in as JSON Lines, their home with themselves in it, and their files.

Each space is one state of it; they are not of one moment, because no transaction spans two.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.exports.archives import Archive
from tallystick.exports.files import ComingFile, Piece
from tallystick.exports.holdings import Space, list_files, list_spaces
from tallystick.exports.moment import Moment, Readers
from tallystick.exports.rules import Order, compose_file_name, safe
from tallystick.exports.spaces import lines_of, moment_of
from tallystick.files.queries import OpenContent
from tallystick.groups.profiles.queries import get_group_name
from tallystick.ledger.books.queries import get_book_name
from tallystick.store.apart import Apart
from tallystick.v1.export_service_pb2 import ExportRequest
from tallystick.v1.space_pb2 import SpaceKind

README = """\
Everything of yours

home.jsonl     you, your settings and your notifications
books/         each book that you are in
groups/        each group that you are in
attachments/   the files of each of them, in a folder named by its id

Each .jsonl file is one state of a space. Every line is a JSON object: the first says what follows ("head"), each of the others
is one thing in its newest state ("change"), and the last says how many there were ("tail"). What was deleted and can be restored is
there, too, and says "deleted". Amounts are integers in the smallest unit of their currency.
Private accounts of others are not in it.
"""
_FOLDERS = {SpaceKind.SPACE_KIND_BOOK: "books", SpaceKind.SPACE_KIND_GROUP: "groups"}
_NAMES = {SpaceKind.SPACE_KIND_BOOK: get_book_name, SpaceKind.SPACE_KIND_GROUP: get_group_name}


@dataclass(frozen=True, slots=True)
class Everything:
    """Makes archives of everything of somebody's."""

    apart: Apart
    open_content: OpenContent

    async def export(self, readers: Readers, caller: Caller, request: ExportRequest, order: Order) -> ComingFile:
        spaces = [Space(caller.home_id, SpaceKind.SPACE_KIND_HOME)]
        # An access key, which reaches some books only, fails here.
        await moment_of(readers, caller, request, caller.home_id)
        for kind in _FOLDERS:
            spaces += await list_spaces(self.apart, caller, kind)
        day = readers.store.clock.now().date().isoformat()
        name = compose_file_name("everything", day, format_=order.format)
        return ComingFile(name, order.content_type, len(spaces), self._archive(readers, caller, request, spaces))

    async def _archive(
        self, readers: Readers, caller: Caller, request: ExportRequest, spaces: list[Space]
    ) -> AsyncGenerator[Piece, None]:
        archive = Archive(readers.store.clock.now())
        async for data in archive.add("README.txt", _once(README.encode())):
            yield Piece(data, 0)
        for done, space in enumerate(spaces):
            try:
                moment = await moment_of(readers, caller, request, space.id)
                name = await _name_of(readers, caller, request, space)
            except NotVisible:
                # Left or deleted since the list was read.
                continue
            async with aclosing(self._space(archive, moment, name)) as pieces:
                async for data in pieces:
                    yield Piece(data, done)
        yield Piece(archive.close(), len(spaces))

    async def _space(self, archive: Archive, moment: Moment, name: str) -> AsyncGenerator[bytes, None]:
        async with aclosing(_data(lines_of(moment))) as lines:
            async for data in archive.add(name, lines):
                yield data
        for file_id in await list_files(moment):
            async for data in self._attachment(archive, moment, file_id):
                yield data

    async def _attachment(self, archive: Archive, moment: Moment, file_id: UUID) -> AsyncGenerator[bytes, None]:
        tx = moment.readers.store.reader(moment.caller, moment.space_id, moment.request)
        try:
            content = await self.open_content(tx, file_id)
        except NotVisible:
            # It was deleted since, or never finished.
            return
        name = f"attachments/{moment.space_id}/{file_id}-{safe(content.file.name)}"
        async for data in archive.add(name, content.pieces(), content.file.content_type):
            yield data


async def _name_of(readers: Readers, caller: Caller, request: ExportRequest, space: Space) -> str:
    """Where it is in the archive. Names may repeat; ids do not."""
    if space.kind not in _NAMES:
        return "home.jsonl"
    said = await _NAMES[space.kind](readers.store.reader(caller, space.id, request))
    return f"{_FOLDERS[space.kind]}/{safe(said)}-{space.id}.jsonl"


async def _data(pieces: AsyncGenerator[Piece, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(pieces) as each:
        async for data, _ in each:
            yield data


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
