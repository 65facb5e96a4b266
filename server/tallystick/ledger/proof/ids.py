"""Does all that a book keeps about one id agree? The entity, its part of the journal, and of a transaction its entries and tags."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from google.protobuf.message import DecodeError, Message

from tallystick.ledger.proof import queries, rules
from tallystick.ledger.proof.queries import EntityWalk
from tallystick.ledger.proof.rules import (
    CELL,
    JOURNAL,
    STRUCTURE,
    AccountState,
    EntryState,
    Expected,
    Finding,
    JournalState,
    TagState,
)
from tallystick.ledger.tables import ACCOUNT, ENTRY, import_id_of
from tallystick.store import journal
from tallystick.store.connection import Row
from tallystick.store.entity import Entity
from tallystick.store.journal import Op
from tallystick.store.seal import CellDamaged
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_pb2 import Account, Transaction

# What a message may break that says what no command wrote: dates and ids that are none, currencies that nobody knows, no entries.
_NONSENSE = (DecodeError, ValueError, KeyError, IndexError, OverflowError)
# An account that is not there may have been anybody's.
_UNKNOWN_OWNER = "unknown"


class Inspection:
    """What is known so far, and what was found."""

    def __init__(self, tx: ReadTx, walks: Sequence[EntityWalk]) -> None:
        self._tx = tx
        self._walks = walks
        self._owners: set[str] = set()
        self.accounts: dict[UUID, AccountState] = {}
        self.expected = Expected()
        self.findings: list[Finding] = []
        # What was named, by whom, and whose private affair that is.
        self.links: list[tuple[str, UUID, UUID, frozenset[str]]] = []
        self.newest_version = 0
        self.live_transactions = 0
        self.live_accounts = 0
        self.changes = 0

    def open(self, place: bytes, row: bytes, version: int, cell: bytes, *subject: object) -> bytes | None:
        """What a cell holds. None, and a finding, if it does not open. `subject` are the parts of the row's key."""
        self.newest_version = max(self.newest_version, version)
        try:
            return self._tx.seal.open(place, row, version, cell)
        except CellDamaged:
            named = "/".join(map(str, subject))
            self.findings.append(Finding(CELL, place.decode(), named, "a cell that opens", "one that does not"))
            return None

    def owner_of(self, account_id: UUID) -> frozenset[str]:
        """The user to whom an account is private; nobody if it is every member's."""
        account = self.accounts.get(account_id)
        owner = account.private_to if account is not None else _UNKNOWN_OWNER
        return frozenset({owner} if owner else ())

    def learn_account(self, row: Row) -> None:
        """Its currency and owner. What is wrong with the account itself is found when its turn comes."""
        row_id, version, _, body, *others = row
        kept = dict(zip(queries.ACCOUNTS.structure, others, strict=True))
        state = AccountState(kept["currency"], str(kept["private_to"] or ""))
        try:
            account = self._tx.open(ACCOUNT, (row_id, version, body))
            state = AccountState(account.currency, account.private_to)
        except (CellDamaged, DecodeError):
            pass
        self.accounts[row_id] = state

    def prove_id(self, row_id: UUID, found: Mapping[str, list[Row]]) -> None:
        """All rows about one id, by the names of their tables."""
        before, self._owners = len(self.findings), set()
        history = self._open_history(row_id, found.get(queries.JOURNAL.name, ()))
        transaction: Transaction | None = None
        named: list[tuple[str, UUID]] = []
        for walk in self._walks:
            if walk.name in found:
                (row,) = found[walk.name]
                message = self._prove_entity(walk, row, history.pop(walk.name, []), named)
                if isinstance(message, Transaction):
                    transaction = message
        for kind in history:
            self.findings.append(Finding(JOURNAL, kind, str(row_id), "what its journal says", "no row"))
        self._prove_entries(row_id, transaction, found)
        owners = frozenset(self._owners)
        self.links += [
            (table, each, row_id, owners)
            for table, each in named
            if not (table == ACCOUNT.kind and each in self.accounts)
        ]
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
                self._owners.add(str(private_to))
        for changes in history.values():
            self.findings += rules.broken_chain(row_id, changes)
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
        self.findings += rules.differing_journal(entity.kind, row_id, version, deleted_at, body, newest)
        plain = newest.body if body is None and newest is not None else body
        if plain is None:
            return None
        try:
            message: Any = entity.message_type.FromString(plain)
            self._note_owners(kept, message)
            named += [(table, UUID(each)) for table, each in rules.links_of(message) if each]
            self._owners |= {owner for table, each in named if table == ACCOUNT.kind for owner in self.owner_of(each)}
            self._prove_columns(entity, row, message, kept, newest)
            self.findings += rules.wrong_owner(entity.kind, message, self.accounts)
            if gist is not None and entity.gist is not None and gist != entity.gist(message):
                self.findings.append(Finding(STRUCTURE, f"{entity.kind}.gist", str(row_id), "its words", "others"))
        except _NONSENSE:
            self.findings.append(
                Finding(STRUCTURE, entity.kind, str(row_id), f"a {entity.kind}", "nothing that can be one")
            )
            return None
        if deleted_at is None:
            self.live_accounts += isinstance(message, Account)
            self.live_transactions += isinstance(message, Transaction)
        return message  # type: ignore[no-any-return]  # as the entity's type says

    def _note_owners(self, kept: Mapping[str, Any], message: Any) -> None:
        for owner in (kept.get("private_to"), getattr(message, "private_to", None)):
            if owner:
                self._owners.add(str(owner))

    def _prove_columns(
        self, entity: Entity[Any], row: Row, message: Any, kept: Mapping[str, Any], newest: JournalState | None
    ) -> None:
        wanted = {**entity.structure(message), "id": UUID(message.id), "version": message.version}
        found = {**kept, "id": row[0], "version": row[1]}
        if "book_id" in entity.message_type.DESCRIPTOR.fields_by_name:
            wanted["book_id"], found["book_id"] = UUID(message.book_id), self._tx.space_id
        if newest is not None:
            wanted["journal.private_to"], found["journal.private_to"] = wanted.get("private_to"), newest.private_to
        self.findings += rules.differing_columns(entity.kind, row[0], wanted, found)

    def _prove_entries(self, row_id: UUID, transaction: Transaction | None, found: Mapping[str, list[Row]]) -> None:
        entries = dict(self._open_entries(found.get(queries.ENTRIES.name, ())))
        tags = {tag_id: TagState(day, live) for _, tag_id, _, day, live in found.get(queries.TAGS.name, ())}
        rows: Sequence[Row] = found.get(queries.TRANSACTION_NAME, ())
        if transaction is None and rows:
            # Nobody can read it, and that was told. Its entries are all that is known of it.
            for state in entries.values():
                self.expected.add(state)
            return
        wanted: dict[int, EntryState] = {}
        wanted_tags: dict[UUID, TagState] = {}
        if transaction is not None:
            is_deleted = rows[0][2] is not None
            wanted = rules.expected_entries(transaction, is_deleted=is_deleted, import_id_of=import_id_of)
            wanted_tags = rules.expected_tags(transaction, is_deleted=is_deleted)
            self.findings += rules.wrong_shapes(transaction)
            self.findings += rules.wrong_currencies(row_id, wanted, self.accounts)
        for state in wanted.values():
            self.expected.add(state)
        self.findings += rules.differing_entries(row_id, wanted, entries)
        self.findings += rules.differing_tags(row_id, wanted_tags, tags)

    def _open_entries(self, rows: Sequence[Row]) -> Iterator[tuple[int, EntryState]]:
        for transaction_id, line, version, cell, *columns in rows:
            key = ENTRY.row_of({"transaction_id": transaction_id, "line": line})
            plain = self.open(ENTRY.place, key, version, cell, transaction_id, line)
            amount = int.from_bytes(plain, signed=True) if plain is not None else None
            state = EntryState._make([*columns, amount])
            self._owners |= self.owner_of(state.account_id)
            yield line, state
