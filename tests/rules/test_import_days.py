"""Is a day read in the order that all rows agree on, and is a person asked where they agree on two?"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.imports.reading.days import Order, find_orders, parse_day
from tallystick.imports.reading.month_names import MONTHS

D, M, Y = Order.DAY_MONTH_YEAR, Order.MONTH_DAY_YEAR, Order.YEAR_MONTH_DAY
FORMS = {
    D: ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d%m%Y"),
    M: ("%m/%d/%Y", "%m-%d-%Y"),
    Y: ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d."),
}
days = st.dates(date(1970, 1, 1), date(2069, 12, 31))
forms = st.sampled_from([(order, form) for order, found in FORMS.items() for form in found])


@given(
    st.lists(days, min_size=1, max_size=8),
    forms,
    st.sampled_from(["", " 13:45", "T13:45:59Z", " 01:45:59 PM", "T00:00:00+02:00"]),
)
def test_what_is_written_is_read(given_days: list[date], form: tuple[Order, str], time: str) -> None:
    texts = [day.strftime(form[1]) + time for day in given_days]
    assert [parse_day(text, form[0]) for text in texts] == given_days
    # Another order may be left only because it means the same, or because nobody can tell.
    orders = find_orders(texts)
    assert orders
    assert len({tuple(parse_day(text, order) for text in texts) for order in orders}) == len(orders)
    assert any([parse_day(text, order) for text in texts] == given_days for order in orders)


def test_all_rows_decide_and_not_each_for_itself() -> None:
    assert find_orders(["01/02/2024", "02/03/2024"]) == (D, M)
    assert find_orders(["01/02/2024", "13/03/2024"]) == (D,)
    assert find_orders(["01/02/2024", "03/13/2024"]) == (M,)
    assert find_orders(["13/02/2024", "02/13/2024"]) == ()
    assert find_orders(["01/01/2024", "02/02/2024"]) == (D,)
    assert find_orders(["24-01-05"]) == (D, Y)
    assert find_orders(["01.02.24"]) == (D,)
    assert find_orders([]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "5 Mar 2024",
        "05-Mar-24",
        "Mar 5, 2024",
        "5. März 2024",
        "5 mars 2024",
        "5 marzo 2024",
        "5 mrt 2024",
        "5 marca 2024",
        "5 março 2024",
    ],
)
def test_months_with_names(text: str) -> None:
    assert find_orders([text]) == (D,)
    assert parse_day(text, M) == parse_day(text, Y) == date(2024, 3, 5)


def test_the_beginning_of_two_months_is_none() -> None:
    assert "jui" not in MONTHS
    assert (MONTHS["juin"], MONTHS["juil"]) == (6, 7)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "30/02/2024",
        "2024-13-01",
        "1/2/3",
        "1/2/024",
        "12",
        "2024",
        "0000-00-00",
        "99999999",
        "٠١/٠٢/٢٠٢٤",
        "1/1/2024x",
        "3 Foo 2024",
    ],
)
def test_what_is_no_day(text: str) -> None:
    assert find_orders([text]) == ()
