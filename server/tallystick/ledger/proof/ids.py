"""What does a book keep about one id besides the entity? Of a transaction its entries and tags, which belong to accounts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from google.protobuf.message import DecodeError

from tallystick.ledger.proof import queries, rules
from tallystick.ledger.proof.rules import NAMED_BY, AccountState, EntryState, Expected, TagState
from tallystick.ledger.tables import ACCOUNT, ENTRY, import_id_of
from tallystick.proof.inspecting import Inspection
from tallystick.proof.walking import EntityWalk
from tallystick.store.connection import Row
from tallystick.store.entity import Entity
from tallystick.store.seal import CellDamaged
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_links_pb2 import GroupLink, GroupLinkState
from tallystick.v1.ledger_pb2 import Account, Transaction

# An account that is not there may have been anybody's.
_UNKNOWN_OWNER = "unknown"


class BookInspection(Inspection):
    """What is known of a book so far, and what was found."""

    space_field = "book_id"
    named_by = NAMED_BY
    cells = queries.CELLS

    def __init__(self, tx: ReadTx, walks: Sequence[EntityWalk]) -> None:
        super().__init__(tx, walks)
        self.accounts: dict[UUID, AccountState] = {}
        self.known[ACCOUNT.kind] = self.accounts
        self.expected = Expected()
        # The links that are followed, and how far they moved accounts, by link and account.
        self.active_links: list[GroupLink] = []
        self.moved_by_links: dict[tuple[str, str], int] = {}
        self.live_transactions = 0
        self.live_accounts = 0

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
            account = self.tx.open(ACCOUNT, (row_id, version, body))
            state = AccountState(account.currency, account.private_to)
        except (CellDamaged, DecodeError):
            pass
        self.accounts[row_id] = state

    def judge(self, entity: Entity[Any], message: Any, named: Sequence[tuple[str, UUID]], *, is_live: bool) -> None:
        """What is about one member's private accounts alone is theirs alone."""
        self.owners |= {owner for table, each in named if table == ACCOUNT.kind for owner in self.owner_of(each)}
        self.findings += rules.wrong_owner(entity.kind, message, self.accounts)
        if is_live:
            self.live_accounts += isinstance(message, Account)
            self.live_transactions += isinstance(message, Transaction)
            if isinstance(message, GroupLink) and message.state == GroupLinkState.GROUP_LINK_STATE_ACTIVE:
                self.active_links.append(message)
            if isinstance(message, Transaction) and message.link_id:
                for entry in message.entries:
                    key = (message.link_id, entry.account_id)
                    self.moved_by_links[key] = self.moved_by_links.get(key, 0) + entry.amount.minor

    def prove_rest(self, row_id: UUID, messages: Mapping[str, Any], found: Mapping[str, list[Row]]) -> None:
        """Entries and tags are those of the transaction."""
        transaction: Transaction | None = messages.get(queries.TRANSACTION_NAME)
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
            self.owners |= self.owner_of(state.account_id)
            yield line, state
