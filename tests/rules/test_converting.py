"""Do many amounts become one exactly as each of them would by itself, at its day's rate?"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tallystick.ledger.rates.converting import Converter, compose_unconverted, quote_of
from tallystick.ledger.rates.rules import canonical_rate, convert, find_path
from tallystick.v1.ledger_rates_pb2 import Rate

FIRST = date(2026, 1, 1)
CURRENCIES = ["EUR", "USD", "CHF", "JPY", "KWD"]

days = st.integers(0, 20).map(lambda number: FIRST + timedelta(days=number))
sums = st.dictionaries(st.tuples(st.sampled_from(CURRENCIES), days), st.integers(-(10**9), 10**9), max_size=30)


@st.composite
def rates(draw: Callable[..., object]) -> list[Rate]:
    pairs = st.tuples(st.sampled_from(CURRENCIES), st.sampled_from(CURRENCIES)).filter(lambda pair: pair[0] != pair[1])
    worth = st.decimals(Decimal("0.01"), Decimal(200), places=4)
    drawn: list[tuple[tuple[str, str], date, Decimal, str]] = draw(  # type: ignore[assignment]  # draw() is untyped
        st.lists(
            st.tuples(pairs, days, worth, st.sampled_from(["user", "ECB", "other"])),
            unique_by=lambda each: (each[0], each[1], each[3]),
            max_size=25,
        )
    )
    return [
        Rate(base=base, quote=quote, on=on.isoformat(), rate=canonical_rate(rate), source=source)
        for (base, quote), on, rate, source in drawn
    ]


@given(known=rates(), amounts=sums)
def test_every_amount_goes_the_way_that_it_would_alone_or_is_told_apart(
    known: list[Rate], amounts: dict[tuple[str, date], int]
) -> None:
    converter = Converter("EUR", known)
    converted = converter.convert(amounts)
    expected, missing = 0, {}
    for (currency, on), minor in amounts.items():
        way = find_path(map(quote_of, known), currency, "EUR", on)
        if way is not None:
            expected += convert(minor, currency, "EUR", way.rate)
            assert currency == "EUR" or minor == 0 or converted.used[currency, on] == way
        elif minor:
            missing[currency, on] = minor
    assert converted.minor == expected
    assert converted.missing == missing


@given(known=rates(), amounts=sums)
def test_rates_that_were_applied_are_told_with_their_days_and_sources(
    known: list[Rate], amounts: dict[tuple[str, date], int]
) -> None:
    converter = Converter("EUR", known)
    used = converter.convert(amounts).used
    told = converter.compose_used(used)
    assert {(each.from_currency, each.rate, each.as_of) for each in told} == {
        (currency, canonical_rate(way.rate), way.as_of.isoformat()) for (currency, _), way in used.items()
    }
    for each in told:
        assert each.first_on <= each.last_on
        assert all(leg in known for leg in each.legs)
        assert min(leg.on for leg in each.legs) == each.as_of <= each.first_on


@given(amounts=sums)
def test_without_rates_nothing_foreign_is_added_up(amounts: dict[tuple[str, date], int]) -> None:
    converted = Converter("EUR", ()).convert(amounts)
    assert converted.minor == sum(minor for (currency, _), minor in amounts.items() if currency == "EUR")
    told = {each.amount.currency: each.amount.minor for each in compose_unconverted(converted.missing)}
    foreign = {currency for (currency, _), minor in amounts.items() if minor and currency != "EUR"}
    assert told == {
        currency: sum(minor for (other, _), minor in amounts.items() if other == currency) for currency in foreign
    }


@given(known=rates(), one=sums, other=sums)
def test_what_is_included_adds_up(
    known: list[Rate], one: dict[tuple[str, date], int], other: dict[tuple[str, date], int]
) -> None:
    converter = Converter("EUR", known)
    both = converter.convert(one)
    both.include(converter.convert(other))
    assert both.minor == converter.convert(one).minor + converter.convert(other).minor
    assert sum(both.missing.values()) == sum(sum(converter.convert(each).missing.values()) for each in (one, other))
