"""How is everything of a space poured out? Its journal rows in the order of commits, each entity once, in its newest state."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.exports.files import ComingFile, Piece
from tallystick.exports.json_lines import FORMAT_VERSION, compose_line
from tallystick.exports.moment import Moment, Readers, open_change
from tallystick.exports.rules import Order, compose_file_name
from tallystick.groups.profiles.queries import get_group_name
from tallystick.ledger.books.queries import get_book_name
from tallystick.store.tx import ReadTx
from tallystick.sync.wire import KINDS
from tallystick.times import to_timestamp
from tallystick.v1.export_pb2 import ExportHead, ExportLine, ExportTail
from tallystick.v1.export_service_pb2 import ExportRequest


async def export_all(readers: Readers, caller: Caller, request: ExportRequest, order: Order) -> ComingFile:
    """Of a book or a group."""
    space_id = UUID(request.book_id or request.group_id)
    get_name = get_book_name if request.book_id else get_group_name
    async with readers.store.reader(caller, space_id, request).snapshot() as tx:
        name, moment = await get_name(tx), await Moment.of(readers, caller, request, tx)
    file_name = compose_file_name(name, format_=order.format)
    return ComingFile(file_name, order.content_type, await moment.count(), lines_of(moment))


async def moment_of(readers: Readers, caller: Caller, request: Message, space_id: UUID) -> Moment:
    """The newest moment of a space."""
    return await Moment.of(readers, caller, request, readers.store.reader(caller, space_id, request))


async def lines_of(moment: Moment) -> AsyncGenerator[Piece, None]:
    """All of a space as JSON Lines."""
    head = ExportHead(
        format_version=FORMAT_VERSION,
        space_id=str(moment.space_id),
        kind=moment.kind,
        version=moment.seq,
        exported_at=to_timestamp(moment.readers.store.clock.now()),
    )
    yield Piece(compose_line(ExportLine(head=head)), 0)
    rows_done, entities = 0, 0
    async with aclosing(moment.pages()) as pages:
        async for tx, rows in pages:
            told = [row for row in rows if row[2] in KINDS]
            rows_done, entities = rows_done + len(rows), entities + len(told)
            yield Piece(await asyncio.to_thread(_compose, tx, told), rows_done)
    yield Piece(compose_line(ExportLine(tail=ExportTail(entities=entities))), rows_done)


def _compose(tx: ReadTx, rows: Sequence[Sequence[Any]]) -> bytes:
    return b"".join(compose_line(ExportLine(change=open_change(tx, *row))) for row in rows)
