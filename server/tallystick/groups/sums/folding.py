"""What were balances until some day? A fold over what was booked, some rows at a time, so that other calls go on in between."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Table, Uuid, bindparam, false, select, true, union_all

from tallystick.groups.sums.effects import Step, moves_of, step_of_expense, step_of_settlement
from tallystick.groups.sums.queries import Sums
from tallystick.groups.tables import EXPENSE, SETTLEMENT, expense, settlement
from tallystick.spaces.queries import SPACE_HEAD
from tallystick.store.connection import Row
from tallystick.store.statements import Statement
from tallystick.store.tx import Snapshot
from tallystick.v1.group_expenses_pb2 import Expense
from tallystick.v1.group_settlements_pb2 import Settlement

# Worked on at once, without a pause: a few milliseconds.
SLICE_ROWS = 50

Booked = Expense | Settlement


def _booked(table: Table, *, is_expense: bool) -> Any:
    return select(
        table.c.booked_on,
        table.c.id,
        table.c.version,
        table.c.body,
        (true() if is_expense else false()).label("is_expense"),
    ).where(
        table.c.space_id == bindparam("space_id", type_=Uuid),
        table.c.deleted_at.is_(None),
        table.c.booked_on <= bindparam("until", type_=Date),
    )


# Both tables have an index in this order, so that PostgreSQL merges them without sorting.
_BOOKED: Statement[date, UUID, int, bytes, bool] = Statement(
    union_all(_booked(expense, is_expense=True), _booked(settlement, is_expense=False)).order_by("booked_on", "id")
)


async def booked_until(tx: Snapshot, until: date) -> AsyncGenerator[list[tuple[Booked, Step]], None]:
    """All that counts and was booked until the end of that day, the oldest first, some at a time. Whoever stops before the end must
    close it."""
    async with aclosing(tx.slices(_BOOKED(space_id=tx.space_id, until=until), SLICE_ROWS)) as slices:
        async for rows in slices:
            yield [(message, step) for message, step in (_open(tx, row) for row in rows) if step]


async def fold_until(tx: Snapshot, until: date) -> Sums:
    """Nets and debts as they were at the end of a day. Their version is the number of the group's state."""
    nets: dict[tuple[UUID, str], int] = {}
    debts: dict[tuple[UUID, UUID, str], int] = {}
    ((_, _, seq, _),) = await tx.fetch(SPACE_HEAD(space_id=tx.space_id))
    async with aclosing(booked_until(tx, until)) as slices:
        async for booked in slices:
            for _, step in booked:
                moved_nets, moved_debts = moves_of(None, step)
                for net, moved in moved_nets.items():
                    nets[net] = nets.get(net, 0) + moved
                for debt, moved in moved_debts.items():
                    debts[debt] = debts.get(debt, 0) + moved
    return Sums(nets, debts, seq)


def _open(tx: Snapshot, row: Row) -> tuple[Booked, Step | None]:
    _, row_id, version, body, is_expense = row
    if is_expense:
        spent = tx.open(EXPENSE, (row_id, version, body))
        return spent, step_of_expense(spent)
    given = tx.open(SETTLEMENT, (row_id, version, body))
    return given, step_of_settlement(given)
