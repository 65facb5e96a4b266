"""What does not hold, and how is it told? Pure: opened rows go in, and whatever does not hold of any entity comes out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from google.protobuf.message import Message

from tallystick.v1.ledger_proof_pb2 import DifferenceKind
from tallystick.v1.sync_mutation_pb2 import Mutation

JOURNAL = DifferenceKind.DIFFERENCE_KIND_JOURNAL
CELL = DifferenceKind.DIFFERENCE_KIND_CELL
STRUCTURE = DifferenceKind.DIFFERENCE_KIND_STRUCTURE
LINK = DifferenceKind.DIFFERENCE_KIND_LINK

# What a conflict keeps was not done, and may name what never was.
_NOT_DONE = Mutation.DESCRIPTOR.full_name


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold. `what` says which columns, and nothing of anybody; `expected` and `actual` may say amounts."""

    kind: DifferenceKind.ValueType
    what: str
    subject: str
    expected: str = ""
    actual: str = ""
    # The users whose private affair it is.
    owners: frozenset[str] = frozenset()

    def may_be_told(self, user_id: UUID) -> bool:
        """Whether the user may know what was expected and what is there."""
        return self.owners <= {str(user_id)}


class JournalState(NamedTuple):
    """A row of the journal, opened. No body: its cell does not open."""

    seq: int
    is_deletion: bool
    at: datetime
    fields: Sequence[str]
    superseded_by: int | None
    private_to: UUID | None
    body: bytes | None


def name_of(kind: DifferenceKind.ValueType) -> str:
    """As logs and metrics say it."""
    return DifferenceKind.Name(kind).removeprefix("DIFFERENCE_KIND_").lower()


def differing_columns(
    table: str, row_id: UUID, expected: Mapping[str, Any], kept: Mapping[str, Any]
) -> Iterator[Finding]:
    """Columns that repeat something of an entity."""
    return differing(STRUCTURE, table, row_id, expected, kept)


def broken_chain(entity_id: UUID, rows: Sequence[JournalState]) -> Iterator[Finding]:
    """The rows of one entity, the oldest first: it was made once, and each row names the commit of the next."""
    first = rows[0]
    if first.is_deletion or first.fields:
        yield Finding(JOURNAL, "journal", str(entity_id), "a beginning", f"begins at {first.seq} with a change")
    following: list[int | None] = [row.seq for row in rows[1:]]
    for row, wanted in zip(rows, [*following, None], strict=True):
        if row.superseded_by != wanted:
            told = f"superseded_by={wanted}", f"superseded_by={row.superseded_by}"
            yield Finding(JOURNAL, "journal.superseded_by", f"{entity_id}/{row.seq}", *told)


def differing_journal(
    table: str, row_id: UUID, version: int, deleted_at: datetime | None, body: bytes | None, newest: JournalState | None
) -> Iterator[Finding]:
    """The newest row of the journal is the entity as it is kept."""
    if newest is None:
        yield Finding(JOURNAL, f"journal.{table}", str(row_id), f"a row of version {version}", "no row")
        return
    kept = {"version": version, "deleted_at": deleted_at}
    wanted = {"version": newest.seq, "deleted_at": newest.at if newest.is_deletion else None}
    yield from differing(JOURNAL, table, row_id, wanted, kept)
    if body is not None and newest.body is not None and body != newest.body:
        yield Finding(JOURNAL, f"{table}.body", str(row_id), f"what change {newest.seq} says", "something else")


def links_of(message: Message, named_by: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What a message names, however deep: tables and ids. `named_by`: what each field that names something names."""
    for descriptor, value in message.ListFields():
        table = named_by.get(descriptor.name)
        if table is not None:
            for named in value if descriptor.is_repeated else (value,):
                yield table, named
        elif descriptor.message_type is not None and descriptor.message_type.full_name != _NOT_DONE:
            for part in value if descriptor.is_repeated else (value,):
                yield from links_of(part, named_by)


def missing_link(named_by: UUID, table: str, named: UUID) -> Finding:
    return Finding(LINK, f"{table}.id", str(named_by), f"{table} {named}", "nothing with this id")


def missing(kind: DifferenceKind.ValueType, table: str, subject: str, wanted: Mapping[str, Any]) -> Finding:
    return Finding(kind, table, subject, _tell(wanted, wanted), "no row")


def differing(
    kind: DifferenceKind.ValueType, table: str, subject: object, wanted: Mapping[str, Any], kept: Mapping[str, Any]
) -> Iterator[Finding]:
    """One finding for all that differs. What could not be opened is told elsewhere."""
    names = [
        name for name, value in wanted.items() if kept[name] != value and not (name == "amount" and kept[name] is None)
    ]
    if names:
        yield Finding(kind, f"{table}.{','.join(names)}", str(subject), _tell(wanted, names), _tell(kept, names))


def _tell(values: Mapping[str, Any], names: Sequence[str] | Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={values[name]}" for name in names)
