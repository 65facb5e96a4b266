"""How is everything poured out that a space ever was? The journal's rows in the order of commits, up to a moment, as JSON Lines."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from tallystick.exports.json_lines import compose_line
from tallystick.exports.moment import Moment, open_change
from tallystick.store.tx import ReadTx
from tallystick.sync.wire import KINDS
from tallystick.times import to_timestamp
from tallystick.v1.backup_history_pb2 import HistoryHead, HistoryLine, HistoryRevision, HistoryTail

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
    yield compose_line(HistoryLine(head=head))
    revisions = 0
    async with aclosing(moment.pages_of_history()) as pages:
        async for tx, rows in pages:
            told = [row for row in rows if row[2] in KINDS]
            revisions += len(told)
            yield await asyncio.to_thread(_compose, tx, moment.seq, told)
    yield compose_line(HistoryLine(tail=HistoryTail(revisions=revisions)))


def _compose(tx: ReadTx, at_seq: int, rows: Sequence[Sequence[Any]]) -> bytes:
    return b"".join(compose_line(HistoryLine(revision=_revision_of(tx, at_seq, row))) for row in rows)


def _revision_of(tx: ReadTx, at_seq: int, row: Sequence[Any]) -> HistoryRevision:
    *changed, superseded_by = row
    # What was changed after the moment was the newest in it.
    until = superseded_by if superseded_by is not None and superseded_by <= at_seq else 0
    return HistoryRevision(change=open_change(tx, *changed), ordinal=row[1], superseded_by=until)
