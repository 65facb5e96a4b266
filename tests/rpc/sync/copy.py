"""What does a device do with what it pulls? The least that a copy must do, for tests of the calls; the SDKs do the rest."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from people import Person
from tallystick_client.v1.sync_mutation_pb2 import Mutation
from tallystick_client.v1.sync_pb2 import MutationResult
from tallystick_client.v1.sync_service_pb2 import GetSyncStatusRequest, PullRequest, PushRequest

Row = tuple[int, bool, bytes]


@dataclass
class Copy:
    """A copy of one space, as one person sees it."""

    person: Person
    space_id: str
    cursor: str = ""
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    resets: list[int] = field(default_factory=list)
    pages: int = 0
    head: int = 0

    async def pull(self, *, pages: int | None = None, max_bytes: int = 0) -> "Copy":
        """Brings the copy up to date, or lets it be cut off after so many pages."""
        request = PullRequest(space_id=self.space_id, cursor=self.cursor, max_bytes=max_bytes)
        stream = self.person.streams.Pull(request)
        taken = 0
        async for page in stream:
            if page.reset:
                self.rows.clear()
                self.resets.append(page.reset)
            for change in page.changes:
                self.apply(change)
            self.cursor, self.head = page.cursor, page.head
            self.pages += 1
            taken += 1
            if taken == pages:
                stream.cancel()
                break
        return self

    def apply(self, change: Any) -> None:
        kind = change.entity.WhichOneof("kind")
        message = getattr(change.entity, kind)
        known = self.rows.get((kind, message.id))
        if known is None or known[0] <= change.version:
            body = message.SerializeToString(deterministic=True)
            self.rows[kind, message.id] = (change.version, change.deleted, body)

    def get(self, message_type: type[Message], kind: str, entity_id: str) -> Any:
        version, deleted, body = self.rows[kind, entity_id]
        assert not deleted, f"{kind} {entity_id} is deleted"
        return message_type.FromString(body)

    @property
    def live(self) -> dict[tuple[str, str], bytes]:
        return {key: body for key, (_, deleted, body) in self.rows.items() if not deleted}

    def digest(self) -> int:
        return (
            sum(hash_of(kind, entity_id, row[0]) for (kind, entity_id), row in self.rows.items() if not row[1]) % 2**64
        )

    async def push(self, *mutations: Mutation) -> Sequence[MutationResult]:
        answer = await self.person.sync.Push(PushRequest(space_id=self.space_id, mutations=mutations))
        return list(answer.results)

    async def status(self) -> Any:
        return await self.person.sync.GetSyncStatus(GetSyncStatusRequest(space_id=self.space_id))


def hash_of(kind: str, entity_id: str, version: int) -> int:
    named = kind.encode() + b"\0" + UUID(entity_id).bytes + version.to_bytes(8)
    return int.from_bytes(hashlib.sha256(named).digest()[:8])


def mutation(request: Message, *, base: int | None = None, seen: Sequence[str] = ()) -> Mutation:
    """The request as it waits in an outbox."""
    name = next(
        field.name
        for field in Mutation.DESCRIPTOR.oneofs_by_name["command"].fields
        if field.message_type is not None and field.message_type.full_name == request.DESCRIPTOR.full_name
    )
    waiting = Mutation(base_version=base, seen_request_ids=seen)
    getattr(waiting, name).CopyFrom(request)
    return waiting
