"""How are changes written that follow from bringing a space back? Behind everything that it ever was, some hundred to a commit."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tallystick.merging import changed_fields
from tallystick.rebuilding.history import History
from tallystick.rebuilding.reading import Entry
from tallystick.store.journal import CHANGES_MAX, Op

BATCH = 100


class OnTop:
    """The changes of whoever brings it back. `seq` is the newest commit."""

    def __init__(self, history: History, seq: int, actor_id: UUID, at: datetime) -> None:
        self._history = history
        self.seq = seq
        self._ordinal = 0
        self._actor_id = actor_id
        self._at = at
        self._waiting: list[Entry] = []

    async def put(self, kind: str, before: Any | None, after: Any) -> None:
        """No `before`: it is new."""
        fields = changed_fields(before, after) if before is not None else ()
        await self._add(kind, after, Op.PUT, fields)

    async def delete(self, kind: str, message: Any) -> None:
        await self._add(kind, message, Op.DELETE, ())

    async def flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        await self._history.write(waiting, on_top=True)

    async def _add(self, kind: str, message: Any, op: Op, fields: tuple[str, ...]) -> None:
        if self._ordinal == CHANGES_MAX:
            self.seq, self._ordinal = self.seq + 1, 0
        written = type(message)()
        written.CopyFrom(message)
        written.version = self.seq
        owner = getattr(written, "private_to", "")
        self._waiting.append(
            Entry(
                self.seq,
                self._ordinal,
                kind,
                UUID(written.id),
                op,
                fields,
                self._actor_id,
                self._at,
                None,
                written,
                UUID(owner) if owner else None,
            )
        )
        self._ordinal += 1
        if len(self._waiting) >= BATCH:
            await self.flush()
