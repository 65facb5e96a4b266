"""Who takes what an archive holds, before a space is made of it? It takes all of it, and holds it to what sources promise."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.rebuilding.source import Rebuilt, Revision, Source
from tallystick.v1.sync_pb2 import Entity


@dataclass
class Recorded:
    """One source, read to its end."""

    space_id: UUID
    kind: int
    seq: int
    name: str = ""
    is_over: bool = False
    revisions: list[Revision] = field(default_factory=list)
    contents: dict[UUID, bytes] = field(default_factory=dict)

    @property
    def newest(self) -> dict[tuple[str, UUID], Revision]:
        return {(each.kind, each.entity_id): each for each in self.revisions if each.superseded_by is None}


class Recorder:
    """Writes nothing, and remembers what it was asked to."""

    def __init__(self, fails: Exception | None = None) -> None:
        self.done: dict[str, tuple[Recorded, Rebuilt]] = {}
        self.asked = 0
        self.fails = fails
        # Awaited before it reads, where a test wants it to wait.
        self.hold: Callable[[], Awaitable[object]] | None = None

    async def into_new(
        self, caller: Caller, request: Message, source: Source, name: str, tell: Callable[[int], None]
    ) -> Rebuilt:
        return await self._take(caller, request, source, tell, name=name)

    async def over(self, caller: Caller, request: Message, source: Source, tell: Callable[[int], None]) -> Rebuilt:
        return await self._take(caller, request, source, tell, is_over=True)

    @property
    def only(self) -> Recorded:
        ((recorded, _),) = self.done.values()
        return recorded

    async def _take(
        self,
        caller: Caller,
        request: Message,
        source: Source,
        tell: Callable[[int], None],
        *,
        name: str = "",
        is_over: bool = False,
    ) -> Rebuilt:
        self.asked += 1
        if self.hold is not None:
            await self.hold()
        if self.fails is not None:
            raise self.fails
        request_id: str = request.request_id  # type: ignore[attr-defined]  # as every write has
        if request_id not in self.done:
            recorded = await _read(source, tell)
            recorded.name, recorded.is_over = name, is_over
            # The links of the audit need a space that is there.
            rebuilt = Rebuilt(recorded.space_id, len(recorded.newest), len(recorded.revisions), len(recorded.contents))
            self.done[request_id] = recorded, rebuilt
        return self.done[request_id][1]


async def _read(source: Source, tell: Callable[[int], None]) -> Recorded:
    recorded = Recorded(source.space_id, source.kind, source.seq)
    last = (0, -1)
    async for revision in source.revisions():
        assert last < (revision.seq, revision.ordinal), "revisions come in the order of commits"
        last = (revision.seq, revision.ordinal)
        assert revision.seq <= source.seq
        assert revision.superseded_by is None or revision.seq <= revision.superseded_by <= source.seq
        entity = getattr(Entity(), revision.kind)
        entity.ParseFromString(revision.body)
        assert entity.id == str(revision.entity_id)
        assert entity.version == revision.seq
        assert entity.SerializeToString(deterministic=True) == revision.body
        recorded.revisions.append(revision)
        tell(len(recorded.revisions))
    async for file_id, pieces in source.contents():
        assert file_id not in recorded.contents
        recorded.contents[file_id] = b"".join([piece async for piece in pieces])
    newest = [(each.kind, each.entity_id) for each in recorded.revisions if each.superseded_by is None]
    assert len(newest) == len({*newest}), "one state is the newest"
    return recorded
