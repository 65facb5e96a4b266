"""How is everything poured out that a space ever was? The journal's rows in the order of commits, up to a moment, as JSON Lines."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any
from uuid import UUID

from tallystick.exports.json_mapping import to_json
from tallystick.exports.moment import Moment, open_body
from tallystick.store.tx import ReadTx
from tallystick.sync.wire import KINDS, compose_change
from tallystick.times import to_timestamp
from tallystick.v1.backup_history_pb2 import HistoryHead, HistoryLine, HistoryRevision, HistoryTail
from tallystick.v1.sync_pb2 import Change

HISTORY_VERSION = 1


async def history_of(moment: Moment) -> AsyncGenerator[bytes, None]:
    """All revisions that led to a moment, of everything that its reader sees there."""
    head = HistoryHead(
        format_version=HISTORY_VERSION,
        space_id=str(moment.space_id),
        kind=moment.kind,
        version=moment.seq,
        made_at=to_timestamp(moment.readers.store.clock.now()),
    )
    yield _compose_line(HistoryLine(head=head))
    revisions = 0
    async with aclosing(moment.pages_of_history()) as pages:
        async for tx, rows in pages:
            told = [row for row in rows if row[2] in KINDS]
            revisions += len(told)
            yield await asyncio.to_thread(_compose, tx, moment.seq, told)
    yield _compose_line(HistoryLine(tail=HistoryTail(revisions=revisions)))


def _compose(tx: ReadTx, at_seq: int, rows: Sequence[Sequence[Any]]) -> bytes:
    return b"".join(_compose_line(HistoryLine(revision=_revision_of(tx, at_seq, *row))) for row in rows)


def _revision_of(
    tx: ReadTx,
    at_seq: int,
    seq: int,
    ordinal: int,
    kind: str,
    entity_id: UUID,
    op: int,
    fields: Sequence[str],
    actor_id: UUID,
    at: datetime,
    cell: bytes,
    superseded_by: int | None,
) -> HistoryRevision:
    body = open_body(tx, seq, ordinal, entity_id, cell)
    change = Change.FromString(compose_change(kind, seq, op, fields, actor_id, at, body))
    # What was changed after the moment was the newest in it.
    until = superseded_by if superseded_by is not None and superseded_by <= at_seq else 0
    return HistoryRevision(change=change, ordinal=ordinal, superseded_by=until)


def _compose_line(line: HistoryLine) -> bytes:
    return json.dumps(to_json(line), separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
