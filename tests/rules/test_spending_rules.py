"""Are spans of spending made of months and days without losing a day, and is every category found below another?"""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.ledger.spending.covering import NOWHERE, Cover, month_by_month
from tallystick.ledger.spending.rules import Side, Span, count_on, find_span, side_of_kind, with_below
from tallystick.v1.ledger_pb2 import TransactionKind

DAY = timedelta(days=1)
EPOCH = date(2018, 12, 1).toordinal()
days = st.dates(min_value=date(2019, 1, 1), max_value=date(2025, 12, 31))


@st.composite
def spans_of(draw: st.DrawFn) -> list[Span]:
    """Spans in order, some of which touch."""
    ends = sorted(draw(st.sets(days, min_size=2, max_size=8)))
    pairs = [(one, other - DAY) for one, other in pairwise(ends)]
    return [span for span in pairs if draw(st.booleans())]


def _days_of(span: Span) -> list[date]:
    return [span[0] + DAY * number for number in range((span[1] - span[0]).days + 1)]


def _month_of(month: int) -> list[date]:
    first = date.fromordinal(month)
    return _days_of((first, (first + 31 * DAY).replace(day=1) - DAY))


@given(spans=spans_of())
def test_a_cover_counts_every_day_once_and_in_its_span(spans: list[Span]) -> None:
    """Each day has an amount of its own, so that none can stand for another. It is done as whoever reads does it."""
    cover, sums = Cover(spans), [0] * (len(spans) + 1)
    for month, span in cover.months.items():
        sums[span] += sum(2 ** (day.toordinal() - EPOCH) for day in _month_of(month))
    for first, last in cover.days:
        for day in _days_of((first, last)):
            amount = 2 ** (day.toordinal() - EPOCH)
            sums[cover.span_of[day.toordinal()]] += amount
            sums[cover.month_of(first)] -= amount
    assert sums[:-1] == [sum(2 ** (day.toordinal() - EPOCH) for day in _days_of(span)) for span in spans]


@given(spans=spans_of())
def test_a_cover_gives_a_month_to_the_span_that_most_of_it_is_in(spans: list[Span]) -> None:
    cover = Cover(spans)
    for month, span in cover.months.items():
        inside = Counter(cover.span_of[day.toordinal()] for day in _month_of(month))
        assert inside[span] == max(inside.values())
        assert inside[span] > inside[NOWHERE]


@given(spans=spans_of())
def test_a_cover_reads_no_day_twice_and_none_that_its_month_brings(spans: list[Span]) -> None:
    """So it reads nothing of a whole month. Each part is within a month, so that it has come from one span."""
    cover = Cover(spans)
    read = [day for part in cover.days for day in _days_of(part)]
    assert len(read) == len(set(read))
    assert all((first.year, first.month) == (last.year, last.month) for first, last in cover.days)
    assert all(cover.span_of[day.toordinal()] != cover.month_of(day) for day in read)


@given(span=st.tuples(days, days).map(sorted))
def test_month_by_month_keeps_every_day_in_its_month(span: list[date]) -> None:
    parts = month_by_month((span[0], span[1]))
    assert [day for part in parts for day in _days_of(part)] == _days_of((span[0], span[1]))
    assert all((first.year, first.month) == (last.year, last.month) for first, last in parts)
    assert len({(first.year, first.month) for first, _ in parts}) == len(parts)


@given(spans=spans_of(), day=days)
def test_find_span_finds_the_one_that_has_the_day(spans: list[Span], day: date) -> None:
    having = [number for number, (first, last) in enumerate(spans) if first <= day <= last]
    assert find_span(spans, day) == (having[0] if having else None)


@pytest.mark.parametrize("span", [(date.max, date.max), (date(9999, 11, 2), date.max), (date.min, date(1, 2, 3))])
def test_a_cover_reaches_the_ends_of_the_calendar(span: Span) -> None:
    cover = Cover([span])
    assert {*map(cover.span_of.__getitem__, (day.toordinal() for day in span))} == {0}
    assert month_by_month(span)[-1][1] == span[1]


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
