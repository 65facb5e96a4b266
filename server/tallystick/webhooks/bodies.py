"""What does a receiver get? Rows of the journal, cut into deliveries, each the JSON of a `WebhookEvent`.

A delivery tells of one commit. A large commit takes several, cut by rules that look at nothing but the commit: wherever a replay begins,
the same changes come in the same delivery.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from tallystick.store import journal
from tallystick.store.seal import SpaceSeal
from tallystick.sync.wire import compose_change
from tallystick.times import to_timestamp
from tallystick.v1.sync_pb2 import Change
from tallystick.v1.webhook_event_pb2 import WebhookEvent
from tallystick.v1.webhook_pb2 import Webhook
from tallystick.webhooks.rules import Position, delivery_id_of

# A change that is larger than this alone is a delivery of its own.
PART_BYTES, PART_CHANGES = 256 * 1024, 100
# With so many rows there is always a whole delivery, and it is known whether its commit goes on.
PAGE_ROWS = 2 * PART_CHANGES + 1
# So many changes are written before others get their turn.
TURN = 10

Row = Sequence[Any]


class Delivery(NamedTuple):
    """What is sent in one piece. `at` is how far the webhook is when it has arrived."""

    id: UUID
    at: Position
    from_seq: int
    ordinals: Sequence[int]
    is_complete: bool
    body: bytes


@dataclass(slots=True)
class _Part:
    """A delivery as it grows."""

    seq: int
    at: datetime
    ordinals: list[int] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    size: int = 0

    def has_room(self, text: str) -> bool:
        return not self.changes or (len(self.changes) < PART_CHANGES and self.size + len(text) <= PART_BYTES)

    def add(self, ordinal: int, text: str) -> None:
        self.ordinals.append(ordinal)
        self.changes.append(text)
        self.size += len(text)


class Bodies:
    """Makes the deliveries of one webhook."""

    def __init__(self, webhook: Webhook, epoch: UUID, seal: SpaceSeal) -> None:
        self._webhook = webhook
        self._epoch = epoch
        self._seal = seal

    async def deliveries(self, rows: Sequence[Row], told_seq: int, *, is_all: bool) -> AsyncGenerator[Delivery, None]:
        """Those that are whole among the rows. What the last one would be shows with the rows behind it, unless these are all."""
        part: _Part | None = None
        for number, row in enumerate(rows):
            text = self._write(row)
            if part is not None and (row[0] != part.seq or not part.has_room(text)):
                yield self._close(part, told_seq, is_complete=row[0] != part.seq)
                told_seq = part.seq
                part = None
            if part is None:
                part = _Part(seq=row[0], at=row[7])
            part.add(row[1], text)
            if number % TURN == 0:
                await asyncio.sleep(0)
        if part is not None and is_all:
            yield self._close(part, told_seq, is_complete=True)

    def again(self, rows: Sequence[Row], from_seq: int, *, is_complete: bool) -> Delivery | None:
        """One that was given up, from its rows. None: nothing of it may be told any more."""
        if not rows:
            return None
        part = _Part(seq=rows[0][0], at=rows[0][7])
        for row in rows:
            part.add(row[1], self._write(row))
        return self._close(part, from_seq, is_complete=is_complete)

    def ping(self, delivery_id: UUID, now: datetime) -> bytes:
        event = self._event(delivery_id, now)
        event.ping = event.complete = True
        return _dump(_head_of(event) | {"changes": []}).encode()

    def _write(self, row: Row) -> str:
        seq, ordinal, kind, entity_id, op, fields, actor_id, at, cell = row
        body = self._seal.open(journal.PLACE, journal.row_of(ordinal, entity_id), seq, cell)
        change = Change.FromString(compose_change(kind, seq, op, fields, actor_id, at, body))
        return _dump(MessageToDict(change))

    def _close(self, part: _Part, from_seq: int, *, is_complete: bool) -> Delivery:
        delivery_id = delivery_id_of(UUID(self._webhook.id), part.seq, part.ordinals)
        event = self._event(delivery_id, part.at)
        event.from_version, event.to_version, event.complete = from_seq, part.seq, is_complete
        head = _dump(_head_of(event))
        body = f'{head[:-1]},"changes":[{",".join(part.changes)}]}}'.encode()
        at = Position(part.seq) if is_complete else Position(part.seq, part.ordinals[-1])
        return Delivery(delivery_id, at, from_seq, part.ordinals, is_complete, body)

    def _event(self, delivery_id: UUID, at: datetime) -> WebhookEvent:
        return WebhookEvent(
            webhook_id=self._webhook.id,
            delivery_id=str(delivery_id),
            space_id=self._webhook.space_id,
            epoch=str(self._epoch),
            made_at=to_timestamp(at),
        )


def _head_of(event: Message) -> dict[str, Any]:
    """With every field, so that whoever reads it without the contract finds them all; but for the changes, which come behind it."""
    head: dict[str, Any] = MessageToDict(event, always_print_fields_with_no_presence=True)
    del head["changes"]
    return head


def _dump(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
