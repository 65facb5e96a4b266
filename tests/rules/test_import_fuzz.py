"""Does whatever is wrong with a file come out as InvalidInput, soon, and without filling the memory?"""

import time
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.samples_of import SAMPLES
from tallystick.errors import InvalidInput
from tallystick.imports.reading.days import Order
from tallystick.imports.reading.decoding import possible_encodings
from tallystick.imports.reading.detecting import Format, detect, is_encoding_open
from tallystick.imports.reading.numbers import Mark
from tallystick.imports.reading.opening import Chosen, propose_columns, questions_of_qif, read_lines, read_shared
from tallystick.ledger.rules import AMOUNT_MAX

CHOSEN = Chosen(encoding="windows-1252", currency="EUR", order=Order.DAY_MONTH_YEAR, mark=Mark.POINT)
CALLS: list[Callable[[bytes], object]] = [
    detect,
    possible_encodings,
    lambda data: read_shared(data, CHOSEN),
    lambda data: questions_of_qif(data, CHOSEN),
    *(partial(read_lines, format_=each, chosen=CHOSEN) for each in Format),
    *(partial(propose_columns, format_=each, chosen=CHOSEN) for each in (Format.CSV, Format.ACTUAL)),
]
TOLD = [path.read_bytes() for path in SAMPLES]
SPICES = [
    b"\0",
    b"<",
    b">",
    b'"',
    b"\n",
    b";",
    b",",
    b"(",
    b"-",
    b":61:",
    b"^",
    b"<!ENTITY a 'b'>",
    b"&a;",
    b"\xff",
    b"9" * 60,
    b"1e9",
    b"\xe2\x88\x92",
]
spots = st.tuples(st.integers(0, 4000), st.integers(0, 30), st.sampled_from(SPICES) | st.binary(max_size=6))


def mutate(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, spice in changes:
        place = at % (len(data) + 1)
        data = data[:place] + spice + data[place + length :]
    return data


def call_all(data: bytes) -> None:
    for call in CALLS:
        try:
            call(data)
        except InvalidInput as refused:
            assert refused.violations[0].description


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(TOLD), st.lists(spots, min_size=1, max_size=5))
def test_samples_with_mistakes_are_read_or_refused(data: bytes, changes: list[tuple[int, int, bytes]]) -> None:
    call_all(mutate(data, changes))


@settings(max_examples=25)
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_random_bytes_are_read_or_refused(data: bytes) -> None:
    call_all(data)


@settings(max_examples=25)
@given(st.sampled_from(TOLD), st.integers(0, 4000))
def test_a_file_that_was_cut_off_is_read_or_refused(data: bytes, end: int) -> None:
    call_all(data[:end])


@settings(max_examples=25)
@given(st.sampled_from(TOLD), st.lists(spots, max_size=3))
def test_whatever_is_read_can_be_kept(data: bytes, changes: list[tuple[int, int, bytes]]) -> None:
    data = mutate(data, changes)
    try:
        format_ = detect(data).format
        lines = read_lines(data, format_, CHOSEN).lines
    except InvalidInput:
        return
    for line in lines:
        assert isinstance(line.amount.minor, int)
        assert abs(line.amount.minor) <= AMOUNT_MAX
        assert line.row >= 1
        assert "\0" not in line.payee + line.note + line.bank_id + line.category + line.account + line.other_account
    rows = [line.row for line in lines]
    assert rows == sorted(rows)


LONG = 100_000
FORMATS = (Format.CSV, Format.OFX, Format.CAMT_053, Format.QIF, Format.MT940)
HEAVY = {
    "open tags": b"OFXHEADER" + b"<" * LONG,
    "tags": b"OFXHEADER" + b"<A" * (LONG // 2),
    "payments of nothing": b"OFXHEADER" + b"<STMTTRN></STMTTRN>" * (LONG // 20),
    "elements": b"<Document>camt.053" + b"<a/>" * (LONG // 4),
    "elements in elements": b"<Document>camt.053" + b"<a>" * (LONG // 3),
    "carets": b"!Type:Bank\n" + b"^\n" * (LONG // 2),
    "fields": b":20:\n:25:\n:60F:C240101EUR1,0\n" + b":61:\n" * (LONG // 5),
    "one field": b":20:\n:25:\n:60F:C240101EUR1,0\n" + b"x\n" * (LONG // 2),
    "quotes": b'"' * LONG,
    "cells": b"1;" * LONG,
    "rows": b"a;b\n" * (LONG // 4),
    "spaces": b" " * LONG + b";x",
    "one note": b"OFXHEADER<STMTTRN><MEMO>" + b"x" * LONG + b"</STMTTRN>",
    "digits": b"2024-01-01;" + b"9" * LONG,
}


@pytest.mark.parametrize("data", HEAVY.values(), ids=list(HEAVY))
def test_no_file_takes_much_longer_than_it_is_long(data: bytes) -> None:
    """Most take a tenth of a second of the processor. What takes the square of the length takes many minutes."""
    began = time.process_time()
    calls: list[Callable[[bytes], object]] = [
        detect,
        *(partial(read_lines, format_=each, chosen=CHOSEN) for each in FORMATS),
    ]
    for call in calls:
        try:
            call(data)
        except InvalidInput:
            continue
    assert time.process_time() - began < 10


@pytest.mark.parametrize("format_", [Format.OFX, Format.CAMT_053])
def test_entities_are_refused_before_the_first_is_read(format_: Format) -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "'
        + b"b" * 1000
        + b'"><!ENTITY c "&b;&b;&b;">]><OFX><Document><BkToCstmrStmt>&c;</BkToCstmrStmt></Document></OFX>'
    )
    outside = (
        b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><OFX><Document><BkToCstmrStmt/></Document></OFX>'
    )
    for data in (bomb, outside):
        with pytest.raises(InvalidInput, match=r"DOCTYPE|entities"):
            read_lines(data, format_, CHOSEN)


@pytest.mark.parametrize("data", [path.read_bytes() for path in SAMPLES if path.suffix in {".qfx", ".qif"}])
def test_a_payment_that_is_cut_in_two_refuses_the_file(data: bytes) -> None:
    format_ = detect(data).format
    end = (
        data.rfind(b"</STMTTRN>")
        if format_ is Format.OFX
        else data.rfind(b"Tabc")
        if b"Tabc" in data
        else data.rfind(b"PBank")
    )
    with pytest.raises(InvalidInput, match="ends within"):
        read_lines(data[:end] + (b"T5" if format_ is Format.QIF else b""), format_, CHOSEN)


def test_an_encoding_that_is_open_is_said_before_anything_is_read() -> None:
    data = "Date;Payee;Amount\n2024-01-01;Café;1,00\n".encode("windows-1252")
    assert is_encoding_open(data, detect(data).format)
    with pytest.raises(InvalidInput) as refused:
        read_lines(data, Format.CSV, Chosen(currency="EUR"))
    assert refused.value.violations[0].field == "encoding"
