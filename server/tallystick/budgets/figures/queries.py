"""What has become of a budget? It, what was spent, and the rates for that are read one after the other: each says what to ask next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tallystick.budgets.figures.reading import read_places
from tallystick.budgets.figures.rules import Composing, Outcome, Plan, outcome_of
from tallystick.budgets.figures.scheduling import SCHEDULED, read_scheduled
from tallystick.budgets.figures.scope import wants_of
from tallystick.budgets.figures.tallying import Actuals, Slots, currency_days
from tallystick.budgets.figures.windows import Window, window
from tallystick.budgets.items.queries import ITEMS_OF_BUDGET
from tallystick.budgets.moves.queries import MOVES_OF_BUDGET
from tallystick.budgets.moves.rules import require_period
from tallystick.budgets.periods import Period
from tallystick.budgets.plans.queries import BUDGETS
from tallystick.budgets.plans.rules import day_or_today, first_of, require_in_force, scheme_of
from tallystick.budgets.tables import BUDGET, BUDGET_ITEM, BUDGET_MOVE
from tallystick.ledger.rates.converting import Converted, Converter, compose_unconverted
from tallystick.ledger.rates.queries_days import read_converter
from tallystick.ledger.spending.queries import Sight, asked_of_sight, open_sight
from tallystick.ledger.templates.rules import today_in
from tallystick.store.connection import Row
from tallystick.store.tx import ReadTx
from tallystick.v1.budget_analysis_pb2 import GetBudgetAnalysisRequest, GetBudgetAnalysisResponse


@dataclass(frozen=True)
class Measured:
    """A budget in a window of periods: how its items stand, and what was spent."""

    plan: Plan
    window: Window
    outcome: Outcome
    actuals: Actuals
    converter: Converter
    # What templates will post that could not be converted.
    scheduled: Converted


async def get_analysis(tx: ReadTx, request: GetBudgetAnalysisRequest, now: datetime) -> GetBudgetAnalysisResponse:
    plan, sight = await _read_plan(tx, UUID(request.budget_id))
    today = today_in(sight.book.time_zone, now)
    require_in_force(plan.budget)
    asked = require_period(plan.budget, "on", day_or_today("on", request.on, today))
    measured = await measure(tx, plan, sight, asked, request.before, with_templates=asked.until_on >= today)
    return _compose(measured, today)


async def measure(
    tx: ReadTx, plan: Plan, sight: Sight, asked: Period, before: int = 0, *, with_templates: bool = False
) -> Measured:
    budget = plan.budget
    within = _window_of(plan, asked, before)
    wanted = [wants_of(item, sight) for item in plan.items]
    spans = [period.span for period in within.periods]
    spent = await read_places(tx, sight, wanted, spans, budget.currency, is_envelope=plan.is_envelope)
    scheduled = spent.empty()
    if with_templates:
        scheduled = await read_scheduled(tx, sight, spent, asked.span)
    days = {*currency_days(spent), *currency_days(scheduled)}
    converter = await read_converter(tx, budget.currency, {currency for currency, _ in days}, {on for _, on in days})
    actuals, to_come = Actuals(spent, converter), Actuals(scheduled, converter)
    slots = Slots(len(plan.items))
    by_slot = {slot: to_come.of(slot, SCHEDULED) for slot in range(slots.whole + 1)}
    outcome = outcome_of(plan, within, actuals, by_slot)
    return Measured(plan, within, outcome, actuals, converter, to_come.converted({slots.whole}, {SCHEDULED}))


def _window_of(plan: Plan, asked: Period, before: int) -> Window:
    moved_on = max((move.period_from_on for move in plan.moves), default="")
    ahead_until = date.fromisoformat(moved_on) if moved_on else asked.until_on
    return window(
        scheme_of(plan.budget.periods),
        first_of(plan.budget),
        asked,
        before,
        carries=plan.carries,
        ahead_until=ahead_until if plan.is_envelope else None,
    )


async def _read_plan(tx: ReadTx, budget_id: UUID) -> tuple[Plan, Sight]:
    budgets, items, moves, *of_sight = await tx.fetch_all(
        BUDGETS.by_id(space_id=tx.space_id, id=budget_id),
        ITEMS_OF_BUDGET(space_id=tx.space_id, budget_id=budget_id),
        MOVES_OF_BUDGET(space_id=tx.space_id, budget_id=budget_id),
        *asked_of_sight(tx.space_id),
    )
    budget = tx.require(BUDGET, _three(budgets))
    plan = Plan(
        budget,
        [tx.open(BUDGET_ITEM, row) for row in _three(items)],
        [tx.open(BUDGET_MOVE, row) for row in _three(moves)],
    )
    return plan, open_sight(tx, of_sight)


def _three(rows: Sequence[Row]) -> list[tuple[UUID, int, bytes]]:
    return [(row[0], row[1], row[2]) for row in rows]


def _compose(measured: Measured, today: date) -> GetBudgetAnalysisResponse:
    plan, within, actuals, converter = measured.plan, measured.window, measured.actuals, measured.converter
    slots, everywhere = Slots(len(plan.items)), range(len(within.periods))
    shown = range(within.first_shown, within.last_shown + 1)
    # Each entry is in one of these, once.
    spending, income = {slots.whole, slots.unbudgeted}, {slots.income}
    used = actuals.converted(spending | income, shown).used | measured.scheduled.used
    missing = actuals.converted(spending, everywhere)
    missing.include(measured.scheduled)
    came_in = {of: -minor for of, minor in actuals.converted(income, everywhere).missing.items()}
    unconverted = [*compose_unconverted(missing.missing), *compose_unconverted(came_in)]
    answer = GetBudgetAnalysisResponse(
        currency=plan.budget.currency,
        today_on=today.isoformat(),
        rates=converter.compose_used(used),
        unconverted=unconverted,
        incomplete=bool(unconverted),
    )
    Composing(plan, within, measured.outcome, actuals, today).write(answer)
    return answer
