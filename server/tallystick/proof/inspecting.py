"""Does all that a space keeps about one id agree? The entity and its part of the journal; what else follows from it, each kind of space
adds."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from google.protobuf.message import DecodeError, Message

from tallystick.proof import findings, walking
from tallystick.proof.findings import CELL, JOURNAL, STRUCTURE, Finding, JournalState
from tallystick.proof.walking import CellWalk, EntityWalk
from tallystick.store import journal
from tallystick.store.connection import Row
from tallystick.store.entity import Entity
from tallystick.store.journal import Op
from tallystick.store.seal import CellDamaged
from tallystick.store.tx import ReadTx

# What a message may break that says what no command wrote: dates and ids that are none, currencies that nobody knows, no entries.
_NONSENSE = (DecodeError, ValueError, KeyError, IndexError, OverflowError)


class Inspection:
    """What is known so far, and what was found."""

    # The field that repeats the space's id, and what each field that names something names.
    space_field: str
    named_by: Mapping[str, str]
    # Cells beside the entities, each under an id of one, that only have to open.
    cells: Sequence[CellWalk] = ()

    def __init__(self, tx: ReadTx, walks: Sequence[EntityWalk]) -> None:
        self.tx = tx
        self._walks = walks
        # Whose private affair the id in hand is.
        self.owners: set[str] = set()
        self.findings: list[Finding] = []
        # What was named, by whom, and whose private affair that is.
        self.links: list[tuple[str, UUID, UUID, frozenset[str]]] = []
        # What is known to be there, by table, so that nobody has to look.
        self.known: dict[str, Container[UUID]] = {}
        self.newest_version = 0
        self.changes = 0

    def judge(self, entity: Entity[Any], message: Any, named: Sequence[tuple[str, UUID]], *, is_live: bool) -> None:
        """Proves what holds of this kind of entity alone."""

    def prove_rest(self, row_id: UUID, messages: Mapping[str, Any], found: Mapping[str, list[Row]]) -> None:
        """Proves what follows from the entities of an id, of which `messages` are those that can be read, by their tables."""

    def open(self, place: bytes, row: bytes, version: int, cell: bytes, *subject: object) -> bytes | None:
        """What a cell holds. None, and a finding, if it does not open. `subject` are the parts of the row's key."""
        self.newest_version = max(self.newest_version, version)
        try:
            return self.tx.seal.open(place, row, version, cell)
        except CellDamaged:
            named = "/".join(map(str, subject))
            self.findings.append(Finding(CELL, place.decode(), named, "a cell that opens", "one that does not"))
            return None

    def open_cells(self, walk: CellWalk, rows: Iterable[Row]) -> None:
        """Rows of a walk whose cells only have to open."""
        for *keys, version, cell in rows:
            row = walk.column.row_of(dict(zip(walk.order, keys, strict=True)))
            self.open(walk.column.place, row, version, cell, *keys)

    def prove_id(self, row_id: UUID, found: Mapping[str, list[Row]]) -> None:
        """All rows about one id, by the names of their tables."""
        before, self.owners = len(self.findings), set()
        history = self._open_history(row_id, found.get(walking.JOURNAL.name, ()))
        messages: dict[str, Any] = {}
        named: list[tuple[str, UUID]] = []
        for walk in self._walks:
            if walk.name in found:
                (row,) = found[walk.name]
                message = self._prove_entity(walk, row, history.pop(walk.name, []), named)
                if message is not None:
                    messages[walk.name] = message
        for cells in self.cells:
            self.open_cells(cells, found.get(cells.name, ()))
        for kind in history:
            self.findings.append(Finding(JOURNAL, kind, str(row_id), "what its journal says", "no row"))
        self.prove_rest(row_id, messages, found)
        owners = frozenset(self.owners)
        self.links += [(table, each, row_id, owners) for table, each in named if each not in self.known.get(table, ())]
        if len(self.findings) > before:
            self.findings[before:] = [replace(each, owners=owners) for each in self.findings[before:]]

    def _open_history(self, row_id: UUID, rows: Sequence[Row]) -> dict[str, list[JournalState]]:
        """The journal of an id, the oldest change first, by the kind of entity."""
        history: dict[str, list[JournalState]] = {}
        for _, seq, ordinal, kind, op, at, fields, superseded_by, private_to, cell in rows:
            context = journal.row_of(ordinal, row_id) if ordinal >= 0 else b""
            body = self.open(journal.PLACE, context, seq, cell, row_id, seq)
            state = JournalState(seq, op == Op.DELETE, at, fields, superseded_by, private_to, body)
            history.setdefault(kind, []).append(state)
            if private_to is not None:
                self.owners.add(str(private_to))
        for changes in history.values():
            self.findings += findings.broken_chain(row_id, changes)
        self.changes += len(rows)
        return history

    def _prove_entity(
        self, walk: EntityWalk, row: Row, history: Sequence[JournalState], named: list[tuple[str, UUID]]
    ) -> Message | None:
        """Returns what the entity is, as its row has it or else as the journal does, and adds what it names to `named`."""
        row_id, version, deleted_at, cell, *others = row
        entity = walk.entity
        gist_cell = others.pop(0) if entity.gist is not None else None
        kept = dict(zip(walk.structure, others, strict=True))
        body = self.open(entity.place, row_id.bytes, version, cell, row_id)
        gist = self.open(entity.gist_place, row_id.bytes, version, gist_cell, row_id) if gist_cell is not None else None
        newest = history[-1] if history else None
        self.findings += findings.differing_journal(entity.kind, row_id, version, deleted_at, body, newest)
        plain = newest.body if body is None and newest is not None else body
        if plain is None:
            return None
        try:
            message: Any = entity.message_type.FromString(plain)
            self._note_owners(kept, message)
            names = [(table, UUID(each)) for table, each in findings.links_of(message, self.named_by) if each]
            named += names
            self._prove_columns(entity, row, message, kept, newest)
            if gist is not None and entity.gist is not None and gist != entity.gist(message):
                self.findings.append(Finding(STRUCTURE, f"{entity.kind}.gist", str(row_id), "its words", "others"))
            self.judge(entity, message, names, is_live=deleted_at is None)
        except _NONSENSE:
            self.findings.append(
                Finding(STRUCTURE, entity.kind, str(row_id), f"a {entity.kind}", "nothing that can be one")
            )
            return None
        return message  # type: ignore[no-any-return]  # as the entity's type says

    def _note_owners(self, kept: Mapping[str, Any], message: Any) -> None:
        for owner in (kept.get("private_to"), getattr(message, "private_to", None)):
            if owner:
                self.owners.add(str(owner))

    def _prove_columns(
        self, entity: Entity[Any], row: Row, message: Any, kept: Mapping[str, Any], newest: JournalState | None
    ) -> None:
        wanted = {**entity.structure(message), "id": UUID(message.id), "version": message.version}
        found = {**kept, "id": row[0], "version": row[1]}
        if self.space_field in entity.message_type.DESCRIPTOR.fields_by_name:
            space_id = UUID(getattr(message, self.space_field))
            wanted[self.space_field], found[self.space_field] = space_id, self.tx.space_id
        if newest is not None:
            wanted["journal.private_to"], found["journal.private_to"] = wanted.get("private_to"), newest.private_to
        self.findings += findings.differing_columns(entity.kind, row[0], wanted, found)
