"""Is every amount read to the last digit, and is a person asked where a number may mean two?"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.currencies import EXPONENTS
from tallystick.imports.reading.lines import UnreadableError, to_amount
from tallystick.imports.reading.numbers import Mark, find_marks, parse_number
from tallystick.ledger.rules import AMOUNT_MAX

marks = st.sampled_from(Mark)
minors = st.integers(-AMOUNT_MAX, AMOUNT_MAX)
currencies = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])


def written(minor: int, currency: str, mark: Mark, group: str) -> str:
    exponent = EXPONENTS[currency]
    whole, rest = divmod(abs(minor), 10**exponent)
    text = f"{whole:,}".replace(",", group)
    return f"{'-' if minor < 0 else ''}{text}{mark + str(rest).zfill(exponent) if exponent else ''}"


@given(minors, currencies, marks, st.sampled_from(["", " ", "\u00a0", "\u202f", "\u2019", "'", "other"]))
def test_what_is_written_is_read(minor: int, currency: str, mark: Mark, group: str) -> None:
    group = {"other": "," if mark is Mark.POINT else "."}.get(group, group)
    text = written(minor, currency, mark, group)
    number = parse_number(text, mark)
    assert number is not None
    assert to_amount(number.value, currency) == (currency, minor)
    assert mark in find_marks([text]) or len(find_marks([text])) == 1


@given(
    minors.filter(bool),
    marks,
    st.sampled_from(["({})", "{}-", "-{}", "\u2212{}", "€ -{}", "-€{}", "{} DR", "-{} EUR", "EUR -{}"]),
)
def test_ways_to_write_what_is_spent(minor: int, mark: Mark, form: str) -> None:
    number = parse_number(form.format(written(abs(minor), "EUR", mark, "")), mark)
    assert number is not None
    assert to_amount(number.value, "EUR").minor == -abs(minor)


@pytest.mark.parametrize(
    ("text", "mark", "value", "currency"),
    [
        ("$1,234.50", Mark.POINT, "1234.50", ""),
        ("1.234,50 €", Mark.COMMA, "1234.50", "EUR"),
        ("Rs.50", Mark.POINT, "50", ""),
        ("$.50", Mark.POINT, "0.50", ""),
        ("د.ا.4.750", Mark.POINT, "4.750", ""),
        ("12,34,567.89", Mark.POINT, "1234567.89", ""),
        ("R$ 1.000,00", Mark.COMMA, "1000", ""),
        ("4 500,00 zł", Mark.COMMA, "4500", "PLN"),
        ("CHF 1'000.05", Mark.POINT, "1000.05", "CHF"),
        ("12,50 S", Mark.COMMA, "-12.50", ""),
        ("12,50 H", Mark.COMMA, "12.50", ""),
        ("0,125", Mark.COMMA, "0.125", ""),
    ],
)
def test_what_stands_around_the_digits(text: str, mark: Mark, value: str, currency: str) -> None:
    assert parse_number(text, mark) == (Decimal(value), currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "--1",
        "+-1",
        "1e5",
        "NaN",
        "Infinity",
        "0x10",
        "1_000",
        "1.2.3",
        "1,23,45",
        "12 apples",
        "A1",
        "٣",
        "1" * 60,
        "(1",
        "1/2",
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert not find_marks([text])


def test_one_text_may_leave_the_mark_open_and_the_column_close_it() -> None:
    assert find_marks(["1.234"]) == (Mark.POINT, Mark.COMMA)
    assert find_marks(["1,234", "-2,500"]) == (Mark.POINT, Mark.COMMA)
    assert find_marks(["1.234", "5,10"]) == (Mark.COMMA,)
    assert find_marks(["1,234", "5.10"]) == (Mark.POINT,)
    assert find_marks(["1.234.567", "1.234"]) == (Mark.COMMA,)
    assert find_marks(["0.125"]) == (Mark.POINT,)
    assert find_marks(["0,125", "1,234"]) == (Mark.COMMA,)
    assert find_marks(["12", "5"]) == (Mark.POINT,)
    assert find_marks(["1.234,5", "1,234.5"]) == ()


@given(st.lists(st.text("0123456789.,-+ ()€$'", max_size=12), min_size=1, max_size=4))
def test_a_mark_is_open_only_if_it_makes_a_difference(texts: list[str]) -> None:
    found = find_marks(texts)
    read = {tuple(parse_number(text, mark) for text in texts) for mark in found}
    assert len(read) == len(found)
    assert all(None not in numbers for numbers in read)


@pytest.mark.parametrize(("value", "currency"), [("0.001", "EUR"), ("0.5", "JPY"), ("92233720368547758.08", "EUR")])
def test_what_its_currency_cannot_hold_is_refused_and_not_rounded(value: str, currency: str) -> None:
    with pytest.raises(UnreadableError):
        to_amount(Decimal(value), currency)
    assert to_amount(Decimal("1.500"), "EUR").minor == 150
    assert to_amount(Decimal("-92233720368547758.07"), "EUR").minor == -AMOUNT_MAX
