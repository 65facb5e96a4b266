"""Money is exact: what is written can be read again, and what is divided adds up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.currencies import EXPONENTS
from tallystick_client import Money, add_money, allocate, exponent_of, parse_money, to_decimal

minors = st.integers(-(2**63), 2**63 - 1)
currencies = st.sampled_from(sorted(EXPONENTS))
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)


def test_the_decimals_are_the_servers() -> None:
    assert {code: exponent_of(code) for code in EXPONENTS} == EXPONENTS


@given(minors, currencies)
def test_what_is_written_can_be_read(minor: int, currency: str) -> None:
    money = Money(currency=currency, minor=minor)
    assert parse_money(to_decimal(money), currency) == money


@given(minors, weights)
def test_parts_add_up_and_are_fair(minor: int, shares: list[int]) -> None:
    parts = [part.minor for part in allocate(Money(currency="EUR", minor=minor), shares)]
    assert sum(parts) == minor
    for part, share in zip(parts, shares, strict=True):
        # Not a unit away from the exact share.
        assert abs(part * sum(shares) - minor * share) < sum(shares)


@given(st.integers(0, 2**63 - 1), weights)
def test_a_debt_is_divided_as_a_credit(minor: int, shares: list[int]) -> None:
    credit = allocate(Money(currency="EUR", minor=minor), shares)
    debt = allocate(Money(currency="EUR", minor=-minor), shares)
    assert [-part.minor for part in debt] == [part.minor for part in credit]


@given(st.integers(-(2**61), 2**61), st.lists(st.integers(-(2**58), 2**58), max_size=5))
def test_sums_are_exact(first: int, others: list[int]) -> None:
    amounts = [Money(currency="JPY", minor=minor) for minor in (first, *others)]
    assert add_money(*amounts).minor == first + sum(others)


def test_different_currencies_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="JPY cannot be added to EUR"):
        add_money(Money(currency="EUR", minor=1), Money(currency="JPY", minor=1))
