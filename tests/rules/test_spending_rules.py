"""Are spans of spending taken apart without losing a day, and is every category found below another?"""

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.ledger.spending.rules import Side, Span, count_on, find_span, side_of_kind, split, with_below
from tallystick.v1.ledger_pb2 import TransactionKind

DAY = timedelta(days=1)
days = st.dates(min_value=date(2019, 1, 1), max_value=date(2025, 12, 31))


@st.composite
def spans_of(draw: st.DrawFn) -> list[Span]:
    """Spans in order, some of which touch."""
    ends = sorted(draw(st.sets(days, min_size=2, max_size=8)))
    pairs = [(one, other - DAY) for one, other in pairwise(ends)]
    return [span for span in pairs if draw(st.booleans())]


def _days_of(span: Span) -> set[date]:
    return {span[0] + DAY * number for number in range((span[1] - span[0]).days + 1)}


@given(spans=spans_of())
def test_split_keeps_every_day_once(spans: list[Span]) -> None:
    months, parts = split(spans)
    whole = [day for month in months for day in _days_of((month, (month + 31 * DAY).replace(day=1) - DAY))]
    found = [*whole, *(day for part in parts for day in _days_of(part))]
    assert len(found) == len(set(found))
    assert set(found) == {day for span in spans for day in _days_of(span)}


@given(spans=spans_of())
def test_split_gives_a_month_to_the_span_that_it_is_in(spans: list[Span]) -> None:
    for month, number in split(spans).months.items():
        assert month.day == 1
        assert spans[number][0] <= month
        assert (month + 31 * DAY).replace(day=1) - DAY <= spans[number][1]


@given(spans=spans_of())
def test_split_leaves_no_whole_month_in_days(spans: list[Span]) -> None:
    """Else it would read what is kept as one number. A month that two spans share is whole in neither."""
    for number, span in enumerate(spans):
        months, _ = split([span])
        assert months.keys() == {month for month, its in split(spans).months.items() if its == number}


@given(spans=spans_of(), day=days)
def test_find_span_finds_the_one_that_has_the_day(spans: list[Span], day: date) -> None:
    having = [number for number, (first, last) in enumerate(spans) if first <= day <= last]
    assert find_span(spans, day) == (having[0] if having else None)


@pytest.mark.parametrize("span", [(date.max, date.max), (date(9999, 11, 2), date.max), (date.min, date(1, 2, 3))])
def test_split_reaches_the_ends_of_the_calendar(span: Span) -> None:
    months, parts = split([span])
    assert min([*months, *(first for first, _ in parts)]) == span[0]


def test_sides() -> None:
    kinds = TransactionKind
    assert side_of_kind(kinds.TRANSACTION_KIND_INCOME) is Side.EARNED
    assert side_of_kind(kinds.TRANSACTION_KIND_REFUND) is Side.SPENT
    assert (count_on(Side.SPENT, -5), count_on(Side.EARNED, 5)) == (5, 5)


def test_with_below_goes_down_all_levels_and_knows_no_strangers() -> None:
    one, other, third, stranger = (UUID(int=number) for number in range(1, 5))
    parents = {one: None, other: one, third: other}
    assert with_below(parents, [one]) == {one, other, third}
    assert with_below(parents, [third, stranger]) == {third}
