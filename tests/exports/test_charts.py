"""Is everything that is drawn on the paper, and where its amount is?"""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tallystick.currencies import EXPONENTS
from tallystick.exports.pages.charts import WHOLE, Scale, bar_chart, line_chart

AMOUNTS = st.integers(-(2**62), 2**62)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])


@given(st.lists(AMOUNTS, max_size=30))
def test_every_value_is_between_the_outer_ticks_and_in_order(values: list[int]) -> None:
    scale = Scale.over(values)
    assert 0 <= scale.at(0) <= WHOLE
    assert all(scale.bottom <= value <= scale.top and 0 <= scale.at(value) <= WHOLE for value in values)
    assert [scale.at(value) for value in sorted(values)] == sorted(scale.at(value) for value in values)


@given(st.lists(AMOUNTS, max_size=30), CURRENCIES)
def test_ticks_are_few_and_tell_their_amounts(values: list[int], currency: str) -> None:
    ticks = Scale.over(values).ticks(currency)
    assert 2 <= len(ticks) <= 7
    assert len({tick["label"] for tick in ticks}) == len(ticks)
    assert [tick["zero"] for tick in ticks].count(True) == 1
    assert (ticks[0]["at"], ticks[-1]["at"]) == (0, WHOLE)
    assert EXPONENTS[currency] >= 0


@given(st.lists(st.tuples(st.just("x"), AMOUNTS), max_size=40))
def test_points_and_marks_of_a_line_are_on_the_paper(values: list[tuple[str, int]]) -> None:
    chart = line_chart(values, "EUR")
    assert len(chart["points"]) == len(values)
    assert all(0 <= part <= WHOLE for point in chart["points"] for part in point)
    assert len(chart["marks"]) <= 7


@given(st.lists(st.tuples(st.just("x"), AMOUNTS, AMOUNTS), max_size=200))
def test_bars_are_on_the_paper_and_do_not_hide_each_other(pairs: list[tuple[str, int, int]]) -> None:
    bars = bar_chart(pairs, "EUR")["bars"]
    assert len(bars) == 2 * len(pairs)
    assert all(bar["at"] >= 0 and bar["at"] + bar["width"] <= WHOLE for bar in bars)
    assert all(one["at"] + one["width"] <= next_one["at"] for one, next_one in pairwise(bars))
