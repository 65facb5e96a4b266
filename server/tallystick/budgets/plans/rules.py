"""What is right for a budget, and which are its periods? Pure."""

from collections.abc import Sequence
from datetime import date

from tallystick.budgets.analysis import require_thresholds
from tallystick.budgets.envelopes import KEEPS_DEFICIT
from tallystick.budgets.periods import (
    Listed,
    Months,
    Period,
    Scheme,
    Span,
    Weeks,
    first_period,
    require_scheme,
)
from tallystick.budgets.rollover import Policy, require_policy
from tallystick.errors import InvalidInput, RuleBroken
from tallystick.ledger.rules import AMOUNT_MAX, require_date, require_name
from tallystick.v1.budget_items_pb2 import Rollover
from tallystick.v1.budget_pb2 import Budget, BudgetMode, BudgetPeriods, ListedPeriod
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_pb2 import Book, Weekday
from tallystick.v1.money_pb2 import Money

ENVELOPE = BudgetMode.BUDGET_MODE_ENVELOPE
CHANGEABLE = ("name", "periods", "starts_on", "rollover", "thresholds_bp", "template", "opening")
# Enough for weeks over a working life's first half and for months over a long one, and few enough to go through all of them.
PERIODS_MAX = 1200
_NOTHING = Policy(surplus=False, deficit=False)


def require_usable(budget: Budget, book: Book, today: date) -> None:
    """Brings a budget into its one form, with what it leaves to the book filled in: what the book says later does not change it."""
    budget.name = require_name("name", budget.name)
    if budget.starts_on:
        require_date("starts_on", budget.starts_on)
    _fill_in(budget, book, today)
    require_scheme(f"periods.{budget.periods.WhichOneof('scheme')}", scheme_of(budget.periods))
    require_rollover("rollover", budget, budget.rollover if budget.HasField("rollover") else None)
    require_thresholds("thresholds_bp", budget.thresholds_bp)
    budget.thresholds_bp.sort()
    if budget.HasField("opening"):
        require_amount("opening", budget, budget.opening)
        if budget.mode != ENVELOPE:
            raise InvalidInput.of_field("opening", "is for envelopes")
    first_of(budget)


def _fill_in(budget: Budget, book: Book, today: date) -> None:
    periods = budget.periods
    scheme = periods.WhichOneof("scheme")
    if scheme is None:
        raise InvalidInput.of_field("periods", "must be stated")
    if scheme == "listed":
        # Checked here already, because they are put in order.
        spans = sorted(
            _span(f"periods.listed.spans[{number}]", each) for number, each in enumerate(periods.listed.spans)
        )
        if not spans:
            raise InvalidInput.of_field("periods.listed.spans", "must have one")
        for kept, span in zip(periods.listed.spans, spans, strict=True):
            kept.from_on, kept.until_on = (day.isoformat() for day in span)
        budget.starts_on = budget.starts_on or spans[0].from_on.isoformat()
        return
    budget.starts_on = budget.starts_on or today.isoformat()
    if scheme == "weeks":
        weeks = periods.weeks
        weeks.anchor_on = weeks.anchor_on or budget.starts_on
        weeks.first_day = weeks.first_day or book.first_day_of_week or Weekday.WEEKDAY_MONDAY
    else:
        year = require_date("starts_on", budget.starts_on).year
        first = date(year, 1, book.first_day_of_month or 1)
        periods.months.anchor_on = periods.months.anchor_on or first.isoformat()


def scheme_of(periods: BudgetPeriods) -> Scheme:
    match periods.WhichOneof("scheme"):
        case "weeks":
            weeks = periods.weeks
            anchor = require_date("periods.weeks.anchor_on", weeks.anchor_on)
            return Weeks(weeks.weeks, anchor, weeks.first_day - Weekday.WEEKDAY_MONDAY)
        case "months":
            return Months(periods.months.months, require_date("periods.months.anchor_on", periods.months.anchor_on))
        case _:
            return Listed(tuple(_span("periods.listed.spans", each) for each in periods.listed.spans))


def _span(field: str, span: ListedPeriod) -> Span:
    return Span(require_date(f"{field}.from_on", span.from_on), require_date(f"{field}.until_on", span.until_on))


def first_of(budget: Budget) -> Period:
    """The budget's first period. Nothing before it counts."""
    first = first_period(scheme_of(budget.periods), require_date("starts_on", budget.starts_on))
    if first is None:
        raise InvalidInput.of_field(
            "starts_on", "is after all periods that are listed", ErrorReason.ERROR_REASON_INVALID_DATE
        )
    return first


def policy_of(budget: Budget, own: Rollover | None) -> Policy:
    """What an item carries on: as it says itself, or as its budget does."""
    said = own or (budget.rollover if budget.HasField("rollover") else None)
    if said is None:
        return KEEPS_DEFICIT if budget.mode == ENVELOPE else _NOTHING
    return Policy(said.surplus, said.deficit, said.surplus_max.minor if said.HasField("surplus_max") else None)


def require_rollover(field: str, budget: Budget, rollover: Rollover | None) -> None:
    if rollover is None:
        return
    if rollover.HasField("surplus_max"):
        require_amount(f"{field}.surplus_max", budget, rollover.surplus_max)
    require_policy(field, policy_of(budget, rollover))


def require_amount(field: str, budget: Budget, amount: Money) -> None:
    """An amount of the budget, above zero or below, that 64 bits can turn around."""
    if amount.currency != budget.currency:
        raise InvalidInput.of_field(
            f"{field}.currency", "is not the budget's currency", ErrorReason.ERROR_REASON_CURRENCY_MISMATCH
        )
    if abs(amount.minor) > AMOUNT_MAX:
        raise InvalidInput.of_field(f"{field}.minor", "is out of range", ErrorReason.ERROR_REASON_AMOUNT_OUT_OF_RANGE)


def require_in_force(budget: Budget) -> None:
    if budget.template:
        raise RuleBroken(
            ErrorReason.ERROR_REASON_BUDGET_NOT_IN_FORCE,
            "The budget is a template. To fix: copy it.",
            metadata={"budget_id": budget.id},
        )


def no_period(day: date) -> RuleBroken:
    return RuleBroken(
        ErrorReason.ERROR_REASON_NO_BUDGET_PERIOD, "No period of the budget holds that day.", metadata={"on": str(day)}
    )


def thresholds_of(budget: Budget, own: Sequence[int]) -> Sequence[int]:
    return own or budget.thresholds_bp


def day_or_today(field: str, text: str, today: date) -> date:
    return require_date(field, text) if text else today
