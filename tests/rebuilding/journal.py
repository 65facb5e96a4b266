"""Where do tests take a space from? From its journal, as one user sees it."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from people import Person
from tallystick.app import App
from tallystick.caller import Caller
from tallystick.rebuilding.reading import LEFT_OUT
from tallystick.rebuilding.source import Revision
from tallystick.store import journal
from tallystick.store.journal import Op
from tallystick.store.own_work import own_snapshot
from tallystick.store.replay import KIND
from tallystick.store.statements import prepare
from tallystick.store.tables import journal as table
from tallystick.store.tables import space
from tallystick.v1.space_pb2 import SpaceKind

_ROWS = prepare(
    select(table).where(table.c.space_id == bindparam("space_id", type_=Uuid)).order_by(table.c.seq, table.c.ordinal)
)
_SEQ = prepare(select(space.c.seq).where(space.c.id == bindparam("space_id", type_=Uuid)))


@dataclass
class Saved:
    """A source in memory."""

    space_id: UUID
    kind: SpaceKind.ValueType
    seq: int
    changes: list[Revision]
    files: dict[UUID, bytes] = field(default_factory=dict)
    # How often it was read.
    reads: int = 0

    async def revisions(self) -> AsyncGenerator[Revision, None]:
        self.reads += 1
        for change in self.changes:
            yield change

    async def contents(self) -> AsyncGenerator[tuple[UUID, AsyncIterator[bytes]], None]:
        for file_id, content in self.files.items():
            yield file_id, _pieces(content)

    def forged(self, number: int, **fields: object) -> "Saved":
        """The same with one change that says something else."""
        changes = list(self.changes)
        changes[number] = replace(changes[number], **fields)  # type: ignore[arg-type]  # of any field
        return replace(self, changes=changes)


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1000):
        yield content[start : start + 1000]


async def save(server: App, person: Person, space_id: str, kinds: Sequence[str] = ()) -> Saved:
    """A space as its user sees it now."""
    user_id = UUID(person.user.id)
    async with own_snapshot(server.store, UUID(space_id)) as view:
        named = {"space_id": UUID(space_id)}
        rows, kind, seq = await view.fetch_all(_ROWS(**named), KIND(**named), _SEQ(**named))
        changes, files = list[Revision](), dict[UUID, bytes]()
        names = [column.name for column in table.columns]
        for values in rows:
            row = dict(zip(names, values, strict=True))
            if row["private_to"] not in (None, user_id) or row["entity_kind"] in LEFT_OUT - set(kinds):
                continue
            context = journal.row_of(row["ordinal"], row["entity_id"])
            body = view.seal.open(journal.PLACE, context, row["seq"], row["body"])
            changes.append(
                Revision(
                    row["seq"],
                    row["ordinal"],
                    row["entity_kind"],
                    row["entity_id"],
                    Op(row["op"]),
                    tuple(row["fields"]),
                    row["actor_id"],
                    row["at"],
                    row["superseded_by"],
                    body,
                )
            )
        for change in changes:
            if change.kind == "file" and change.op == Op.PUT and change.superseded_by is None:
                content = await server.files.open_content(view, change.entity_id)
                files[change.entity_id] = b"".join([piece async for piece in content.pieces()])
    return Saved(UUID(space_id), SpaceKind.ValueType(kind[0][0]), seq[0][0], changes, files)


def caller_of(person: Person) -> Caller:
    return Caller(UUID(person.user.id), UUID(person.user.home_id), None, "")
