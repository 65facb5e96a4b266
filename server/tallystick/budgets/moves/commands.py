"""What shall happen to the money in envelopes? One function per writing call, run inside the write door."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from tallystick.budgets.envelopes import Move, require_move
from tallystick.budgets.items.queries import get_with_budget
from tallystick.budgets.moves.queries import MOVES_BETWEEN
from tallystick.budgets.moves.rules import TO_BE_ASSIGNED, given, require_envelopes, require_period, require_something
from tallystick.budgets.periods import Period
from tallystick.budgets.plans.rules import day_or_today, require_amount
from tallystick.budgets.tables import BUDGET_MOVE
from tallystick.errors import InvalidInput, NotVisible
from tallystick.ledger.books.queries import get_book
from tallystick.ledger.rules import add, canonical, require_date
from tallystick.ledger.templates.rules import today_in
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.budget_items_pb2 import BudgetItem
from tallystick.v1.budget_moves_pb2 import (
    AssignMoneyRequest,
    AssignMoneyResponse,
    BudgetMove,
    CopyForwardRequest,
    CopyForwardResponse,
    MoveMoneyRequest,
    MoveMoneyResponse,
)
from tallystick.v1.budget_pb2 import Budget
from tallystick.v1.money_pb2 import Money


async def assign_money(tx: WriteTx, request: AssignMoneyRequest) -> AssignMoneyResponse:
    budget, items = await get_with_budget(tx, request)
    require_envelopes(budget)
    item_id = _require_item(items, request.item_id)
    require_amount("amount", budget, request.amount)
    require_something("amount", request.amount.minor)
    minor = request.amount.minor
    way = (TO_BE_ASSIGNED, item_id) if minor > 0 else (item_id, TO_BE_ASSIGNED)
    period = require_period(budget, "on", await _day(tx, request))
    return AssignMoneyResponse(move=_move(tx, budget, period, way, abs(minor), canonical(request.move_id)))


async def move_money(tx: WriteTx, request: MoveMoneyRequest) -> MoveMoneyResponse:
    budget, items = await get_with_budget(tx, request)
    require_envelopes(budget)
    way = (_require_item(items, request.from_item_id), _require_item(items, request.to_item_id))
    require_amount("amount", budget, request.amount)
    require_move(Move(UUID(way[0]), UUID(way[1]), request.amount.minor))
    period = require_period(budget, "on", await _day(tx, request))
    move = _move(tx, budget, period, way, request.amount.minor, canonical(request.move_id))
    return MoveMoneyResponse(move=move)


async def copy_forward(tx: WriteTx, request: CopyForwardRequest) -> CopyForwardResponse:
    """Takes the difference, so that doing it again does nothing."""
    budget, items = await get_with_budget(tx, request)
    require_envelopes(budget)
    source = require_period(budget, "from_on", require_date("from_on", request.from_on))
    target = require_period(budget, "to_on", require_date("to_on", request.to_on))
    if source.number == target.number:
        raise InvalidInput.of_field("to_on", "is in the period that is copied")
    was, has = [given(each) for each in await _moves_of(tx, budget, source, target)]
    moves = []
    for item in items:
        # Both are kept in 64 bits, and so is what lies between.
        missing = add(was.get(item.id, 0), -has.get(item.id, 0))
        if missing:
            way = (TO_BE_ASSIGNED, item.id) if missing > 0 else (item.id, TO_BE_ASSIGNED)
            # The same for whoever does it twice, on whatever server.
            move_id = str(uuid5(UUID(request.request_id), item.id))
            moves.append(_move(tx, budget, target, way, abs(missing), move_id))
    return CopyForwardResponse(moves=moves)


async def _moves_of(tx: WriteTx, budget: Budget, *periods: Period) -> list[list[BudgetMove]]:
    found = await tx.fetch_all(
        *(
            MOVES_BETWEEN(space_id=tx.space_id, budget_id=UUID(budget.id), from_on=each.from_on, until_on=each.until_on)
            for each in periods
        )
    )
    return [[tx.open(BUDGET_MOVE, (row[0], row[1], row[2])) for row in rows] for rows in found]


async def _day(tx: WriteTx, request: Any) -> date:
    return day_or_today("on", request.on, today_in((await get_book(tx)).time_zone, tx.now))


def _require_item(items: Sequence[BudgetItem], item_id: str) -> str:
    wanted = canonical(item_id)
    if all(item.id != wanted for item in items):
        raise NotVisible
    return wanted


def _move(tx: WriteTx, budget: Budget, period: Period, way: tuple[str, str], minor: int, move_id: str) -> BudgetMove:
    move = BudgetMove(
        id=move_id or str(tx.new_id()),
        book_id=budget.book_id,
        budget_id=budget.id,
        period_from_on=period.from_on.isoformat(),
        from_item_id=way[0],
        to_item_id=way[1],
        amount=Money(currency=budget.currency, minor=minor),
        created_at=to_timestamp(tx.now),
    )
    return tx.add(BUDGET_MOVE, move)
