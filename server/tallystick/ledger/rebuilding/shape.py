"""What is there to know when a book comes back? What is in it, what a copy does not go on with, and what posts by itself."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from tallystick.budgets.tables import BUDGET, BUDGET_ITEM, BUDGET_MOVE
from tallystick.caller import Caller
from tallystick.files.rules import MISSING_NAME
from tallystick.files.tables import FILE
from tallystick.imports.tables import FILE_IMPORT, IMPORT_PROFILE
from tallystick.ledger import tables
from tallystick.ledger.books.queries import get_book
from tallystick.ledger.proof.proving import BookProof
from tallystick.ledger.rebuilding.derivation import BookDerivation
from tallystick.ledger.templates import rules as templates
from tallystick.ledger.writes import TEMPLATE_DUES
from tallystick.proof.findings import Finding
from tallystick.rebuilding import rules
from tallystick.rebuilding.gaps import ACCOUNT, Name
from tallystick.rebuilding.reading import Entry
from tallystick.rebuilding.shape import Standing
from tallystick.rebuilding.states import State, open_state
from tallystick.store.entity import Entity
from tallystick.store.members import MEMBER
from tallystick.store.replay import NEWEST_OF_KINDS
from tallystick.store.statements import Call
from tallystick.store.tx import Snapshot
from tallystick.v1.file_pb2 import File
from tallystick.v1.ledger_links_pb2 import GroupLink, GroupLinkState
from tallystick.v1.ledger_pb2 import Account, AccountType, Book, Transaction
from tallystick.v1.ledger_templates_pb2 import Template
from tallystick.v1.space_pb2 import SpaceKind

_ACTIVE, _ENDED = GroupLinkState.GROUP_LINK_STATE_ACTIVE, GroupLinkState.GROUP_LINK_STATE_ENDED
_BOOK, _LINK, _TEMPLATE = tables.BOOK.kind, tables.GROUP_LINK.kind, tables.TEMPLATE.kind
_ENTITIES: Sequence[Entity[Any]] = (
    *(MEMBER, tables.BOOK, tables.ACCOUNT, tables.CATEGORY, tables.PAYEE, tables.PAYMENT_METHOD, tables.TAG),
    *(tables.TRANSACTION, tables.RECONCILIATION, tables.TEMPLATE, tables.RATE, tables.RULE, tables.GROUP_LINK),
    *(BUDGET, BUDGET_ITEM, BUDGET_MOVE, FILE, FILE_IMPORT, IMPORT_PROFILE),
)


# What an account of somebody else's is called, of which its id is known.
UNSEEN_NAME = "…"


class BookShape:
    """Books."""

    kind = SpaceKind.SPACE_KIND_BOOK
    entities: Mapping[str, Entity[Any]] = {entity.kind: entity for entity in _ENTITIES}
    schedules: Sequence[str] = (_TEMPLATE,)
    # A book follows the groups that it follows now, and what came from them is as it is there.
    standing: Sequence[str] = (_LINK,)
    changing: Sequence[str] = (rules.MEMBER, _BOOK, _LINK, rules.FILE_IMPORT)

    def __init__(self, proof: BookProof) -> None:
        self._proof = proof

    def derivation(self, view: Snapshot) -> BookDerivation:
        return BookDerivation(view)

    async def prove(self, view: Snapshot) -> str:
        found = list[str]()
        verdict = await self._proof.of_commit(view, lambda step: _note(found, step))
        return (found or ["book"])[0] if verdict.differences else ""

    def in_copy(self, entry: Entry, caller: Caller) -> None:
        rules.forget_others(entry, caller)

    def names_in(self, entry: Entry) -> Sequence[Name]:
        if entry.kind != tables.TRANSACTION.kind:
            return ()
        transaction: Transaction = entry.message
        accounts = [(UUID(each.account_id), each.amount.currency) for each in transaction.entries]
        booked = [
            Name(ACCOUNT, account_id, currency, beside)
            for account_id, currency in accounts
            for beside, _ in accounts
            if beside != account_id
        ]
        return [*booked, *(Name(rules.FILE, UUID(each)) for each in transaction.attachment_ids)]

    def stand_in(self, name: Name, space_id: UUID) -> Message:
        if name.kind == rules.FILE:
            return File(id=str(name.id), space_id=str(space_id), name=MISSING_NAME)
        other = AccountType.ACCOUNT_TYPE_OTHER
        return Account(id=str(name.id), book_id=str(space_id), name=UNSEEN_NAME, type=other, currency=name.currency)

    def of_copy(self, state: State, caller: Caller, name: str) -> Message | None:
        if state.kind == rules.MEMBER:
            return rules.member_of_copy(state.message, caller, as_guest=False)
        if state.kind == rules.FILE_IMPORT:
            return rules.ended_import(state.message)
        if state.kind == _LINK:
            return _ended(state.message) if state.message.state == _ACTIVE else None
        after: Book = rules.copy_of(state.message)
        after.name = name or after.name
        return after if after != state.message else None

    def in_place(self, entry: Entry, now: State | None) -> Message | None:
        message: Message = entry.message
        if entry.kind == rules.MEMBER:
            return None if now else rules.member_of_old(entry.message, as_guest=False)
        if entry.kind == _LINK:
            return None if now else _ended(entry.message)
        if entry.kind == rules.FILE_IMPORT:
            return rules.ended_import(entry.message) or message
        return message

    def learn(self, standing: Standing, state: State) -> None:
        message = state.message
        if isinstance(message, GroupLink) and message.state == _ACTIVE and not state.is_deleted:
            standing.links.add(message.id)
            standing.account_ids |= {UUID(each.receivable_account_id) for each in message.accounts}
        elif isinstance(message, Transaction):
            if not state.is_deleted:
                standing.account_ids |= {UUID(entry.account_id) for entry in message.entries}
            if message.template_id and message.slot_on:
                standing.posted.setdefault(message.template_id, set()).add(message.slot_on)

    def stays(self, standing: Standing, state: State) -> bool:
        message = state.message
        return state.kind == _LINK or (isinstance(message, Transaction) and message.link_id in standing.links)

    def slot_of(self, state: State) -> tuple[str, str] | None:
        message = state.message
        if isinstance(message, Transaction) and message.template_id and message.slot_on:
            return message.template_id, message.slot_on
        return None

    def after_posting(self, standing: Standing, state: State) -> Message | None:
        template: Template = state.message
        new = sorted(
            slot
            for slot in standing.posted.get(template.id, ())
            if slot > template.handled_until and slot not in template.handled_ahead
        )
        if not new:
            return None
        after = rules.copy_of(template)
        templates.handle(after, [date.fromisoformat(slot) for slot in new])
        after.posted_count += len(new)
        return after

    async def beside(self, view: Snapshot, caller: Caller, was: UUID, seq: int, now: datetime) -> list[Call[()]]:  # noqa: ARG002 - as the protocol has it
        """When templates are due. In a copy they post in the name of whoever made it."""
        book = await get_book(view)
        rows = await view.fetch(NEWEST_OF_KINDS(space_id=view.space_id, kinds=[_TEMPLATE]))
        calls = []
        for state in (open_state(view, self.entities, row) for row in rows):
            template: Template = state.message
            due_at = None if state.is_deleted else templates.due_at(template, book.time_zone)
            user_id = UUID(template.user_id) if was == view.space_id else caller.user_id
            calls.append(TEMPLATE_DUES.compose(view.space_id, state.id, user_id, due_at, afresh=True))
        return calls


def _ended(link: GroupLink) -> GroupLink:
    after = rules.copy_of(link)
    after.state = _ENDED
    return after


def _note(found: list[str], step: object) -> None:
    if isinstance(step, Finding):
        found.append(step.what)
