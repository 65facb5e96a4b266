"""Are the days and sums of accounts right, on whatever day?"""

from datetime import date, timedelta
from itertools import islice
from uuid import uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tallystick.errors import InvalidInput
from tallystick.ledger.accounts import rules
from tallystick.ledger.sums import Sums, month_number
from tallystick.v1.ledger_accounts_pb2 import BalanceStep
from tallystick.v1.ledger_pb2 import Split, TransactionDraft, Weekday

DAY, WEEK, MONTH = BalanceStep.BALANCE_STEP_DAY, BalanceStep.BALANCE_STEP_WEEK, BalanceStep.BALANCE_STEP_MONTH
ONE_DAY = timedelta(days=1)

steps = st.sampled_from([DAY, WEEK, MONTH])
weekdays = st.sampled_from(Weekday.values())
# Around the ends of months and years, and at both ends of the calendar.
days = st.dates() | st.dates(date(2023, 12, 1), date(2024, 3, 31)) | st.sampled_from([date.min, date.max])
minors = st.integers(-(10**12), 10**12)


def sums_of(moves: dict[date, int]) -> Sums:
    sums = Sums(sum(moves.values()))
    for day, minor in moves.items():
        sums.months[month_number(day)] = sums.months.get(month_number(day), 0) + minor
    return sums


@given(moves=st.dictionaries(days, minors, max_size=20), day=days)
@example(moves={date.max: 5, date(9999, 12, 30): 3}, day=date.max)
@example(moves={date.max: 5, date(9999, 12, 30): 3}, day=date(9999, 12, 30))
@example(moves={date.min: 5}, day=date.min)
def test_part_until_gives_the_sum_of_all_days_up_to_one(moves: dict[date, int], day: date) -> None:
    part = rules.part_until(day)
    some = sum(minor for on, minor in moves.items() if part.from_on <= on <= part.until_on)
    assert sums_of(moves).before(part.month) + part.sign * some == sum(m for on, m in moves.items() if on <= day)


@given(day=days)
def test_part_until_reads_no_more_than_half_a_month(day: date) -> None:
    part = rules.part_until(day)
    assert (part.until_on - part.from_on).days + 1 <= 16


@given(day=days)
def test_month_start_and_end_are_the_first_and_last_of_the_days_month(day: date) -> None:
    first, last = rules.month_start(day), rules.month_end(day)
    assert first <= day <= last
    assert month_number(first) == month_number(day) == month_number(last)
    assert first.day == 1
    assert last == date.max or (last + ONE_DAY).day == 1


def is_end(day: date, step: int, week_starts: int) -> bool:
    if step == DAY or day == date.max:
        return True
    following = day + ONE_DAY
    return following.day == 1 if step == MONTH else following.isoweekday() == (week_starts or 1)


@given(first=days, length=st.integers(0, 800), step=steps, week_starts=weekdays)
@example(first=date(9999, 12, 20), length=20, step=WEEK, week_starts=1)
@example(first=date.min, length=40, step=WEEK, week_starts=7)
def test_points_are_the_ends_of_steps_and_the_last_day(
    first: date, length: int, step: BalanceStep.ValueType, week_starts: Weekday.ValueType
) -> None:
    last = first + min(timedelta(days=length), date.max - first)
    every = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    expected = [day for day in every if day == last or is_end(day, step, week_starts)]
    assert list(rules.points(first, last, step, week_starts)) == expected


@given(first=days, length=st.integers(0, 400), step=steps, week_starts=weekdays, count=st.integers(1, 5))
def test_points_go_on_from_the_day_after_any_of_them(
    first: date, length: int, step: BalanceStep.ValueType, week_starts: Weekday.ValueType, count: int
) -> None:
    last = first + min(timedelta(days=length), date.max - first)
    every = list(rules.points(first, last, step, week_starts))
    page = every[:count]
    if page[-1] < last:
        assert list(rules.points(page[-1] + ONE_DAY, last, step, week_starts)) == every[count:]


@given(start=days, length=st.integers(0, 40_000), step=steps, week_starts=weekdays, count=st.integers(1, 200))
def test_days_to_read_cover_what_the_points_need(
    start: date, length: int, step: BalanceStep.ValueType, week_starts: Weekday.ValueType, count: int
) -> None:
    last = start + min(timedelta(days=length), date.max - start)
    from_on, until_on = rules.days_to_read(start, last, step, count)
    assert until_on <= last
    for point in islice(rules.points(start, last, step, week_starts), count):
        # What a month held at its end is known without its entries.
        assert point == rules.month_end(point) or from_on <= rules.month_start(point) <= point <= until_on


def test_days_to_read_reads_one_month_for_points_by_the_month() -> None:
    span = rules.days_to_read(date(1930, 5, 5), date(2026, 1, 15), MONTH, 200)
    assert span == (date(2026, 1, 1), date(2026, 1, 15))


@given(first=days, last=days)
def test_require_span_gives_two_days_in_order_or_refuses(first: date, last: date) -> None:
    texts = first.isoformat(), last.isoformat()
    if first <= last:
        assert rules.require_span("from_on", texts[0], "until_on", texts[1]) == (first, last)
    else:
        with pytest.raises(InvalidInput) as refused:
            rules.require_span("from_on", texts[0], "until_on", texts[1])
        assert refused.value.reason_name == "INVALID_DATE"
        assert [violation.field for violation in refused.value.violations] == ["until_on"]


def test_require_span_without_days_is_all_days_that_there_are() -> None:
    assert rules.require_span("a", "", "b", "") == (date.min, date.max)


@pytest.mark.parametrize(
    ("first", "last", "fits"),
    [
        (date(1926, 1, 1), date(2026, 1, 1), True),
        (date(1926, 1, 1), date(2026, 1, 2), False),
        (date(1926, 12, 31), date(2026, 1, 1), True),
        (date(1924, 2, 29), date(2024, 2, 29), True),
        (date(1924, 2, 29), date(2024, 3, 1), False),
        (date(2000, 2, 29), date(2100, 2, 28), True),
        (date(2000, 2, 29), date(2100, 3, 1), False),
        (date.min, date.max, False),
    ],
)
def test_require_years_allows_a_hundred_years_to_the_day(first: date, last: date, fits: bool) -> None:
    if fits:
        rules.require_years(first, last)
    else:
        with pytest.raises(InvalidInput):
            rules.require_years(first, last)


@pytest.mark.parametrize("place", ["account_id", "to_account_id", "splits", ""])
def test_is_named_looks_wherever_a_draft_can_name_an_account(place: str) -> None:
    account_id, other = str(uuid4()), str(uuid4())
    draft = TransactionDraft(account_id=other, splits=[Split(account_id=other), Split()])
    if place == "splits":
        draft.splits.add(account_id=account_id)
    elif place:
        setattr(draft, place, account_id)
    assert rules.is_named(draft, account_id) is bool(place)


@given(expected=minors, actual=minors)
def test_statement_mismatch_says_how_far_the_account_is_off(expected: int, actual: int) -> None:
    told = rules.statement_mismatch(expected=expected, actual=actual).metadata
    assert int(told["actual"]) + int(told["difference"]) == int(told["expected"]) == expected
