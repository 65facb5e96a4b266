"""Is an amount converted exactly, at the rate that was known, or not at all?"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.currencies import EXPONENTS
from tallystick.errors import InvalidInput
from tallystick.ledger.rates.rules import (
    USER_SOURCE,
    Conversion,
    Quote,
    canonical_rate,
    convert,
    find_path,
    implied_rate,
    is_plausible,
    require_rate,
)
from tallystick.v1.money_pb2 import Money

INT64_MAX = 2**63 - 1
TODAY = date(2026, 11, 20)
ONE_OF_EACH_EXPONENT = ["JPY", "EUR", "KWD", "CLF"]

currencies = st.sampled_from(ONE_OF_EACH_EXPONENT)
amounts = st.integers(min_value=-INT64_MAX, max_value=INT64_MAX)
rates = st.decimals(min_value=Decimal("1e-12"), max_value=Decimal(999_999_999_999), places=12)
everyday_rates = st.decimals(min_value=Decimal("0.0001"), max_value=Decimal(20_000), places=6)


def quote(pair: str, rate: str, on: date = TODAY, source: str = "ECB") -> Quote:
    return Quote(pair[:3], pair[3:], on, Decimal(rate), source)


def day(days_ago: int) -> date:
    return TODAY - timedelta(days=days_ago)


def reason_of(call: Callable[[], object]) -> str:
    with pytest.raises(InvalidInput) as refused:
        call()
    return refused.value.reason_name


@given(rate=rates)
def test_require_rate_takes_every_rate_in_range_and_canonical_rate_writes_it_in_one_way(rate: Decimal) -> None:
    taken = require_rate("rate", format(rate, "f"))
    assert taken == rate
    text = canonical_rate(taken)
    assert canonical_rate(require_rate("rate", text)) == text
    assert set(text) <= set("0123456789.")
    assert not text.endswith((".", "0")) or "." not in text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1", "1"),
        ("100", "100"),
        ("1.0820", "1.082"),
        ("1.000", "1"),
        ("007.50", "7.5"),
        ("0.000000000001", "0.000000000001"),
        ("9" * 12 + "." + "9" * 12, "9" * 12 + "." + "9" * 12),
    ],
)
def test_canonical_rate_leaves_out_zeros_that_say_nothing(text: str, canonical: str) -> None:
    assert canonical_rate(require_rate("rate", text)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "0", "0.0", "000.000", "-1", "+1", "-0", "1.", ".5", ".", "1..2", "1.2.3", " 1", "1 ", "1\n"),
        *("1e5", "1E-3", "inf", "Infinity", "nan", "NaN", "sNaN", "1,5", "1_0", "0x1", "١٫٥", "１", "one"),
        *("1" * 13, "0." + "0" * 12 + "1", "1" * 5000),
    ],
)
def test_require_rate_refuses_what_is_no_rate(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_rate("rate", text)
    assert (refused.value.reason_name, refused.value.violations[0].field) == ("INVALID_RATE", "rate")


@pytest.mark.parametrize(("rate", "text"), [("1E+2", "100"), ("1.2E-9", "0.0000000012"), ("1200.00", "1200")])
def test_canonical_rate_has_no_exponent(rate: str, text: str) -> None:
    assert canonical_rate(Decimal(rate)) == text


@given(amount=amounts, start=currencies, end=currencies, rate=rates)
def test_t41_convert_is_exact_for_every_exponent(amount: int, start: str, end: str, rate: Decimal) -> None:
    with localcontext(prec=200):
        major = Decimal(amount).scaleb(-EXPONENTS[start]) * rate
        expected = int(major.scaleb(EXPONENTS[end]).quantize(Decimal(1), ROUND_HALF_EVEN))
    if abs(expected) > INT64_MAX:
        assert reason_of(lambda: convert(amount, start, end, rate)) == "AMOUNT_OUT_OF_RANGE"
    else:
        assert convert(amount, start, end, rate) == expected


@pytest.mark.parametrize(
    ("amount", "start", "end", "rate", "converted"),
    [
        (-995, "EUR", "KWD", "1", -9950),  # -9.95 in floats is -994 cents
        (100, "EUR", "JPY", "162.1", 162),
        (162, "JPY", "EUR", "0.006169031462", 100),
        (1, "JPY", "KWD", "0.002", 2),
        (1, "KWD", "EUR", "3", 0),
        (2, "KWD", "EUR", "3", 1),
        (1, "EUR", "CLF", "1", 100),
        (10_000, "CLF", "JPY", "6123.456", 6123),
        (1, "KWD", "CLF", "84.1234", 841),
    ],
)
def test_t37_t39_convert_between_currencies_of_0_2_3_and_4_decimals(
    amount: int, start: str, end: str, rate: str, converted: int
) -> None:
    assert convert(amount, start, end, Decimal(rate)) == converted


@pytest.mark.parametrize(
    ("amount", "converted"), [(1, 0), (3, 2), (5, 2), (7, 4), (-1, 0), (-3, -2), (-5, -2), (-7, -4)]
)
def test_t40_convert_rounds_halves_to_even_and_alike_on_both_sides_of_zero(amount: int, converted: int) -> None:
    assert convert(amount, "EUR", "USD", Decimal("0.5")) == converted


@given(amount=amounts, start=currencies, rate=rates)
def test_t38_convert_into_the_same_currency_at_1_changes_nothing(amount: int, start: str, rate: Decimal) -> None:
    path = find_path([quote("EURUSD", "2")], start, start, TODAY)
    assert path == Conversion(Decimal(1), TODAY, ())
    assert convert(amount, start, start, path.rate) == amount


@given(a=amounts, b=amounts, start=currencies, end=currencies, rate=everyday_rates)
def test_convert_never_makes_the_larger_amount_the_smaller_one(
    a: int, b: int, start: str, end: str, rate: Decimal
) -> None:
    small, large = sorted([a // 10**9, b // 10**9])
    assert convert(small, start, end, rate) <= convert(large, start, end, rate)
    assert convert(-small, start, end, rate) == -convert(small, start, end, rate)


@given(amount=st.integers(min_value=-(10**10), max_value=10**10), start=currencies, end=currencies, rate=everyday_rates)
def test_convert_there_and_back_is_within_one_unit_of_the_coarser_currency(
    amount: int, start: str, end: str, rate: Decimal
) -> None:
    if start == end:
        return
    quotes = [Quote(start, end, TODAY, rate, "ECB")]
    there, back = find_path(quotes, start, end, TODAY), find_path(quotes, end, start, TODAY)
    assert there is not None
    assert back is not None
    returned = convert(convert(amount, start, end, there.rate), end, start, back.rate)
    unit_of_end_in_units_of_start = Fraction(10 ** EXPONENTS[start], 10 ** EXPONENTS[end]) / Fraction(rate)
    assert abs(returned - amount) <= max(Fraction(1), unit_of_end_in_units_of_start)


@pytest.mark.parametrize("sign", [1, -1])
def test_convert_refuses_what_64_bits_do_not_hold(sign: int) -> None:
    assert convert(sign * INT64_MAX, "EUR", "USD", Decimal(1)) == sign * INT64_MAX
    assert convert(sign * INT64_MAX, "EUR", "JPY", Decimal(1)) == sign * round(Fraction(INT64_MAX, 100))
    just_over = Decimal("1.000000000001")
    assert reason_of(lambda: convert(sign * INT64_MAX, "EUR", "USD", just_over)) == "AMOUNT_OUT_OF_RANGE"
    assert reason_of(lambda: convert(sign * INT64_MAX, "EUR", "KWD", Decimal(1))) == "AMOUNT_OUT_OF_RANGE"


@given(
    parts=st.lists(st.integers(min_value=-(10**9), max_value=10**9), max_size=30),
    start=currencies,
    end=currencies,
    rate=everyday_rates,
)
def test_t34_a_sum_of_converted_amounts_strays_by_half_a_unit_for_each(
    parts: list[int], start: str, end: str, rate: Decimal
) -> None:
    converted_sum = convert(sum(parts), start, end, rate)
    sum_of_converted = sum(convert(part, start, end, rate) for part in parts)
    assert abs(converted_sum - sum_of_converted) <= Fraction(len(parts) + 1, 2)


def test_t34_the_converted_sum_is_not_the_sum_of_converted_amounts() -> None:
    parts = [140, 140, 140]
    assert sum(convert(part, "USD", "JPY", Decimal(1)) for part in parts) == 3
    assert convert(sum(parts), "USD", "JPY", Decimal(1)) == 4


@given(
    paid=st.integers(min_value=1, max_value=INT64_MAX),
    got=st.integers(min_value=1, max_value=INT64_MAX),
    start=currencies,
    end=currencies,
)
def test_implied_rate_is_what_was_paid_to_12_digits(paid: int, got: int, start: str, end: str) -> None:
    text = implied_rate(Money(currency=start, minor=paid), Money(currency=end, minor=got))
    exact = Fraction(got, 10 ** EXPONENTS[end]) / Fraction(paid, 10 ** EXPONENTS[start])
    assert abs(Fraction(text) - exact) * 2 * 10**11 <= exact
    assert len(text.replace(".", "").strip("0")) <= 12
    assert canonical_rate(Decimal(text)) == text


@pytest.mark.parametrize(
    ("paid", "got", "text"),
    [
        (("EUR", 10_000), ("JPY", 16_210), "162.1"),
        (("JPY", 3), ("EUR", 100), "0.333333333333"),
        (("EUR", 300), ("KWD", 2000), "0.666666666667"),
        (("GBP", 10_000), ("EUR", 4_000), "0.4"),
        (("CLF", 1), ("JPY", INT64_MAX), "92233720368500000000000"),
        (("JPY", INT64_MAX), ("CLF", 1), "0.0000000000000000000000108420217249"),
    ],
)
def test_implied_rate_says_what_one_unit_cost(paid: tuple[str, int], got: tuple[str, int], text: str) -> None:
    assert implied_rate(*(Money(currency=currency, minor=minor) for currency, minor in (paid, got))) == text


@pytest.mark.parametrize(("paid", "got"), [(0, 1), (1, 0), (-1, 1), (1, -1)])
def test_implied_rate_is_asked_only_about_what_moves(paid: int, got: int) -> None:
    with pytest.raises(AssertionError):
        implied_rate(Money(currency="EUR", minor=paid), Money(currency="USD", minor=got))


# What find_path must find, said by sorting lists instead of by one pass.


def best_by_sorting(quotes: list[Quote], start: str, end: str, on: date) -> Quote | None:
    fitting = [each for each in quotes if {each.base, each.quote} == {start, end} and each.on <= on]
    fitting.sort(key=lambda each: (each.on, each.source == "user", each.base == start, each.source, each.rate))
    return fitting[-1] if fitting else None


def legs_by_sorting(quotes: list[Quote], start: str, end: str, on: date) -> tuple[Quote, ...] | None:
    if pair := best_by_sorting(quotes, start, end, on):
        return (pair,)
    crosses = []
    for between in {each.base for each in quotes} | {each.quote for each in quotes}:
        first, second = best_by_sorting(quotes, start, between, on), best_by_sorting(quotes, between, end, on)
        if between not in {start, end} and first and second:
            older, newer = sorted([first.on, second.on])
            users = [first.source, second.source].count("user")
            crosses.append((-older.toordinal(), -newer.toordinal(), -users, between, (first, second)))
    return min(crosses, key=lambda cross: cross[:4])[4] if crosses else None


def worth_along(legs: tuple[Quote, ...], start: str) -> Fraction:
    worth, here = Fraction(1), start
    for leg in legs:
        worth *= Fraction(leg.rate) if leg.base == here else 1 / Fraction(leg.rate)
        here = leg.quote if leg.base == here else leg.base
    return worth


few_currencies = st.sampled_from(["CHF", "EUR", "JPY", "KWD", "USD"])
some_quotes = st.lists(
    st.builds(
        Quote,
        base=few_currencies,
        quote=few_currencies,
        on=st.integers(min_value=-1, max_value=3).map(day),
        rate=st.one_of(everyday_rates, rates, st.sampled_from([Decimal(2), Decimal(3)])),
        source=st.sampled_from(["BOE", "ECB", "user", "zzz"]),
    ),
    max_size=12,
)


@given(quotes=some_quotes, start=few_currencies, end=few_currencies, order=st.randoms(use_true_random=False))
def test_find_path_finds_what_the_model_finds_in_whatever_order_the_quotes_come(
    quotes: list[Quote], start: str, end: str, order: Random
) -> None:
    found = find_path(iter(quotes), start, end, TODAY)
    if start == end:
        assert found == Conversion(Decimal(1), TODAY, ())
        return
    legs = legs_by_sorting(quotes, start, end, TODAY)
    if legs is None:
        assert found is None
        return
    assert found is not None
    assert found.legs == legs
    assert found.as_of == min(leg.on for leg in legs)
    exact = worth_along(legs, start)
    assert abs(Fraction(found.rate) - exact) * 2 * 10**49 <= exact
    order.shuffle(quotes)
    assert find_path(quotes, start, end, TODAY) == found


def path(quotes: list[Quote], start: str, end: str, on: date = TODAY) -> Conversion:
    found = find_path(quotes, start, end, on)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "quotes",
    [
        [],
        [quote("EURUSD", "1.08")],
        [quote("GBPJPY", "190", day(-1))],
        [quote("EURGBP", "0.85"), quote("EURJPY", "162", day(-1))],
        [quote("GBPEUR", "1.1"), quote("EURUSD", "1.1"), quote("USDJPY", "150")],
        [quote("GBPGBP", "1"), quote("JPYJPY", "1")],
    ],
    ids=["nothing", "other pair", "tomorrow's", "half of the way", "two between", "the same"],
)
def test_t31_t32_find_path_without_a_rate_says_none_and_never_1(quotes: list[Quote]) -> None:
    assert find_path(quotes, "GBP", "JPY", TODAY) is None


def test_find_path_goes_along_a_quote_or_against_it() -> None:
    quotes = [quote("EURUSD", "1.25")]
    assert path(quotes, "EUR", "USD") == Conversion(Decimal("1.25"), TODAY, (quotes[0],))
    assert path(quotes, "USD", "EUR") == Conversion(Decimal("0.8"), TODAY, (quotes[0],))


def test_find_path_crosses_through_what_both_are_quoted_in_and_is_as_old_as_its_older_half() -> None:
    quotes = [quote("EURUSD", "1.25", day(3)), quote("EURJPY", "160", day(1))]
    assert path(quotes, "USD", "JPY") == Conversion(Decimal(128), day(3), (quotes[0], quotes[1]))
    assert path(quotes, "JPY", "USD").legs == (quotes[1], quotes[0])
    chained = [quote("GBPEUR", "1.2"), quote("EURUSD", "1.25")]
    assert path(chained, "GBP", "USD").rate == Decimal("1.5")


def test_find_path_takes_any_quote_of_the_pair_before_a_cross() -> None:
    pair = quote("JPYUSD", "0.0064", day(3))
    assert path([pair, quote("EURUSD", "1.25"), quote("EURJPY", "160")], "USD", "JPY").legs == (pair,)


def test_find_path_takes_the_newest_day_and_on_one_day_the_user_and_then_the_quote_the_right_way_round() -> None:
    along, against = quote("EURUSD", "1.1"), quote("USDEUR", "0.9", source="BOE")
    assert path([along, against], "EUR", "USD").legs == (along,)
    assert path([along, against], "USD", "EUR").legs == (against,)
    by_user = quote("USDEUR", "0.95", source=USER_SOURCE)
    assert path([along, by_user, against], "EUR", "USD").legs == (by_user,)
    assert path([along, quote("USDEUR", "0.95", day(1), USER_SOURCE)], "EUR", "USD").legs == (along,)
    assert path([quote("EURUSD", "1.1", day(1)), against], "EUR", "USD").legs == (against,)


def test_find_path_takes_the_same_of_two_that_are_equally_good_whichever_comes_first() -> None:
    by_source = [quote("EURUSD", "1.2", source="BOE"), quote("EURUSD", "1.1", source="ECB")]
    by_rate = [quote("EURUSD", "1.1"), quote("EURUSD", "1.2")]
    for first, second in (by_source, by_rate):
        assert path([first, second], "EUR", "USD").legs == path([second, first], "EUR", "USD").legs == (second,)


def test_find_path_prefers_the_right_way_round_in_both_halves_of_a_cross() -> None:
    along = (quote("USDEUR", "0.9", source="BOE"), quote("EURJPY", "160", source="BOE"))
    against = (quote("EURUSD", "1.1"), quote("JPYEUR", "0.006"))
    assert path([*along, *against], "USD", "JPY").legs == along
    assert path([*along, *against], "JPY", "USD").legs == tuple(reversed(against))


def test_find_path_takes_the_cross_whose_older_half_is_newest() -> None:
    through_eur = (quote("EURUSD", "1.25", day(2)), quote("EURJPY", "160", day(2)))
    through_gbp = (quote("GBPUSD", "1.5", day(3)), quote("GBPJPY", "200"))
    through_chf = (quote("CHFUSD", "1.1", day(2)), quote("CHFJPY", "170", day(2)))
    assert path([*through_gbp, *through_eur], "USD", "JPY").legs == through_eur
    assert path([*through_eur, *through_chf], "USD", "JPY").legs == through_chf
    newer = quote("EURJPY", "161", day(1))
    assert path([*through_eur, newer, *through_chf], "USD", "JPY").legs == (through_eur[0], newer)
    by_user = quote("EURJPY", "165", day(2), USER_SOURCE)
    assert path([*through_eur, by_user, *through_chf], "USD", "JPY").legs == (through_eur[0], by_user)


def test_t33_t35_find_path_values_an_old_day_at_the_rate_of_that_day() -> None:
    quotes = [quote("EURUSD", "1.2", day(400)), quote("EURUSD", "1.1", day(100)), quote("EURUSD", "1.0")]
    assert [path(quotes, "EUR", "USD", day(n)).rate for n in (400, 101, 100, 1, 0)] == [
        *(Decimal("1.2"), Decimal("1.2"), Decimal("1.1"), Decimal("1.1"), Decimal("1.0")),
    ]


@pytest.mark.parametrize(
    ("previous", "days_later", "new", "plausible"),
    [
        ("160", 1, "160", True),
        ("160", 1, "320", True),
        ("160", 1, "80", True),
        ("160", 1, "320.000000000001", False),
        ("160", 1, "79.999999999999", False),
        ("160", 30, "1.6", False),
        ("160", 31, "1.6", True),
        ("160", 0, "16000", False),
        ("160", -30, "16000", False),
        ("160", -31, "16000", True),
        ("0.000000000001", 1, "0.000000000002", True),
        ("0.000000000001", 1, "0.000000000003", False),
    ],
)
def test_t32_is_plausible_holds_back_a_jump_of_more_than_twice_within_30_days(
    previous: str, days_later: int, new: str, plausible: bool
) -> None:
    known = quote("EURJPY", previous, day(100))
    assert is_plausible(known, quote("EURJPY", new, day(100 - days_later))) is plausible


def test_t32_is_plausible_believes_the_first_rate_and_every_user() -> None:
    assert is_plausible(None, quote("EURJPY", "0.01"))
    assert is_plausible(quote("EURJPY", "160"), quote("EURJPY", "0.01", source=USER_SOURCE))


@given(known=rates, new=rates, gap=st.integers(min_value=-40, max_value=40))
def test_t32_is_plausible_judges_alike_in_both_directions(known: Decimal, new: Decimal, gap: int) -> None:
    before, after = Quote("EUR", "JPY", TODAY, known, "ECB"), Quote("EUR", "JPY", day(gap), new, "ECB")
    assert is_plausible(before, after) == is_plausible(after, before)
    if abs(gap) <= 30:
        assert is_plausible(before, after) == (Fraction(1, 2) <= Fraction(known) / Fraction(new) <= 2)


def test_is_plausible_never_compares_two_pairs() -> None:
    with pytest.raises(AssertionError):
        is_plausible(quote("EURJPY", "160"), quote("EURUSD", "1.1"))
