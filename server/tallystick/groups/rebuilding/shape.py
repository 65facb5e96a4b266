"""What is there to know when a group comes back? What is in it, who goes on as a guest in a copy, and what posts by itself."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.files.rules import MISSING_NAME
from tallystick.files.tables import FILE
from tallystick.groups import tables
from tallystick.groups.profiles.queries import get_group
from tallystick.groups.profiles.rules import is_listed
from tallystick.groups.profiles.writes import LIST_GROUP, UNLIST_GROUP
from tallystick.groups.proof.proving import GroupProof
from tallystick.groups.rebuilding.derivation import GroupDerivation
from tallystick.groups.recurring import rules as recurring
from tallystick.groups.recurring.writes import RECURRING_DUES
from tallystick.imports.tables import FILE_IMPORT, IMPORT_PROFILE
from tallystick.proof.findings import Finding
from tallystick.rebuilding import rules
from tallystick.rebuilding.gaps import Name
from tallystick.rebuilding.reading import Entry
from tallystick.rebuilding.shape import Standing
from tallystick.rebuilding.states import State, open_state
from tallystick.store.entity import Entity
from tallystick.store.members import MEMBER
from tallystick.store.replay import NEWEST_OF_KINDS
from tallystick.store.statements import Call
from tallystick.store.tx import Snapshot
from tallystick.v1.file_pb2 import File
from tallystick.v1.group_expenses_pb2 import Expense
from tallystick.v1.group_pb2 import Group, JoinPolicy
from tallystick.v1.group_recurring_pb2 import RecurringExpense
from tallystick.v1.space_pb2 import SpaceKind

_GROUP, _RECURRING = tables.GROUP.kind, tables.RECURRING_EXPENSE.kind
_ENTITIES: Sequence[Entity[Any]] = (
    *(MEMBER, tables.GROUP, tables.EXPENSE, tables.EXPENSE_COMMENT, tables.RECURRING_EXPENSE),
    *(tables.SETTLEMENT, tables.SETTLEMENT_PLAN, FILE, FILE_IMPORT, IMPORT_PROFILE),
)


class GroupShape:
    """Groups."""

    kind = SpaceKind.SPACE_KIND_GROUP
    entities: Mapping[str, Entity[Any]] = {entity.kind: entity for entity in _ENTITIES}
    schedules: Sequence[str] = (_RECURRING,)
    standing: Sequence[str] = ()
    changing: Sequence[str] = (rules.MEMBER, _GROUP, rules.FILE_IMPORT)

    def __init__(self, proof: GroupProof) -> None:
        self._proof = proof

    def derivation(self, view: Snapshot) -> GroupDerivation:
        return GroupDerivation(view)

    async def prove(self, view: Snapshot) -> str:
        found = list[str]()
        verdict = await self._proof.of_commit(view, lambda step: _note(found, step))
        return (found or ["expense_group"])[0] if verdict.differences else ""

    def in_copy(self, entry: Entry, caller: Caller) -> None:
        rules.forget_others(entry, caller)

    def names_in(self, entry: Entry) -> Sequence[Name]:
        if entry.kind != tables.EXPENSE.kind:
            return ()
        return [Name(rules.FILE, UUID(each)) for each in entry.message.receipt_ids]

    def stand_in(self, name: Name, space_id: UUID) -> Message:
        return File(id=str(name.id), space_id=str(space_id), name=MISSING_NAME)

    def of_copy(self, state: State, caller: Caller, name: str) -> Message | None:
        if state.kind == rules.MEMBER:
            return rules.member_of_copy(state.message, caller, as_guest=True)
        if state.kind == rules.FILE_IMPORT:
            return rules.ended_import(state.message)
        after: Group = rules.copy_of(state.message)
        after.name = name or after.name
        after.discoverable, after.join_policy = False, JoinPolicy.JOIN_POLICY_INVITED
        return after if after != state.message else None

    def in_place(self, entry: Entry, now: State | None) -> Message | None:
        message: Message = entry.message
        if entry.kind == rules.MEMBER:
            return None if now else rules.member_of_old(entry.message, as_guest=True)
        if entry.kind == rules.FILE_IMPORT:
            return rules.ended_import(entry.message) or message
        if entry.kind == _GROUP and now is not None:
            # Who may find it and come in stays as it is.
            after: Group = rules.copy_of(entry.message)
            after.discoverable, after.join_policy = now.message.discoverable, now.message.join_policy
            return after
        return message

    def learn(self, standing: Standing, state: State) -> None:
        expense = state.message
        if isinstance(expense, Expense) and expense.recurring_id and expense.slot_on:
            standing.posted.setdefault(expense.recurring_id, set()).add(expense.slot_on)

    def stays(self, standing: Standing, state: State) -> bool:  # noqa: ARG002 - as the protocol has it
        return False

    def slot_of(self, state: State) -> tuple[str, str] | None:
        expense = state.message
        if isinstance(expense, Expense) and expense.recurring_id and expense.slot_on:
            return expense.recurring_id, expense.slot_on
        return None

    def after_posting(self, standing: Standing, state: State) -> Message | None:
        before: RecurringExpense = state.message
        new = sorted(slot for slot in standing.posted.get(before.id, ()) if slot > before.handled_until)
        if not new:
            return None
        after = rules.copy_of(before)
        recurring.handle(after, [date.fromisoformat(slot) for slot in new])
        return after

    async def beside(self, view: Snapshot, caller: Caller, was: UUID, seq: int, now: datetime) -> list[Call[()]]:  # noqa: ARG002 - as the protocol has it
        """When recurring expenses are due, and what everybody reads who looks for a group."""
        group = await get_group(view)
        rows = await view.fetch(NEWEST_OF_KINDS(space_id=view.space_id, kinds=[_RECURRING]))
        calls = [_listing(view.space_id, group)]
        for state in (open_state(view, self.entities, row) for row in rows):
            each: RecurringExpense = state.message
            due_at = None if state.is_deleted else recurring.due_at(each, group.time_zone)
            user_id = UUID(each.user_id) if was == view.space_id else caller.user_id
            calls.append(RECURRING_DUES.compose(view.space_id, state.id, user_id, due_at, afresh=True))
        return calls


def _listing(space_id: UUID, group: Group) -> Call[()]:
    if not is_listed(group):
        return UNLIST_GROUP(of_space=space_id)
    return LIST_GROUP(
        space_id=space_id,
        name=group.name,
        description=group.description,
        default_currency=group.default_currency,
        join_policy=group.join_policy,
    )


def _note(found: list[str], step: object) -> None:
    if isinstance(step, Finding):
        found.append(step.what)
