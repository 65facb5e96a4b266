"""How does a budget's item do in its period: what is left, is it on pace, where will it end, and what has it just passed?

Pure, in integers. Nothing here asks for the time: "today" is a civil date that the caller has taken in the person's time zone.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from tallystick.budgets.periods import Span
from tallystick.errors import InvalidInput
from tallystick.ledger.rules import add

# Thresholds are in basis points: 8000 is 80 %, 10000 all of it.
WHOLE_BP = 10_000
THRESHOLD_BP_MAX = 10 * WHOLE_BP


class Use(NamedTuple):
    """What an item may cost in a period, carried and assigned together, and what it has cost so far."""

    planned_minor: int
    actual_minor: int


class Analysis(NamedTuple):
    """`pace_minor` is what would be spent by the end of today if every day cost the same; `ahead_minor` how much more was.
    `forecast_minor` is what it will have cost when the period ends, if nothing happens but what is scheduled."""

    planned_minor: int
    actual_minor: int
    left_minor: int
    pace_minor: int
    ahead_minor: int
    forecast_minor: int
    forecast_left_minor: int


def analyse(use: Use, span: Span, today: date, scheduled_minor: Iterable[int]) -> Analysis:
    """`scheduled_minor`: what templates will still post for the item, from what is not posted yet until the period ends."""
    planned, actual = use
    pace = pace_of(planned, span, today)
    forecast = add(actual, sum(scheduled_minor))
    return Analysis(
        planned_minor=planned,
        actual_minor=actual,
        left_minor=add(planned, -actual),
        pace_minor=pace,
        # Between `actual` and the opposite of what is left, so it fits where they do.
        ahead_minor=actual - pace,
        forecast_minor=forecast,
        forecast_left_minor=add(planned, -forecast),
    )


def pace_of(planned_minor: int, span: Span, today: date) -> int:
    """The part of the plan that belongs to the days until today, with today: nothing before the period, all of it from its last day on.

    Exact, and rounded half to even once, as converted amounts are: so a plan and its opposite have opposite paces, and a plan never
    shrinks from one day to the next."""
    if today >= span.until_on:
        return planned_minor
    days = (span.until_on - span.from_on).days + 1
    passed = min(max((today - span.from_on).days + 1, 0), days)
    # In integers: a fraction for each item and period would take longer than all the rest.
    whole, rest = divmod(planned_minor * passed, days)
    is_up = 2 * rest > days or (2 * rest == days and whole % 2 == 1)
    return whole + is_up


def require_thresholds(field: str, thresholds_bp: Collection[int]) -> None:
    if any(not 1 <= each <= THRESHOLD_BP_MAX for each in thresholds_bp):
        raise InvalidInput.of_field(field, f"must each be 1 to {THRESHOLD_BP_MAX}")
    if len(set(thresholds_bp)) < len(thresholds_bp):
        raise InvalidInput.of_field(field, "must not repeat")


def crossed(thresholds_bp: Collection[int], before: Use, after: Use, told_bp: Collection[int] = ()) -> list[int]:
    """Which thresholds lie between two states, the lowest first, of those that nobody was told of in this period. Raising the plan takes
    a threshold away as a refund does, and lowering it can cross one without anything being spent."""
    fresh = set(thresholds_bp) - set(told_bp)
    return [each for each in reached(fresh, after) if not _is_reached(each, before)]


def reached(thresholds_bp: Collection[int], use: Use) -> list[int]:
    """Which thresholds are behind it, the lowest first."""
    return sorted([each for each in thresholds_bp if _is_reached(each, use)]) if use.actual_minor > 0 else []


def _is_reached(threshold_bp: int, use: Use) -> bool:
    """Multiplied and never divided, so that 80 % of 0.99 is no matter of rounding. Without a plan the first unit is past every threshold;
    and nothing is reached while nothing is spent, though an item may begin below zero."""
    return use.actual_minor > 0 and use.actual_minor * WHOLE_BP >= threshold_bp * use.planned_minor
