"""How is what belongs to no space written: users, sessions, keys? The write door's small sister.

The same promises (one transaction, exactly once for each request_id, audited), without seq and journal, which are a space's.
`scope` is what the request is about: the user, or a hash of the address or token that a stranger brought. Requests of one scope
wait for each other.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar, TypeVarTuple, cast
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import Message
from sqlalchemy import BigInteger, Uuid, bindparam, func, insert, select, true

from tallystick.clock import Clock
from tallystick.errors import RuleBroken
from tallystick.store import audit, door
from tallystick.store.audit import AuditNote
from tallystick.store.connection import Connection, Row
from tallystick.store.refusals import request_id_reused
from tallystick.store.seal import SpaceSeal
from tallystick.store.statements import Call, Statement, prepare
from tallystick.store.store import Store
from tallystick.store.tables import answer_apart
from tallystick.v1.error_reason_pb2 import ErrorReason

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)
Ts = TypeVarTuple("Ts")

SECRET_ANSWER_TTL = timedelta(hours=1)
_PLACE = b"answer_apart.body"

_CONTEXT = prepare(select(func.set_config("role", door.APP_ROLE, true())))
# Held until the transaction ends, and never across it: that would not survive a pooler.
_LOCK = prepare(select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger))))
_FIND = prepare(
    select(answer_apart.c.fingerprint, answer_apart.c.body, answer_apart.c.body_expires_at).where(
        answer_apart.c.scope == bindparam("scope", type_=Uuid),
        answer_apart.c.request_id == bindparam("request_id", type_=Uuid),
    )
)
_ANSWER: Statement[()] = Statement(
    insert(answer_apart).values(
        {
            name: bindparam(name, type_=answer_apart.c[name].type)
            for name in ("scope", "request_id", "fingerprint", "body", "body_expires_at")
        }
    )
)


class ApartTx:
    """One transaction outside the spaces."""

    def __init__(self, connection: Connection, scope: UUID, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self.scope = scope
        self.now: datetime = clock.now()
        self.calls: list[Call[()]] = []
        self.audit_notes: list[tuple[UUID, AuditNote]] = []

    def new_id(self) -> UUID:
        return self._clock.new_id()

    async def fetch_all(self, *calls: Call[*tuple[Any, ...]]) -> list[list[Row]]:
        return await self._connection.batch(calls)

    async def fetch(self, call: Call[*Ts]) -> list[tuple[*Ts]]:
        return cast("list[tuple[*Ts,]]", (await self.fetch_all(call))[0])

    def write(self, call: Call[()]) -> None:
        """Hands over one INSERT, UPDATE or DELETE; all are sent together when the command returns."""
        self.calls.append(call)

    def audit(self, user_id: UUID, action: str, subject_id: UUID | None = None) -> None:
        """Notes in the user's audit chain what concerns their safety."""
        self.audit_notes.append((user_id, AuditNote(action, subject_id)))


Command = Callable[[ApartTx, Request], Awaitable[Response]]


class Apart:
    """Reads and writes what belongs to no space."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seal = SpaceSeal(UUID(int=0), 1, {1: AESGCM(store.keys.keyring.derive(b"answers apart"))})

    async def fetch_all(self, *calls: Call[*tuple[Any, ...]]) -> list[list[Row]]:
        """Runs queries, or single statements that need no door (counters), in one short transaction."""
        async with self._store.connection() as connection:
            return (await connection.batch([_CONTEXT(), *calls]))[1:]

    async def fetch(self, call: Call[*Ts]) -> list[tuple[*Ts]]:
        return cast("list[tuple[*Ts,]]", (await self.fetch_all(call))[0])

    async def write(
        self,
        scope: UUID,
        request: Request,
        command: Command[Request, Response],
        response: type[Response],
        *,
        origin: audit.Origin,
        is_secret: bool = False,
    ) -> Response:
        """Runs a command in one transaction, exactly once for each request_id of the scope.

        With `is_secret` the answer is kept for an hour only; a repeat after that fails with ANSWER_EXPIRED.
        """
        request_id = UUID(request.request_id)  # type: ignore[attr-defined]  # every request of a write has one: tests/contract
        async with self._store.connection() as connection:
            lock = _LOCK(number=int.from_bytes(scope.bytes[:8], signed=True))
            find = _FIND(scope=scope, request_id=request_id)
            _, _, _, found = await connection.batch([door.BEGIN(), _CONTEXT(), lock, find])
            if found:
                return self._first_answer(request, request_id, found[0], response)
            tx = ApartTx(connection, scope, self._store.clock)
            answer = await command(tx, request)
            calls = [*tx.calls, *await self._audit_calls(tx, origin)]
            plain = answer.SerializeToString(deterministic=True)
            calls.append(
                _ANSWER(
                    scope=scope,
                    request_id=request_id,
                    fingerprint=self._store.fingerprint(request),
                    body=self._seal.close(_PLACE, request_id.bytes, 0, plain),
                    body_expires_at=tx.now + SECRET_ANSWER_TTL if is_secret else None,
                )
            )
            await connection.batch([*calls, door.COMMIT()])
            return answer

    def _first_answer(
        self, request: Message, request_id: UUID, found: Sequence[Any], response: type[Response]
    ) -> Response:
        fingerprint, body, expires_at = found
        if fingerprint != self._store.fingerprint(request):
            raise request_id_reused()
        if body is None or (expires_at is not None and expires_at <= self._store.clock.now()):
            raise RuleBroken(
                ErrorReason.ERROR_REASON_ANSWER_EXPIRED, "The first answer held secrets and is no longer kept."
            )
        return response.FromString(self._seal.open(_PLACE, request_id.bytes, 0, body))

    async def _audit_calls(self, tx: ApartTx, origin: audit.Origin) -> list[Call[()]]:
        calls: list[Call[()]] = []
        for user_id in dict.fromkeys(user_id for user_id, _ in tx.audit_notes):
            head = await tx.fetch(audit.HEAD(scope_id=user_id))
            notes = [note for noted, note in tx.audit_notes if noted == user_id]
            calls += audit.compose_calls(user_id, head, notes, origin, tx.now)
        return calls
