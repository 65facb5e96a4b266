"""What is right for accounts? Days and sums, decided without I/O."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from tallystick.errors import InvalidInput, RuleBroken
from tallystick.ledger.rules import require_date
from tallystick.ledger.sums import month_number
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_accounts_pb2 import BalanceStep
from tallystick.v1.ledger_pb2 import TransactionDraft, Weekday

YEARS_MAX = 100


def month_start(day: date) -> date:
    return day.replace(day=1)


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


class Part(NamedTuple):
    """How what an account held at the end of a day follows from sums of whole months: those before `month`, and the entries of the
    days from `from_on` to `until_on` added to them or taken off."""

    month: int
    sign: int
    from_on: date
    until_on: date


def part_until(day: date) -> Part:
    """From whichever end of its month the day is nearer to."""
    number, last = month_number(day), month_end(day)
    if day.day * 2 <= last.day:
        return Part(number, 1, month_start(day), day)
    if day == last:
        # Nothing comes off. The last day that there is has no day after it, so these two only have the wrong order.
        return Part(number + 1, -1, last, month_start(day))
    return Part(number + 1, -1, day + timedelta(days=1), last)


def require_span(from_field: str, from_text: str, until_field: str, until_text: str) -> tuple[date, date]:
    """Two days in order. One that is left out is the first or last that there is."""
    first = require_date(from_field, from_text) if from_text else date.min
    last = require_date(until_field, until_text) if until_text else date.max
    if last < first:
        raise InvalidInput.of_field(until_field, "is before the first day", ErrorReason.ERROR_REASON_INVALID_DATE)
    return first, last


def require_years(first: date, last: date) -> None:
    # Compared part by part: a hundred years after 29 February may be no day.
    if (last.year - YEARS_MAX, last.month, last.day) > (first.year, first.month, first.day):
        raise InvalidInput.of_field(
            "until_on", f"is more than {YEARS_MAX} years after from_on", ErrorReason.ERROR_REASON_INVALID_DATE
        )


def points(first: date, last: date, step: BalanceStep.ValueType, week_starts: Weekday.ValueType) -> Iterator[date]:
    """The last days of each step, and the last day of all."""
    day = first
    while (left := _days_left(day, step, week_starts)) < (last - day).days:
        yield day + timedelta(days=left)
        day += timedelta(days=left + 1)
    yield last


def _days_left(day: date, step: BalanceStep.ValueType, week_starts: Weekday.ValueType) -> int:
    """How many days of its step come after a day."""
    if step == BalanceStep.BALANCE_STEP_WEEK:
        return ((week_starts or Weekday.WEEKDAY_MONDAY) - 2 - day.weekday()) % 7
    if step == BalanceStep.BALANCE_STEP_MONTH:
        return (month_end(day) - day).days
    return 0


def days_to_read(start: date, last: date, step: BalanceStep.ValueType, count: int) -> tuple[date, date]:
    """Of which days the entries are needed for so many points from `start` on, whatever day weeks start on. Ends of months need none:
    their sums are known."""
    if step == BalanceStep.BALANCE_STEP_MONTH:
        return month_start(last), last
    days = count * (7 if step == BalanceStep.BALANCE_STEP_WEEK else 1)
    return month_start(start), start + timedelta(days=min(days, (last - start).days))


def is_named(draft: TransactionDraft, account_id: str) -> bool:
    """Whether what is recorded from a draft is booked on the account."""
    return account_id in {draft.account_id, draft.to_account_id, *(split.account_id for split in draft.splits)}


def in_use(what: str) -> RuleBroken:
    return RuleBroken(ErrorReason.ERROR_REASON_IN_USE, f"Something refers to the {what} still.")


def statement_mismatch(*, expected: int, actual: int) -> RuleBroken:
    return RuleBroken(
        ErrorReason.ERROR_REASON_STATEMENT_MISMATCH,
        "The account does not hold what the statement says.",
        metadata={"expected": str(expected), "actual": str(actual), "difference": str(expected - actual)},
    )
