"""What do drafts and expenses name, and what is known of it? All is read in one round trip, ahead of the command if it can be."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tallystick.errors import NotVisible
from tallystick.files.queries import LIVE_IDS
from tallystick.groups.expenses.queries import IMPORTED, REFUNDS_AND_ORIGINALS
from tallystick.groups.expenses.rules import Known
from tallystick.groups.members.queries import MEMBERS, open_roster
from tallystick.groups.profiles.queries import GROUP_OF_SPACE
from tallystick.groups.sums.queries import TALLIES, Rows
from tallystick.groups.tables import EXPENSE, GROUP, import_id_of
from tallystick.store.statements import Call
from tallystick.store.tx import ReadTx
from tallystick.v1.group_expenses_pb2 import Expense, ExpenseDraft


@dataclass(slots=True)
class Wanted:
    """What a write is going to need beside the group, its members and its tallies."""

    refunds: set[UUID] = field(default_factory=set)
    imports: set[UUID] = field(default_factory=set)
    files: set[UUID] = field(default_factory=set)

    def add_draft(self, draft: ExpenseDraft, group_id: UUID) -> None:
        self.files.update(UUID(each) for each in draft.receipt_ids)
        if draft.refund_of_id:
            self.refunds.add(UUID(draft.refund_of_id))
        if import_id := import_id_of(group_id, draft.import_key):
            self.imports.add(import_id)

    def add_expense(self, expense: Expense) -> None:
        """What an expense that was there already may be tied to."""
        self.refunds.add(UUID(expense.id))
        if import_id := import_id_of(UUID(expense.group_id), expense.import_key):
            self.imports.add(import_id)
        if expense.refund_of_id:
            self.refunds.add(UUID(expense.refund_of_id))

    def calls(self, space_id: UUID) -> list[Call[*tuple[Any, ...]]]:
        whole = (GROUP_OF_SPACE, MEMBERS, TALLIES)
        asked: list[Call[*tuple[Any, ...]]] = [each(space_id=space_id) for each in whole]
        for statement, ids in ((REFUNDS_AND_ORIGINALS, self.refunds), (IMPORTED, self.imports), (LIVE_IDS, self.files)):
            if ids:
                asked.append(statement(space_id=space_id, ids=sorted(ids)))
        return asked


@dataclass(slots=True)
class References:
    """What is known of it, opened. `imported` are expenses by what they were imported as; `held` the group's tallies, unopened."""

    known: Known
    imported: dict[UUID, UUID]
    held: Rows


async def read(tx: ReadTx, wanted: Wanted, user_id: UUID) -> References:
    asked = wanted.calls(tx.space_id)
    answers = dict(zip((call.statement for call in asked), await tx.fetch_all(*asked), strict=True))
    roster = open_roster(tx, answers[MEMBERS])
    own = roster.find_user(user_id)
    if own is None:
        raise NotVisible
    return References(
        known=Known(
            group=tx.require(GROUP, answers[GROUP_OF_SPACE]),
            roster=roster,
            own_id=own.id,
            expenses={str(row[0]): tx.open(EXPENSE, row) for row in answers.get(REFUNDS_AND_ORIGINALS, [])},
            file_ids=frozenset(str(row[0]) for row in answers.get(LIVE_IDS, [])),
        ),
        imported=dict(answers.get(IMPORTED, [])),
        held=answers[TALLIES],
    )


def reads_of_drafts(group_id: UUID, drafts: Sequence[ExpenseDraft]) -> Sequence[Call[*tuple[Any, ...]]]:
    """What recording them is going to ask first."""
    return wanted_of(group_id, drafts).calls(group_id)


def wanted_of(group_id: UUID, drafts: Sequence[ExpenseDraft]) -> Wanted:
    wanted = Wanted()
    for draft in drafts:
        wanted.add_draft(draft, group_id)
    return wanted
