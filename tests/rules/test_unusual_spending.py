"""When is spending unusual? Against a second, slower way to say it."""

from datetime import date
from fractions import Fraction
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tallystick.notifications.telling.unusual import MINOR_MIN, Total, find_unusual, first_month

THIS_MONTH = date(2026, 3, 1)
FOOD, FUN = UUID(int=1), UUID(int=2)


def month(ago: int) -> date:
    number = THIS_MONTH.year * 12 + THIS_MONTH.month - 1 - ago
    return date(number // 12, number % 12 + 1, 1)


def totals(spent: list[int], category: UUID = FOOD, currency: str = "EUR") -> list[Total]:
    """Of this month, and those before it."""
    return [Total(category, currency, month(ago), -minor) for ago, minor in enumerate(spent)]


def found(*spent: int) -> list[tuple[int, int]]:
    return [(each.spent_minor, each.usual_minor) for each in find_unusual(totals([*spent]), THIS_MONTH, "EUR")]


def test_at_least_twice_the_mean() -> None:
    assert found(10000, 4000, 5000, 6000) == [(10000, 5000)]
    assert found(9999, 4000, 5000, 6000) == []


def test_what_is_little_is_never_unusual() -> None:
    assert found(MINOR_MIN - 1, 1, 1, 1) == []
    assert found(MINOR_MIN, 1, 1, 1) == [(MINOR_MIN, 1)]


def test_months_without_spending_do_not_count() -> None:
    assert found(10000, 0, 5000, 0, -3000, 5000, 5000) == [(10000, 5000)]


def test_with_two_months_nobody_knows_what_is_usual() -> None:
    assert found(100000, 5000, 5000) == []


def test_only_the_nearest_six_count() -> None:
    assert found(10000, *6 * [5000], 900000) == [(10000, 5000)]


def test_one_for_each_category_of_the_book_s_own_currency_first() -> None:
    usual = [20000, 5000, 5000, 5000]
    given_ = [*totals(usual, FUN, "CHF"), *totals(usual, FOOD, "CHF"), *totals(usual, FOOD, "EUR")]
    both = [(each.category_id, each.currency) for each in find_unusual(given_, THIS_MONTH, "EUR")]
    assert both == [(FOOD, "EUR"), (FUN, "CHF")]


def test_what_several_accounts_spent_is_added_up() -> None:
    given_ = [*totals([6000, 2500, 2500, 2500]), *totals([4000, 2500, 2500, 2500])]
    assert [each.spent_minor for each in find_unusual(given_, THIS_MONTH, "EUR")] == [10000]


def test_a_month_that_has_not_come_is_not_looked_at() -> None:
    later = Total(FOOD, "EUR", month(-1), -900000)
    assert find_unusual([*totals([100, 5000, 5000, 5000]), later], THIS_MONTH, "EUR") == []


@given(st.lists(st.integers(-(10**13), 10**13) | st.integers(0, 20000), min_size=1, max_size=25))
def test_it_is_what_it_says(spent: list[int]) -> None:
    now, *before = spent
    usual = [minor for minor in before if minor > 0][:6]
    mean = Fraction(sum(usual), len(usual)) if usual else Fraction(0)
    is_unusual = len(usual) >= 3 and now >= MINOR_MIN and now >= 2 * mean
    unusual = find_unusual(totals(spent), THIS_MONTH, "EUR")
    assert bool(unusual) is is_unusual
    for each in unusual:
        assert each.spent_minor == now
        assert abs(each.usual_minor - mean) <= Fraction(1, 2)


@given(st.lists(st.integers(0, 20000), min_size=1, max_size=12), st.randoms())
def test_the_order_of_totals_does_not_matter(spent: list[int], dice: object) -> None:
    given_ = [*totals(spent), *totals(spent, FUN), *totals(spent, FUN, "CHF")]
    shuffled = list(given_)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis says no more of it than that it is an object
    assert find_unusual(shuffled, THIS_MONTH, "EUR") == find_unusual(given_, THIS_MONTH, "EUR")


@given(st.dates(date(1905, 1, 1)))
def test_it_looks_two_years_back(day: date) -> None:
    this_month = day.replace(day=1)
    assert (this_month.year - first_month(this_month).year, first_month(this_month).month) == (2, this_month.month)
