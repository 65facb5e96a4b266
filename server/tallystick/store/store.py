"""How is a space read and written? The one door: nobody gets a transaction without naming the caller, the space and the request."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.message import Message

from tallystick import contract
from tallystick.caller import Caller
from tallystick.clock import Clock
from tallystick.errors import Duplicate, NotVisible, Unavailable
from tallystick.store import door
from tallystick.store.answers import Answer, Answered, AnswerKind
from tallystick.store.commits import ANSWER_PLACE, compose_commit
from tallystick.store.connection import Connection, Row
from tallystick.store.keyring import Keyring
from tallystick.store.keys import KEYS_OF, SpaceKeys
from tallystick.store.lending import WORTH_ANOTHER_TRY, Lent, Pool
from tallystick.store.members import add_member
from tallystick.store.refusals import in_conflict, request_id_reused, require_role
from tallystick.store.rows import batched
from tallystick.store.seal import SpaceSeal
from tallystick.store.statements import Call, Statement
from tallystick.store.tx import ReadTx, Run, Snapshot, WriteTx
from tallystick.store.working_set import WorkingSet
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import SpaceKind
from tallystick.v1.sync_pb2 import Conflict

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)
T = TypeVar("T")
Command = Callable[[WriteTx, Request], Awaitable[Response]]

ATTEMPTS_MAX = 5
BACKOFF_S = 0.02
FIRST_GENERATION = 1


class Store:
    """Reads and writes spaces."""

    def __init__(self, pool: Pool, keyring: Keyring, clock: Clock, nudge: Callable[[UUID], None]) -> None:
        self.pool = pool
        self.keys = SpaceKeys(keyring)
        self.clock = clock
        # Whoever wants to hear of every commit of this process.
        self.nudged = [nudge]
        self._fingerprint_key = keyring.derive(b"request fingerprints")
        self._address_key = keyring.derive(b"addresses")

    def reader(self, caller: Caller, space_id: str | UUID, request: Message, *, even_deleted: bool = False) -> ReadTx:
        """A view of a space for whoever may make this request there."""
        return self._reader(caller, space_id, request, door.ADMIT_READ, even_deleted=even_deleted)

    def reader_invited(self, caller: Caller, space_id: str | UUID, request: Message) -> ReadTx:
        """The same for somebody who is no member yet. Only for a space that an invitation of the caller leads to, and to read
        no more of it than that invitation."""
        return self._reader(caller, space_id, request, door.ADMIT_INVITED, even_deleted=False)

    def _reader(
        self,
        caller: Caller,
        space_id: str | UUID,
        request: Message,
        admission: Statement[int, int],
        *,
        even_deleted: bool,
    ) -> ReadTx:
        space = UUID(str(space_id))
        _require_reach(caller, space)
        least = contract.access_of(request).role

        context = door.CONTEXT(user_id=caller.user_id, space_id=space)
        admit = admission(user_id=caller.user_id, space_id=space, even_deleted=even_deleted)

        async def take(connection: Connection, admitted: Sequence[Row]) -> tuple[Role.ValueType, SpaceSeal]:
            if not admitted:
                raise NotVisible
            role, generation = admitted[0]
            require_role(role, least)
            seal = self.keys.find(space, generation) or await self._open_keys(connection, caller, space, generation)
            return role, seal

        async def run(tx: ReadTx, calls: Sequence[Call[*tuple[Any, ...]]]) -> list[list[Row]]:
            async with self.connection() as connection:
                _, _, admitted, *rows, _ = await connection.batch(
                    [door.BEGIN_SNAPSHOT(), context, admit, *calls, door.COMMIT()]
                )
                tx.role, tx.seal = await take(connection, admitted)
            return rows

        @asynccontextmanager
        async def hold() -> AsyncIterator[Snapshot]:
            async with self.connection() as connection:
                _, _, admitted = await connection.batch([door.BEGIN_SNAPSHOT(), context, admit])
                yield Snapshot(space, connection, *await take(connection, admitted))

        return ReadTx(space, run, hold)

    async def write(
        self,
        caller: Caller,
        space_id: str | UUID,
        request: Request,
        command: Command[Request, Response],
        response: type[Response],
        *,
        ahead: Sequence[Call[*tuple[Any, ...]]] = (),
        even_deleted: bool = False,
    ) -> Response:
        """Runs a command in one transaction of the space, exactly once for each request_id.

        `ahead` are queries that the command is going to make. They travel with the lock, behind it, and save a round trip; a command
        that asks something else simply asks. With `even_deleted` a deleted space is found, too.
        """
        space = UUID(str(space_id))
        _require_reach(caller, space)
        lock = door.LOCK(user_id=caller.user_id, space_id=space, even_deleted=even_deleted)
        return await self._persist(
            space,
            lambda connection: self._write_once(connection, caller, space, request, command, response, lock, ahead),
        )

    async def write_last(
        self,
        caller: Caller,
        space_id: str | UUID,
        request: Request,
        command: Command[Request, Response],
        response: type[Response],
    ) -> Response:
        """The same for what may shut the door behind the caller, or hide the space: a repeat finds the first answer all the same."""
        try:
            return await self.write(caller, space_id, request, command, response)
        except NotVisible:
            first = await self.find_answer(caller, space_id, request, response)
            if first is None:
                raise
            return first

    async def write_invited(
        self,
        caller: Caller,
        space_id: str | UUID,
        request: Request,
        command: Command[Request, Response],
        response: type[Response],
        *,
        even_deleted: bool = False,
    ) -> Response:
        """The same for somebody who is no member yet. The door does not judge them: the command must, by their invitation, before
        it hands anything over."""
        space = UUID(str(space_id))
        _require_reach(caller, space)
        lock = door.LOCK_INVITED(space_id=space, even_deleted=even_deleted)
        return await self._persist(
            space,
            lambda connection: self._write_invited_once(connection, caller, space, request, command, response, lock),
        )

    async def find_answer(
        self, caller: Caller, space_id: str | UUID, request: Message, response: type[Response]
    ) -> Response | None:
        """What the caller was answered to this very request, also when it ended their membership or hid the space."""
        space, request_id = UUID(str(space_id)), UUID(request.request_id)  # type: ignore[attr-defined]  # as in _write_once
        _require_reach(caller, space)
        context = door.CONTEXT(user_id=caller.user_id, space_id=space)
        admit = door.ADMIT_INVITED(space_id=space, even_deleted=True)
        find = door.ANSWER_OF(space_id=space, request_id=request_id)
        async with self.connection() as connection:
            _, _, admitted, found, _ = await connection.batch(
                [door.BEGIN_SNAPSHOT(), context, admit, find, door.COMMIT()]
            )
            if not admitted or not found or found[0][0] != caller.user_id:
                return None
            generation = admitted[0][1]
            seal = self.keys.find(space, generation) or await self._open_keys(connection, caller, space, generation)
            return self._first_answer(seal, request, found[0][1:], response)

    async def write_together(
        self,
        caller: Caller,
        space_id: str | UUID,
        request: Message,
        request_ids: Sequence[UUID],
        decide: Callable[[WorkingSet], Awaitable[T]],
    ) -> T:
        """Runs several commands in one transaction of the space. `decide` goes through them, and may run twice.

        The role that is asked for is the one of `request`; what each command needs besides is for `decide` to ask.
        """
        space = UUID(str(space_id))
        _require_reach(caller, space)
        return await self._persist(
            space, lambda connection: self._write_together_once(connection, caller, space, request, request_ids, decide)
        )

    async def found(
        self,
        caller: Caller,
        kind: SpaceKind.ValueType,
        space_id: UUID,
        owner_name: str,
        request: Request,
        command: Command[Request, Response],
        response: type[Response],
    ) -> Response:
        """Makes a space with the caller as its owner, and runs the command as its first commit.

        A repeat finds the space made, and its answer.
        """

        async def with_owner(tx: WriteTx, request: Request) -> Response:
            add_member(tx, caller.user_id, owner_name, Role.ROLE_OWNER)
            return await command(tx, request)

        return await self.found_with_members(caller, kind, space_id, request, with_owner, response)

    async def found_with_members(
        self,
        caller: Caller,
        kind: SpaceKind.ValueType,
        space_id: UUID,
        request: Request,
        command: Command[Request, Response],
        response: type[Response],
    ) -> Response:
        """The same for a command that brings its members along, with the caller as an owner among them."""
        return await self._persist(
            space_id,
            lambda connection: self._found_once(connection, caller, kind, space_id, request, command, response),
        )

    def connection(self) -> Lent:
        return Lent(self.pool)

    async def _persist(self, space: UUID, once: Callable[[Connection], Awaitable[T]]) -> T:
        """Runs a transaction again as long as PostgreSQL says that running it again may help."""
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                async with self.connection() as connection:
                    answer = await once(connection)
            except WORTH_ANOTHER_TRY as refused:
                if attempt == ATTEMPTS_MAX:
                    raise Unavailable(
                        ErrorReason.ERROR_REASON_DATABASE_UNAVAILABLE, "The space is busy.", retry_after_s=1.0
                    ) from refused
                await asyncio.sleep(random.uniform(0, BACKOFF_S * 2**attempt))
            else:
                for nudge in self.nudged:
                    nudge(space)
                return answer
        raise AssertionError("unreachable: the last attempt returned or raised")

    async def _write_once(
        self,
        connection: Connection,
        caller: Caller,
        space: UUID,
        request: Request,
        command: Command[Request, Response],
        response: type[Response],
        lock: Call[int, int, str],
        ahead: Sequence[Call[*tuple[Any, ...]]],
    ) -> Response:
        request_id = UUID(request.request_id)  # type: ignore[attr-defined]  # every request of a write has one: tests/contract
        _, _, locked, admitted, *found_ahead = await connection.batch(
            [
                door.BEGIN(),
                door.CONTEXT(user_id=caller.user_id, space_id=space),
                lock,
                door.ADMIT_WRITE(user_id=caller.user_id, space_id=space, request_id=request_id),
                *ahead,
            ]
        )
        if not locked or not admitted:
            raise NotVisible
        (seq, generation, _), (role, *answered) = locked[0], admitted[0]
        seal = self.keys.find(space, generation) or await self._open_keys(connection, caller, space, generation)
        if answered[0] is not None:
            return self._first_answer(seal, request, answered, response)
        require_role(role, contract.access_of(request).role)
        tx = WriteTx(_runner(connection), caller, seal, role, seq, self.clock)
        tx.found_ahead = list(zip(ahead, found_ahead, strict=True))
        return await self._commit(connection, tx, request, await command(tx, request))

    async def _write_together_once(
        self,
        connection: Connection,
        caller: Caller,
        space: UUID,
        request: Message,
        request_ids: Sequence[UUID],
        decide: Callable[[WorkingSet], Awaitable[T]],
    ) -> T:
        _, _, locked, admitted, answers = await connection.batch(
            [
                door.BEGIN(),
                door.CONTEXT(user_id=caller.user_id, space_id=space),
                door.LOCK(user_id=caller.user_id, space_id=space, even_deleted=False),
                door.ADMIT_PUSH(user_id=caller.user_id, space_id=space),
                door.ANSWERS_OF(space_id=space, request_ids=request_ids),
            ]
        )
        if not locked or not admitted:
            raise NotVisible
        (seq, generation, _), (role,) = locked[0], admitted[0]
        require_role(role, contract.access_of(request).role)
        seal = self.keys.find(space, generation) or await self._open_keys(connection, caller, space, generation)

        def begin(seq: int, run: Run) -> WriteTx:
            return WriteTx(run, caller, seal, role, seq, self.clock)

        async def compose(tx: WriteTx, answers: Sequence[Answer]) -> list[Call[()]]:
            return await compose_commit(tx, answers, self.hash_address)

        first = {request_id: Answered(*rest) for request_id, *rest in answers}
        together = WorkingSet(
            connection, space, seq, first, begin, compose, partial(self.open_answer, seal), self.fingerprint
        )
        decided = await decide(together)
        await together.finish()
        return decided

    async def _write_invited_once(
        self,
        connection: Connection,
        caller: Caller,
        space: UUID,
        request: Request,
        command: Command[Request, Response],
        response: type[Response],
        lock: Call[int, int, str],
    ) -> Response:
        request_id = UUID(request.request_id)  # type: ignore[attr-defined]  # as above
        _, _, locked, found = await connection.batch(
            [
                door.BEGIN(),
                door.CONTEXT(user_id=caller.user_id, space_id=space),
                lock,
                door.ANSWER_OF(space_id=space, request_id=request_id),
            ]
        )
        if not locked:
            raise NotVisible
        seq, generation, _ = locked[0]
        seal = self.keys.find(space, generation) or await self._open_keys(connection, caller, space, generation)
        if found and found[0][0] == caller.user_id:
            return self._first_answer(seal, request, found[0][1:], response)
        tx = WriteTx(_runner(connection), caller, seal, Role.ROLE_UNSPECIFIED, seq, self.clock)
        answer = await command(tx, request)
        if found:
            # Said only to whom the command has admitted: others may not learn that the id is in use here.
            raise request_id_reused()
        return await self._commit(connection, tx, request, answer)

    async def _found_once(
        self,
        connection: Connection,
        caller: Caller,
        kind: SpaceKind.ValueType,
        space: UUID,
        request: Request,
        command: Command[Request, Response],
        response: type[Response],
    ) -> Response:
        request_id = UUID(request.request_id)  # type: ignore[attr-defined]  # as above
        made, admitted = (
            await connection.batch(
                [
                    door.BEGIN(),
                    door.CONTEXT(user_id=caller.user_id, space_id=space),
                    door.FOUND_SPACE(id=space, kind=kind, epoch=self.clock.new_id()),
                    door.ADMIT_WRITE(user_id=caller.user_id, space_id=space, request_id=request_id),
                ]
            )
        )[2:]
        if not made:
            if not admitted or admitted[0][1] is None:
                raise Duplicate(ErrorReason.ERROR_REASON_ID_TAKEN, "The id is taken.")
            seal = await self._open_keys(connection, caller, space, FIRST_GENERATION)
            return self._first_answer(seal, request, admitted[0][1:], response)
        key, keep_key = self.keys.compose_new(space, FIRST_GENERATION)
        await connection.batch(
            [door.FOUND_CONTEXT(seq=1), keep_key, door.FOUND_USER_SPACE(user_id=caller.user_id, space_id=space)]
        )
        tx = WriteTx(_runner(connection), caller, self.keys.adopt(space, key), Role.ROLE_OWNER, 1, self.clock)
        return await self._commit(connection, tx, request, await command(tx, request))

    async def _commit(self, connection: Connection, tx: WriteTx, request: Message, answer: Response) -> Response:
        """Sends everything that the command handed over, its journal, its answer and the COMMIT, in one round trip."""
        given = Answer(request, self.fingerprint(request), answer.SerializeToString(deterministic=True))
        calls = await compose_commit(tx, [given], self.hash_address)
        await connection.batch([*batched(calls), door.COMMIT()])
        return answer

    def _first_answer(
        self, seal: SpaceSeal, request: Message, answered: Sequence[Any], response: type[Response]
    ) -> Response:
        first = Answered(*answered)
        plain = self.open_answer(seal, request, first)
        if first.kind == AnswerKind.CONFLICT:
            raise in_conflict(Conflict.FromString(plain).id)
        return response.FromString(plain)

    def open_answer(self, seal: SpaceSeal, request: Message, first: Answered) -> bytes:
        """What was answered first to this very request."""
        if first.fingerprint != self.fingerprint(request):
            raise request_id_reused()
        request_id = UUID(request.request_id)  # type: ignore[attr-defined]  # as above
        return seal.open(ANSWER_PLACE, request_id.bytes, first.seq, first.body)

    def fingerprint(self, request: Message) -> bytes:
        """Tells a repeat from another request under the same id. Keyed, because a plain hash would let amounts be guessed."""
        digest = hashlib.blake2b(
            request.DESCRIPTOR.full_name.encode() + b"\0", key=self._fingerprint_key, digest_size=32
        )
        digest.update(request.SerializeToString(deterministic=True))
        return digest.digest()

    def hash_address(self, address: str) -> bytes:
        return hashlib.blake2b(address.encode(), key=self._address_key, digest_size=16).digest()

    async def _open_keys(self, connection: Connection, caller: Caller, space: UUID, generation: int) -> SpaceSeal:
        context = door.CONTEXT(user_id=caller.user_id, space_id=space)
        _, rows = await connection.batch([context, KEYS_OF(space_id=space)])
        return self.keys.open(space, generation, rows)


def _runner(connection: Connection) -> Run:
    return lambda _, calls: connection.batch(calls)


def _require_reach(caller: Caller, space: UUID) -> None:
    if not caller.may_reach(space):
        raise NotVisible
