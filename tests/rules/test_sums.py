"""Does a balance row give back what was put in, and do its months add up?"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.ledger.sums import Sums, balance_of, month_number, pack, unpack

INT64_MAX = 2**63 - 1
minors = st.integers(min_value=-INT64_MAX, max_value=INT64_MAX)
numbers = st.integers(min_value=month_number(date.min), max_value=month_number(date.max))


@given(balance=minors, months=st.dictionaries(numbers, minors, max_size=30))
def test_unpack_gives_back_what_was_packed(balance: int, months: dict[int, int]) -> None:
    plain = pack(balance, months)
    assert unpack(plain) == Sums(balance, months)
    assert balance_of(plain) == balance


@given(months=st.dictionaries(numbers, minors, max_size=10))
def test_pack_gives_the_same_bytes_in_whatever_order_the_months_came(months: dict[int, int]) -> None:
    assert pack(0, dict(reversed(months.items()))) == pack(0, months)


@given(balance=minors)
def test_unpack_knows_a_cell_from_before_months_were_kept(balance: int) -> None:
    old = balance.to_bytes(8, signed=True)
    assert unpack(old) is None
    assert balance_of(old) == balance


@given(months=st.dictionaries(numbers, minors, max_size=30), month=numbers)
def test_before_adds_up_the_months_before(months: dict[int, int], month: int) -> None:
    sums = Sums(sum(months.values()), months)
    assert sums.before(month) == sum(minor for number, minor in months.items() if number < month)
    assert sums.before(month_number(date.max) + 1) == sums.balance
    assert sums.before(month_number(date.min)) == 0


@given(day=st.dates(max_value=date.max - timedelta(days=1)))
def test_month_number_rises_by_one_with_each_month(day: date) -> None:
    following = day + timedelta(days=1)
    assert month_number(following) - month_number(day) == (following.day == 1)


@pytest.mark.parametrize(("day", "number"), [(date.min, 12), (date(2026, 1, 31), 24312), (date.max, 119_999)])
def test_month_number_is_what_stored_cells_say(day: date, number: int) -> None:
    assert month_number(day) == number
