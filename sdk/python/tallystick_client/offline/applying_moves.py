"""What do commands about the money in envelopes make? How much there is to assign is for the server to say."""

from collections import Counter
from collections.abc import Iterator, Mapping
from uuid import UUID, uuid5

from tallystick_client.offline.applying_items import items_of
from tallystick_client.offline.budget_amounts import AMOUNT_MAX, require_amount
from tallystick_client.offline.budget_periods import Period, period_of
from tallystick_client.offline.composing import canonical
from tallystick_client.offline.making import Making, Rule
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.roster import today_in
from tallystick_client.offline.rows import Row
from tallystick_client.v1.budget_moves_pb2 import AssignMoneyRequest, BudgetMove, CopyForwardRequest, MoveMoneyRequest
from tallystick_client.v1.budget_pb2 import Budget, BudgetMode
from tallystick_client.v1.money_pb2 import Money

# What is in no item is to be assigned.
_TO_BE_ASSIGNED = ""


def _assign(making: Making, command: AssignMoneyRequest) -> Iterator[Row]:
    """Below zero it is taken back."""
    budget = _envelopes(making, command.budget_id)
    item_id = _item_in(making, budget, command.item_id)
    require_amount(budget, command.amount)
    if command.amount.minor == 0:
        raise CannotApply
    move_id = making.require_new("budget_move", command.move_id)
    yield _row(making, budget, _period(making, budget, command.on), move_id, _to(item_id, command.amount.minor))


def _move(making: Making, command: MoveMoneyRequest) -> Iterator[Row]:
    budget = _envelopes(making, command.budget_id)
    from_id, to_id = (_item_in(making, budget, each) for each in (command.from_item_id, command.to_item_id))
    require_amount(budget, command.amount)
    if from_id == to_id or command.amount.minor <= 0:
        raise CannotApply
    move_id = making.require_new("budget_move", command.move_id)
    yield _row(making, budget, _period(making, budget, command.on), move_id, (from_id, to_id, command.amount.minor))


def _copy_forward(making: Making, command: CopyForwardRequest) -> Iterator[Row]:
    """Takes the difference, so that doing it again does nothing."""
    budget = _envelopes(making, command.budget_id)
    source, target = period_of(budget, command.from_on), period_of(budget, command.to_on)
    if source.number == target.number:
        raise CannotApply
    was, has = _given(making, budget, source), _given(making, budget, target)
    for item in items_of(making, budget.id):
        missing = was.get(item.id, 0) - has.get(item.id, 0)
        if abs(missing) > AMOUNT_MAX:
            raise CannotApply
        if missing:
            move_id = str(uuid5(UUID(canonical(command.request_id)), item.id))
            yield _row(making, budget, target, move_id, _to(item.id, missing))


def _envelopes(making: Making, budget_id: str) -> Budget:
    budget: Budget = making.require("budget", budget_id)
    if budget.template or budget.mode != BudgetMode.BUDGET_MODE_ENVELOPE:
        raise CannotApply
    return budget


def _item_in(making: Making, budget: Budget, item_id: str) -> str:
    wanted = canonical(item_id)
    if all(item.id != wanted for item in items_of(making, budget.id)):
        raise CannotApply
    return wanted


def _period(making: Making, budget: Budget, day: str) -> Period:
    return period_of(budget, day or today_in(making.require("book", making.space_id), making))


def _given(making: Making, budget: Budget, period: Period) -> Mapping[str, int]:
    """What each item was given in a period, all taken together."""
    first, last = period.from_on.isoformat(), period.until_on.isoformat()
    sums: Counter[str] = Counter()
    for row in making.view.rows("budget_move"):
        move: BudgetMove = row.message
        if move.budget_id == budget.id and first <= move.period_from_on <= last:
            sums[move.from_item_id] -= move.amount.minor
            sums[move.to_item_id] += move.amount.minor
    return sums


def _to(item_id: str, minor: int) -> tuple[str, str, int]:
    return (_TO_BE_ASSIGNED, item_id, minor) if minor > 0 else (item_id, _TO_BE_ASSIGNED, -minor)


def _row(making: Making, budget: Budget, period: Period, move_id: str, way: tuple[str, str, int]) -> Row:
    from_id, to_id, minor = way
    move = BudgetMove(
        id=move_id,
        book_id=making.space_id,
        budget_id=budget.id,
        period_from_on=period.from_on.isoformat(),
        from_item_id=from_id,
        to_item_id=to_id,
        amount=Money(currency=budget.currency, minor=minor),
        created_at=making.made_at,
    )
    return Row("budget_move", move.id, move)


MOVE_RULES: dict[str, Rule] = {
    "assign_money": _assign,
    "move_money": _move,
    "copy_forward": _copy_forward,
}
