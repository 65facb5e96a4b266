"""Do we take from the European Central Bank what it says, all of it, and nothing else?

The documents in `ecb/` have the shape of the bank's own; the figures are made up.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.ledger.rates import ecb
from tallystick.ledger.rates.ecb import (
    ProviderAnswerInvalid,
    parse_csv,
    parse_xml,
)
from tallystick.ledger.rates.rules import Quote, find_path, is_plausible

DOCUMENTS = Path(__file__).with_name("ecb")
DAILY, DAILY_CSV = "eurofxref-daily.xml", "eurofxref.csv"
PUBLISHED = date(2026, 11, 20)


def document(name: str) -> bytes:
    return (DOCUMENTS / name).read_bytes()


def euro(currency: str, rate: str, on: date = PUBLISHED) -> Quote:
    return Quote("EUR", currency, on, Decimal(rate), "ECB")


def envelope(cubes: str, namespace: str = "http://www.ecb.int/vocabulary/2002-08-01/eurofxref") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="{namespace}"><Cube>{cubes}</Cube></gesmes:Envelope>'
    )


def day_of(rates: str, on: str = "2026-11-20") -> str:
    return f"<Cube time='{on}'>{rates}</Cube>"


USD = "<Cube currency='USD' rate='1.0837'/>"


# What the documents say.


def test_parse_xml_reads_every_rate_of_the_day() -> None:
    quotes = parse_xml(document(DAILY))
    assert len(quotes) == 29
    assert {quote.on for quote in quotes} == {PUBLISHED}
    assert quotes[:2] == [euro("USD", "1.0837"), euro("JPY", "162.45")]
    assert euro("SEK", "11.062") in quotes


def test_parse_csv_reads_the_same_from_the_same_day() -> None:
    assert parse_csv(document(DAILY_CSV)) == parse_xml(document(DAILY))


def test_parse_xml_reads_every_day_of_the_last_90() -> None:
    quotes = parse_xml(document("eurofxref-hist-90d.xml"))
    assert len(quotes) == 12
    assert [quote.rate for quote in quotes if quote.quote == "KRW"] == [
        Decimal(n) for n in ("1558.2", "1561", "1559.77")
    ]
    assert {quote.on for quote in quotes} == {date(2026, 11, day) for day in (20, 19, 18)}


@pytest.mark.parametrize(("parse", "name"), [(parse_xml, "eurofxref-hist.xml"), (parse_csv, "eurofxref-hist.csv")])
def test_parse_leaves_out_what_is_not_available_and_currencies_that_are_gone(
    parse: Callable[[bytes], list[Quote]], name: str
) -> None:
    assert parse(document(name)) == [
        *(euro("USD", "1.0837"), euro("JPY", "162.45"), euro("ISK", "141.3")),
        *(
            euro(each, rate, date(2025, 12, 31))
            for each, rate in [("USD", "1.1747"), ("JPY", "183.9"), ("ISK", "146.7")]
        ),
        *(euro(each, rate, date(2009, 10, 26)) for each, rate in [("USD", "1.5013"), ("JPY", "138.3")]),
        *(
            euro(each, rate, date(1999, 1, 4))
            for each, rate in [("USD", "1.1789"), ("JPY", "133.73"), ("ISK", "81.48")]
        ),
    ]


def test_parse_csv_takes_windows_line_ends_a_byte_order_mark_and_no_comma_at_the_end() -> None:
    assert parse_csv(b"\xef\xbb\xbfDate,USD\r\n2026-11-20,1.0837\r\n\r\n") == [euro("USD", "1.0837")]


def test_parse_xml_passes_over_elements_that_are_not_the_banks() -> None:
    note = "<note xmlns='urn:other' time='soon' currency='USD' rate='high'/>"
    assert parse_xml(envelope(day_of(note + USD) + note).encode()) == [euro("USD", "1.0837")]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("3 June 2021", date(2021, 6, 3)),
        ("03 June 2021", date(2021, 6, 3)),
        ("29 February 2024", date(2024, 2, 29)),
        ("2024-02-29", date(2024, 2, 29)),
        *(
            (date(2026, n, 1).strftime("%d ") + month + " 2026", date(2026, n, 1))
            for n, month in enumerate(ecb._MONTHS, 1)
        ),
    ],
)
def test_parse_csv_reads_dates_in_both_ways(written: str, day: date) -> None:
    assert parse_csv(f"Date, USD, \n{written}, 1.0837, \n".encode()) == [euro("USD", "1.0837", day)]


def test_rates_of_the_bank_convert_any_two_of_its_currencies() -> None:
    found = find_path(parse_xml(document(DAILY)), "USD", "JPY", PUBLISHED)
    assert found is not None
    assert [leg.quote for leg in found.legs] == ["USD", "JPY"]
    assert round(found.rate, 6) == Decimal("149.903110")


def test_t32_a_rate_of_the_wrong_size_is_held_back() -> None:
    known = next(quote for quote in parse_xml(document(DAILY)) if quote.quote == "JPY")
    wrong = parse_xml(envelope(day_of("<Cube currency='JPY' rate='1.6245'/>", "2026-11-23")).encode())
    assert not is_plausible(known, wrong[0])


# What is no document of rates.

BAD_XML = {
    "nothing": "",
    "no xml": "Date, USD, \n20 November 2026, 1.0837, \n",
    "a page": "<html><body>Down for maintenance</body></html>",
    "no rates": envelope(""),
    "a day without rates": envelope(day_of("")),
    "unknown currencies only": envelope(day_of("<Cube currency='CYP' rate='0.58'/>")),
    "foreign namespace": envelope(day_of(USD), namespace="urn:other"),
    "rate without a day": envelope(USD),
    "rate after its day": envelope(day_of(USD) + "<Cube currency='JPY' rate='162'/>"),
    "no value": envelope(day_of(USD + "<Cube currency='JPY'/>")),
    "no currency": envelope(day_of(USD + "<Cube rate='162'/>")),
    "rate twice": envelope(day_of(USD + USD)),
    "day twice": envelope(day_of(USD) + day_of(USD)),
    "euro in euros": envelope(day_of(USD + "<Cube currency='EUR' rate='1'/>")),
    "not closed": envelope(day_of(USD)).removesuffix("</gesmes:Envelope>"),
    "two documents": envelope(day_of(USD)) * 2,
    **{f"rate {rate}": envelope(day_of(f"<Cube currency='USD' rate='{rate}'/>")) for rate in (
        "", "0", "-1.08", "1,08", "1e3", "NaN", "inf", "N/A", " 1.08", "1" * 13,
    )},
    **{f"day {on}": envelope(day_of(USD, on)) for on in (
        "", "2026-02-30", "2026-13-01", "20261120", "2026-W47-5", "2026-11-20T00:00", "20.11.2026", "٢٠٢٦-١١-٢٠",
        "31 June 2026", "1 Juni 2026",
    )},
}  # fmt: skip

BAD_CSV = {
    "nothing": "",
    "blank lines": "\n\n",
    "a page": "<html><body>Down for maintenance</body></html>",
    "no header": "2026-11-20,1.0837,\n",
    "header of something else": "Currency,USD,\n2026-11-20,1.0837,\n",
    "header only": "Date,USD,\n",
    "nothing available": "Date,USD,\n2026-11-20,N/A,\n",
    "unknown currencies only": "Date,CYP,\n2026-11-20,0.58,\n",
    "row too short": "Date,USD,JPY,\n2026-11-20,1.0837,\n",
    "row too long": "Date,USD,JPY,\n2026-11-20,1.0837,162.45,3,\n",
    "row cut before its last comma": "Date,USD,JPY,\n2026-11-20,1.0837,162.4",
    "second row cut": "Date,USD,JPY,\n2026-11-20,1.0837,162.45,\n2026-11-1",
    "empty cell": "Date,USD,JPY,\n2026-11-20,1.0837,,\n",
    "day twice": "Date,USD,\n2026-11-20,1.0837,\n2026-11-20,1.0838,\n",
    "column twice": "Date,USD,USD,\n2026-11-20,1.0837,1.0837,\n",
    "euro in euros": "Date,USD,EUR,\n2026-11-20,1.0837,1,\n",
    "no value": "Date,USD,\n2026-11-20,1.08.37,\n",
    "zero": "Date,USD,\n2026-11-20,0,\n",
    "no day": "Date,USD,\n,1.0837,\n",
    "no such day": "Date,USD,\n2026-02-30,1.0837,\n",
    "no such day in words": "Date,USD,\n31 June 2026,1.0837,\n",
    "no such month": "Date,USD,\n20 Brumaire 2026,1.0837,\n",
}


@pytest.mark.parametrize("body", BAD_XML.values(), ids=BAD_XML.keys())
def test_t26_parse_xml_refuses_the_whole_of_what_is_partly_wrong(body: str) -> None:
    with pytest.raises(ProviderAnswerInvalid):
        parse_xml(body.encode())


@pytest.mark.parametrize("body", BAD_CSV.values(), ids=BAD_CSV.keys())
def test_t26_parse_csv_refuses_the_whole_of_what_is_partly_wrong(body: str) -> None:
    with pytest.raises(ProviderAnswerInvalid):
        parse_csv(body.encode())


def test_t26_parse_xml_refuses_a_document_that_ends_early_wherever_it_ends() -> None:
    body = document(DAILY).rstrip()
    assert len(parse_xml(body)) == 29
    for end in range(len(body)):
        with pytest.raises(ProviderAnswerInvalid):
            parse_xml(body[:end])


def test_t26_parse_csv_never_takes_half_a_row() -> None:
    body = document("eurofxref-hist.csv")
    whole = parse_csv(body)
    for end in range(len(body)):
        try:
            quotes = parse_csv(body[:end])
        except ProviderAnswerInvalid:
            continue
        assert quotes == [quote for quote in whole if quote.on in {each.on for each in quotes}]


@given(body=st.binary(max_size=200))
def test_parse_has_one_failure_for_bytes_of_any_kind(body: bytes) -> None:
    for parse in (parse_xml, parse_csv):
        with pytest.raises(ProviderAnswerInvalid):
            parse(body)


@given(
    name=st.sampled_from(["eurofxref-hist.xml", "eurofxref-hist.csv"]),
    at=st.integers(min_value=0, max_value=1200),
    cut=st.integers(min_value=0, max_value=40),
    put=st.binary(max_size=8),
)
def test_parse_has_one_failure_for_a_document_that_was_damaged(name: str, at: int, cut: int, put: bytes) -> None:
    body = document(name)
    parse = parse_xml if name.endswith(".xml") else parse_csv
    try:
        quotes = parse(body[:at] + put + body[at + cut :])
    except ProviderAnswerInvalid:
        return
    assert quotes
    assert all(quote.rate > 0 and quote.base == "EUR" for quote in quotes)


def bomb(generations: int = 12) -> str:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, generations))
    prologue = f'<!DOCTYPE bomb [<!ENTITY a0 "lol">{entities}]>'
    return prologue + envelope(day_of(f"{USD}&a{generations - 1};")).partition("?>")[2]


@pytest.mark.parametrize(
    "body",
    [
        *(bomb().encode(), bomb().encode("utf-16"), bomb().encode("utf-16-le")),
        b"<!DOCTYPE e>" + envelope(day_of(USD)).partition("?>")[2].encode(),
        b'<!DOCTYPE e SYSTEM "http://127.0.0.1:9/e.dtd">' + envelope(day_of(USD)).partition("?>")[2].encode(),
        b'<!DOCTYPE e [<!ENTITY rate SYSTEM "file:///etc/hostname">]>'
        + envelope(day_of(USD + "&rate;")).partition("?>")[2].encode(),
    ],
    ids=["bomb", "bomb in utf-16", "bomb in utf-16 without a mark", "empty", "external", "entity of a file"],
)
def test_parse_xml_refuses_every_doctype(body: bytes) -> None:
    with pytest.raises(ProviderAnswerInvalid, match="DOCTYPE"):
        parse_xml(body)


@pytest.mark.parametrize("encoding", ["nonsense", "utf-7", "rot13", "zlib"])
def test_parse_xml_asks_for_no_codec_that_a_document_names(encoding: str) -> None:
    body = envelope(day_of(USD)).replace('encoding="UTF-8"', f'encoding="{encoding}"').encode()
    assert parse_xml(body) == [euro("USD", "1.0837")]
