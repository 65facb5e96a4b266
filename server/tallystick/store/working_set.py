"""How do several commands become one commit? Each is decided on what those before it handed over, before anything is final.

Every command that is taken gets a seq of its own, so that versions tell commands apart; all of them become visible at once.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg
from google.protobuf.message import Message

from tallystick.store import door
from tallystick.store.answers import Answered, AnswerKind
from tallystick.store.connection import Connection, Row
from tallystick.store.constraints import find_error
from tallystick.store.rows import batched
from tallystick.store.statements import Call
from tallystick.store.tx import Run, WriteTx

Begin = Callable[[int, Run], WriteTx]
Compose = Callable[[WriteTx, Message, bytes, AnswerKind], Awaitable[list[Call[()]]]]


class CommitBroken(Exception):
    """What was handed over could not be written. Which command is to blame shows when each has a commit of its own."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class WorkingSet:
    """The commands of one commit, so far."""

    def __init__(
        self,
        connection: Connection,
        space_id: UUID,
        seq: int,
        answers: Mapping[UUID, Answered],
        begin: Begin,
        compose: Compose,
        open_answer: Callable[[Message, Answered], bytes],
    ) -> None:
        self._connection = connection
        self._space_id = space_id
        # The lock has taken this seq, and stamps rows with it until the next one is asked for.
        self._seq = self._stamped = seq
        self._answers = answers
        self._begin = begin
        self._compose = compose
        self._open = open_answer
        self._waiting: list[Call[*tuple[Any, ...]]] = []
        self.taken = 0

    def find_answer(self, request: Message) -> tuple[Answered, bytes] | None:
        """What the request was answered before this commit. Another request under its id is refused."""
        first = self._answers.get(UUID(request.request_id))  # type: ignore[attr-defined]  # a write has one
        return (first, self._open(request, first)) if first else None

    def begin(self) -> WriteTx:
        """A view for the next command. What it hands over is written when it is taken, and forgotten when not."""
        if self._seq > self._stamped:
            self._waiting.append(door.NEXT_SEQ(space_id=self._space_id))
            self._stamped = self._seq
        return self._begin(self._seq, lambda _, calls: self._run(calls))

    async def take(self, tx: WriteTx, request: Message, answer: bytes, kind: AnswerKind) -> None:
        """Makes what a command handed over part of the commit."""
        calls = await self._compose(tx, request, answer, kind)
        self._waiting += batched(calls)
        self._seq += 1
        self.taken += 1

    async def finish(self) -> None:
        """Commits what was taken. A commit of nothing takes no seq."""
        if self.taken:
            await self._send([*self._waiting, door.COMMIT()])

    async def _run(self, calls: Sequence[Call[*tuple[Any, ...]]]) -> list[list[Row]]:
        """Sends what waits ahead of the queries of the next command, in the same round trip."""
        waiting, self._waiting = self._waiting, []
        return (await self._send([*waiting, *calls]))[len(waiting) :]

    async def _send(self, calls: Sequence[Call[*tuple[Any, ...]]]) -> list[list[Row]]:
        try:
            return await self._connection.batch(calls)
        except psycopg.IntegrityError as broken:
            raise CommitBroken(find_error(broken) or broken) from broken
