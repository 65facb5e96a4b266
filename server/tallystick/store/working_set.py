"""How do several commands become one commit? Each is decided on what those before it handed over, before anything is final.

Every command that is taken gets a seq of its own, so that versions tell commands apart; all of them become visible at once.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg
from google.protobuf.message import Message

from tallystick.store import door
from tallystick.store.answers import Answer, Answered, AnswerKind
from tallystick.store.commits import id_of
from tallystick.store.connection import Connection, Row
from tallystick.store.constraints import find_error
from tallystick.store.refusals import request_id_reused
from tallystick.store.rows import batched
from tallystick.store.statements import Call
from tallystick.store.tx import Run, WriteTx

Begin = Callable[[int, Run], WriteTx]
Compose = Callable[[WriteTx, Sequence[Answer]], Awaitable[list[Call[()]]]]


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
        fingerprint: Callable[[Message], bytes],
    ) -> None:
        self._connection = connection
        self._space_id = space_id
        # The lock has taken this seq, and stamps rows with it until the next one is asked for.
        self._seq = self._stamped = seq
        self._answers = answers
        self._begin = begin
        self._compose = compose
        self._open = open_answer
        self._fingerprint = fingerprint
        self._given: dict[UUID, tuple[Answered, bytes]] = {}
        self._waiting: list[Call[*tuple[Any, ...]]] = []
        # Whether a command that was taken changed who may do what: others need to be admitted anew.
        self.is_access_raised = False

    def is_known(self, request_id: UUID) -> bool:
        """Whether there is an answer to a request of this id."""
        return request_id in self._given or request_id in self._answers

    def find_answer(self, request: Message) -> tuple[Answered, bytes] | None:
        """What the request was answered before, also in this very commit. Another request under its id is refused."""
        if given := self._given.get(id_of(request)):
            if given[0].fingerprint != self._fingerprint(request):
                raise request_id_reused()
            return given
        first = self._answers.get(id_of(request))
        return (first, self._open(request, first)) if first else None

    def begin(self) -> WriteTx:
        """A view for the next command. What it hands over is written when it is taken, and forgotten when not."""
        if self._seq > self._stamped:
            self._waiting.append(door.NEXT_SEQ(space_id=self._space_id))
            self._stamped = self._seq
        return self._begin(self._seq, lambda _, calls: self._run(calls))

    async def undo(self, tx: WriteTx) -> None:
        """Takes back what a refused command has written already. The commands before it stay."""
        if tx.has_flushed:
            await self._send([door.ROLLBACK_TO_SAVEPOINT()])

    async def take(
        self, tx: WriteTx, answers: Sequence[tuple[Message, bytes]], kind: AnswerKind = AnswerKind.RESPONSE
    ) -> None:
        """Makes what one command handed over part of the commit; or what several did that made one change each, in their order."""
        given = [Answer(request, self._fingerprint(request), body, kind) for request, body in answers]
        self._waiting += batched(await self._compose(tx, given))
        for each in given:
            self._given[id_of(each.request)] = Answered(each.fingerprint, tx.seq, kind, b""), each.body
        self.is_access_raised |= tx.is_access_raised
        self._seq += 1

    async def finish(self) -> None:
        """Commits what was taken. A commit of nothing takes no seq."""
        if self._given:
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
