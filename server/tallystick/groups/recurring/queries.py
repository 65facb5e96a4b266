"""Which recurring expenses are there? Every SELECT about them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tallystick.errors import NotVisible
from tallystick.groups.profiles.queries import GROUP_OF_SPACE
from tallystick.groups.tables import GROUP, RECURRING_EXPENSE
from tallystick.ledger.nouns.queries import noun
from tallystick.store.statements import Call
from tallystick.store.tx import ReadTx
from tallystick.v1.group_pb2 import Group
from tallystick.v1.group_recurring_pb2 import RecurringExpense, RestoreRecurringExpenseRequest

CHANGEABLE = ("draft", "schedule", "paused")
RECURRING_EXPENSES = noun(RECURRING_EXPENSE, "recurring_id", CHANGEABLE)


def by_id(request: Any) -> Call[*tuple[Any, ...]]:
    """The one that a request names."""
    return RECURRING_EXPENSES.by_id(space_id=UUID(request.group_id), id=RECURRING_EXPENSES.id_of(request))


async def get_with_group(tx: ReadTx, request: Any) -> tuple[RecurringExpense, Group]:
    return open_with_group(tx, *await tx.fetch_all(by_id(request), GROUP_OF_SPACE(space_id=tx.space_id)))


def open_with_group(
    tx: ReadTx, found: Sequence[Sequence[Any]], groups: Sequence[Sequence[Any]]
) -> tuple[RecurringExpense, Group]:
    return tx.require(RECURRING_EXPENSE, [(row[0], row[1], row[2]) for row in found]), tx.require(
        GROUP, [(row[0], row[1], row[2]) for row in groups]
    )


async def get_deleted_or_not(tx: ReadTx, request: RestoreRecurringExpenseRequest) -> tuple[RecurringExpense, bool]:
    """It, and whether it is deleted."""
    rows = await tx.fetch(
        RECURRING_EXPENSES.by_id_deleted_or_not(space_id=tx.space_id, id=RECURRING_EXPENSES.id_of(request))
    )
    if not rows:
        raise NotVisible
    row_id, version, body, deleted_at = rows[0]
    return tx.open(RECURRING_EXPENSE, (row_id, version, body)), deleted_at is not None
