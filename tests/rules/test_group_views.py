"""Do balances that are shown in one currency come to zero, and nobody's be a whole unit off?"""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.errors import RuleBroken
from tallystick.groups.sums.rules_views import view_in
from tallystick.ledger.rates.rules import Quote
from tallystick.v1.error_reason_pb2 import ErrorReason

ON = date(2026, 2, 1)
MEMBERS = [UUID(int=number) for number in range(1, 6)]
EXPONENT = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}


def quote(base: str, code: str, rate: str, on: date = ON, source: str = "ecb") -> Quote:
    return Quote(base, code, on, Decimal(rate), source)


QUOTES = [quote("EUR", "USD", "1.0837"), quote("EUR", "JPY", "163.27"), quote("EUR", "KWD", "0.3337")]


@st.composite
def nets(draw: st.DrawFn) -> dict[str, dict[UUID, int]]:
    """Of each currency amounts that come to zero."""
    found = {}
    for currency in draw(st.lists(st.sampled_from(sorted(EXPONENT)), min_size=1, max_size=4, unique=True)):
        minors = draw(st.lists(st.integers(-(10**10), 10**10), min_size=4, max_size=4))
        found[currency] = dict(zip(MEMBERS, [*minors, -sum(minors)], strict=True))
    return found


@given(nets(), st.sampled_from(sorted(EXPONENT)))
def test_a_view_comes_to_zero_and_is_less_than_a_unit_off(of_all: dict[str, dict[UUID, int]], to: str) -> None:
    view = view_in(to, of_all, QUOTES, ON)
    assert sum(view.nets.values()) == 0
    assert set(view.paths) == set(of_all) - {to}
    for member_id, shown in view.nets.items():
        exact = Fraction(0)
        for currency, of_currency in of_all.items():
            rate = Fraction(view.paths[currency].rate) if currency != to else Fraction(1)
            exact += of_currency[member_id] * rate * Fraction(10 ** EXPONENT[to], 10 ** EXPONENT[currency])
        assert abs(shown - exact) < 1


def test_the_unit_that_is_left_goes_to_whom_most_was_taken_from() -> None:
    one, two, three, *_ = MEMBERS
    view = view_in("EUR", {"JPY": {one: 10, two: 10, three: -20}}, [quote("JPY", "EUR", "0.00625")], ON)
    # 6.25, 6.25 and -12.5 cents.
    assert view.nets == {one: 6, two: 6, three: -12}


def test_a_way_over_another_currency_is_found() -> None:
    view = view_in("USD", {"JPY": {MEMBERS[0]: 10_000, MEMBERS[1]: -10_000}}, QUOTES, ON)
    assert view.nets == {MEMBERS[0]: 6637, MEMBERS[1]: -6637}
    assert [leg.quote for leg in view.paths["JPY"].legs] == ["JPY", "USD"]


def test_without_a_rate_nothing_is_shown() -> None:
    with pytest.raises(RuleBroken) as refused:
        view_in("USD", {"JPY": {MEMBERS[0]: 1, MEMBERS[1]: -1}}, QUOTES, date(2026, 1, 1))
    assert refused.value.reason == ErrorReason.ERROR_REASON_NO_RATE
