"""What has become of a budget, period by period? Pure: limits or moves, and what was spent, go in; figures come out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from uuid import UUID

from tallystick.budgets.analysis import Use, analyse, reached
from tallystick.budgets.envelopes import Envelopes, Facts, Move, fill
from tallystick.budgets.figures.tallying import Actuals, Slots
from tallystick.budgets.figures.windows import Window
from tallystick.budgets.items.rules import limits_of
from tallystick.budgets.moves.rules import TO_BE_ASSIGNED
from tallystick.budgets.periods import Span
from tallystick.budgets.plans.rules import ENVELOPE, policy_of, thresholds_of
from tallystick.budgets.rollover import Flow, Policy, Standing, follow
from tallystick.ledger.rules import add
from tallystick.ledger.spending.rules import find_span
from tallystick.v1.budget_analysis_pb2 import (
    BudgetFigures,
    EnvelopeFigures,
    GetBudgetAnalysisResponse,
    PeriodAnalysis,
)
from tallystick.v1.budget_items_pb2 import BudgetItem
from tallystick.v1.budget_moves_pb2 import BudgetMove
from tallystick.v1.budget_pb2 import Budget

_EMPTY = Standing(0, 0, 0)


@dataclass(frozen=True)
class Plan:
    """A budget with its items in their order, and the moves of its envelopes."""

    budget: Budget
    items: Sequence[BudgetItem]
    moves: Sequence[BudgetMove] = ()

    @property
    def is_envelope(self) -> bool:
        return self.budget.mode == ENVELOPE

    @property
    def policies(self) -> list[Policy]:
        return [policy_of(self.budget, item.rollover if item.HasField("rollover") else None) for item in self.items]

    @property
    def carries(self) -> bool:
        """Whether a period lives on the one before it."""
        return self.is_envelope or any(policy.surplus or policy.deficit for policy in self.policies)


@dataclass(frozen=True)
class Outcome:
    """How the items of a plan stand at the end of each period of a window, in the order of the items; and its envelopes."""

    standings: Sequence[Sequence[Standing]]
    facts: Sequence[Facts] = ()
    envelopes: Sequence[Envelopes] = ()
    # What templates will still post in the last period that is shown, by slot.
    scheduled: Mapping[int, int] = field(default_factory=dict)


def outcome_of(plan: Plan, window: Window, actuals: Actuals, scheduled: Mapping[int, int]) -> Outcome:
    if not plan.is_envelope:
        return Outcome(_follow_limits(plan, window, actuals), scheduled=scheduled)
    facts = _facts(plan, window, actuals)
    ids = [UUID(item.id) for item in plan.items]
    envelopes = fill(facts, dict(zip(ids, plan.policies, strict=True)))
    standings = [[each.items.get(item_id, _EMPTY) for each in envelopes] for item_id in ids]
    return Outcome(standings, facts, envelopes, scheduled)


def _follow_limits(plan: Plan, window: Window, actuals: Actuals) -> list[list[Standing]]:
    spans = [period.span for period in window.periods]
    return [
        follow(
            policy,
            [Flow(limit, actuals.of(slot, index)) for index, limit in enumerate(limits_of(item.limits, spans))],
        )
        for slot, (item, policy) in enumerate(zip(plan.items, plan.policies, strict=True))
    ]


def _facts(plan: Plan, window: Window, actuals: Actuals) -> list[Facts]:
    """What came in, was assigned, moved and spent, period by period. The first one begins with what there was."""
    slots, assigned, moved = Slots(len(plan.items)), *_moves_by_period(plan, window)
    facts = []
    for index in range(len(window.periods)):
        spent = {UUID(item.id): actuals.of(slot, index) for slot, item in enumerate(plan.items)}
        opening = plan.budget.opening.minor if index == 0 else 0
        income = add(actuals.of(slots.income, index), opening)
        facts.append(Facts(income, assigned[index], moved[index], spent, actuals.of(slots.unbudgeted, index)))
    return facts


def _moves_by_period(plan: Plan, window: Window) -> tuple[list[dict[UUID, int]], list[list[Move]]]:
    """A move counts in the period that holds its day, whatever period it was made in; and what went into an item that was deleted since
    never left what is to be assigned."""
    spans, present = [period.span for period in window.periods], {item.id for item in plan.items}
    assigned: list[dict[UUID, int]] = [{} for _ in window.periods]
    moved: list[list[Move]] = [[] for _ in window.periods]
    for move in plan.moves:
        index = find_span(spans, date.fromisoformat(move.period_from_on))
        source, target = (each if each in present else TO_BE_ASSIGNED for each in (move.from_item_id, move.to_item_id))
        if index is None or source == target:
            continue
        if source and target:
            moved[index].append(Move(UUID(source), UUID(target), move.amount.minor))
        else:
            item_id, sign = UUID(source or target), -1 if source else 1
            assigned[index][item_id] = assigned[index].get(item_id, 0) + sign * move.amount.minor
    return assigned, moved


class Composing:
    """Writes the periods that are shown into an answer. In place: a message that is put into another one is copied."""

    def __init__(self, plan: Plan, window: Window, outcome: Outcome, actuals: Actuals, today: date) -> None:
        self._plan = plan
        self._window = window
        self._outcome = outcome
        self._actuals = actuals
        self._today = today
        self._thresholds_bp = [list(thresholds_of(plan.budget, item.thresholds_bp)) for item in plan.items]
        self._ids = [item.id for item in plan.items]

    def write(self, answer: GetBudgetAnalysisResponse) -> None:
        for index in range(self._window.first_shown, self._window.last_shown + 1):
            self._write_period(answer.periods.add(), index)

    def _write_period(self, told: PeriodAnalysis, index: int) -> None:
        plan, span = self._plan, self._window.periods[index].span
        told.from_on, told.until_on = (day.isoformat() for day in span)
        together = [standings[index] for standings in self._outcome.standings]
        for slot, standing in enumerate(together):
            item = told.items.add(item_id=self._ids[slot], limit_minor=standing.assigned_minor)
            if plan.is_envelope:
                (item.limit_minor,) = limits_of(plan.items[slot].limits, [span])
            self._write_figures(item.figures, index, span, slot, standing, self._thresholds_bp[slot])
        carried, assigned = (
            _sum(each.carried_minor for each in together),
            _sum(each.assigned_minor for each in together),
        )
        whole, slots = Standing(carried, assigned, 0), Slots(len(plan.items))
        self._write_figures(told.whole, index, span, slots.whole, whole, plan.budget.thresholds_bp)
        if plan.is_envelope:
            told.envelopes.CopyFrom(_compose_envelopes(self._outcome, index))

    def _write_figures(
        self,
        figures: BudgetFigures,
        index: int,
        span: Span,
        slot: int,
        standing: Standing,
        thresholds_bp: Sequence[int],
    ) -> None:
        scheduled = self._outcome.scheduled.get(slot, 0) if index == self._window.last_shown else 0
        use = Use(add(standing.carried_minor, standing.assigned_minor), self._actuals.of(slot, index))
        analysis = analyse(use, span, self._today, (scheduled,))
        figures.carried_minor = standing.carried_minor
        figures.assigned_minor = standing.assigned_minor
        figures.planned_minor = analysis.planned_minor
        figures.actual_minor = analysis.actual_minor
        figures.left_minor = analysis.left_minor
        figures.pace_minor = analysis.pace_minor
        figures.ahead_minor = analysis.ahead_minor
        figures.forecast_minor = analysis.forecast_minor
        figures.forecast_left_minor = analysis.forecast_left_minor
        figures.reached_bp.extend(reached(thresholds_bp, use))
        for member_id, minor in self._actuals.shares(slot, index):
            figures.members.add(member_id=member_id, actual_minor=minor)


def _compose_envelopes(outcome: Outcome, index: int) -> EnvelopeFigures:
    facts, envelopes = outcome.facts[index], outcome.envelopes[index]
    return EnvelopeFigures(
        income_minor=facts.income_minor,
        unbudgeted_minor=facts.unbudgeted_minor,
        returned_minor=envelopes.returned_minor,
        to_be_assigned_minor=envelopes.to_be_assigned_minor,
        assignable_minor=envelopes.assignable_minor,
        over_assigned_minor=envelopes.over_assigned_minor,
    )


def _sum(minors: Iterable[int]) -> int:
    return reduce(add, minors, 0)
