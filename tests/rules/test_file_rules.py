"""What is right for files: names that are labels, parts that add up, and contents that say what they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.errors import InvalidInput, RuleBroken
from tallystick.files import rules
from tallystick.files.rules_types import type_of

NAMES = {
    "receipt.pdf": "receipt.pdf",
    "../../etc/passwd": "passwd",
    "C:\\Users\\Ann\\bill.pdf": "bill.pdf",
    "/": "file",
    "..": "file",
    ".": "file",
    "   ": "file",
    "a\x00b\x1f.pdf": "ab.pdf",
    "folder/": "folder",
    'a<b>:"c|?*.txt': "a_b___c___.txt",
    "CON": "_CON",
    "nul.txt": "_nul.txt",
    "com1.tar.gz": "_com1.tar.gz",
    "console.txt": "console.txt",
    "trailing. . ": "trailing",
    "pdf.\u202egnp.exe": "pdf.gnp.exe",
    "u\u0308ber.pdf": "\u00fcber.pdf",
    ".hidden": ".hidden",
}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_is_a_label(name: str) -> None:
    assert rules.clean_name(name) == NAMES[name]


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_every_machine_takes(name: str) -> None:
    cleaned = rules.clean_name(name)
    assert 0 < len(cleaned.encode()) <= 255
    assert not set(cleaned) & set('/\\<>:"|?*\0')
    assert cleaned not in (".", "..")
    assert cleaned.strip() == cleaned
    assert not cleaned.endswith(".")
    assert all(ord(each) >= 32 for each in cleaned)
    assert rules.clean_name(cleaned) == cleaned


def test_a_long_name_keeps_its_ending() -> None:
    cleaned = rules.clean_name("ü" * 300 + ".pdf")
    assert cleaned.endswith("ü.pdf")
    assert len(cleaned.encode()) in (253, 254, 255)


@given(st.integers(1, 10**6), st.integers(1, 10**5))
def test_parts_add_up_to_the_whole(size: int, part: int) -> None:
    if size // part > 10_000:
        part = max(part, size // 10_000)
    lengths = [rules.length_of_part(number, size, part) for number in range(rules.count_parts(size, part))]
    assert sum(lengths) == size
    assert all(length == part for length in lengths[:-1])
    assert 0 < lengths[-1] <= part


@given(st.data(), st.binary(min_size=1, max_size=500), st.integers(1, 60))
def test_a_range_is_what_it_is_in_the_content(data: st.DataObject, content: bytes, part: int) -> None:
    offset = data.draw(st.integers(0, len(content)))
    limit = data.draw(st.integers(0, len(content) + 5))
    parts = [content[begin : begin + part] for begin in range(0, len(content), part)]
    found = b"".join(
        parts[each.number][each.begin : each.end] for each in rules.parts_of_range(offset, limit, len(content), part)
    )
    assert found == (content[offset : offset + limit] if limit else content[offset:])


@given(st.integers(1, 100), st.integers(1, 40), st.sets(st.integers(0, 120)))
def test_a_part_that_is_missing_is_said(size: int, part: int, there: set[int]) -> None:
    wanted = set(range(rules.count_parts(size, part)))
    if wanted <= there:
        rules.require_all_parts(there, size, part)
        return
    with pytest.raises(RuleBroken) as refused:
        rules.require_all_parts(there, size, part)
    assert refused.value.metadata == {"count": str(len(wanted - there)), "first": str(min(wanted - there))}


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 100), st.integers(1, 40))
def test_only_a_part_of_its_own_length_is_taken(number: int, length: int, size: int, part: int) -> None:
    fits = number < rules.count_parts(size, part) and length == rules.length_of_part(number, size, part)
    if fits:
        rules.require_part(number, length, size, part)
        return
    with pytest.raises(InvalidInput):
        rules.require_part(number, length, size, part)


CONTENTS = {
    b"\xff\xd8\xff\xe0rest": "image/jpeg",
    b"\x89PNG\r\n\x1a\nrest": "image/png",
    b"GIF89a": "image/gif",
    b"RIFF\x00\x00\x00\x00WEBPVP8 ": "image/webp",
    b"RIFF\x00\x00\x00\x00WAVEfmt ": "application/octet-stream",
    b"\x00\x00\x00\x18ftypheic": "image/heic",
    b"\x00\x00\x00\x18ftypmp42": "application/octet-stream",
    b"%PDF-1.7\n": "application/pdf",
    b"PK\x03\x04": "application/zip",
    b"": "text/plain",
    b"hello": "text/plain",
    b"date;amount\n2026-01-01;1,00\n": "text/csv",
    b"a,b\n1,2\n3,4\n": "text/csv",
    "Datum;Betrag\n1.1.;1,00 \u20ac\n".encode("cp1252"): "text/csv",
    "d\u00e9j\u00e0 vu".encode("cp1252"): "text/plain",
    "a\tb\n1\t2".encode("utf-16"): "text/csv",
    b"\xef\xbb\xbfhello": "text/plain",
    b"OFXHEADER:100\nDATA:OFXSGML\n": "application/x-ofx",
    b'<?xml version="1.0"?>\n<?OFX OFXHEADER="200"?><OFX></OFX>': "application/x-ofx",
    b'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022"/>': "application/xml",
    b"<html><body>x</body></html>": "text/plain",
    b"<!DOCTYPE html><HTML>": "text/plain",
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>': "text/plain",
    b'<?xml version="1.0"?><x:html xmlns:x="http://www.w3.org/1999/xhtml"/>': "text/plain",
    b'<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><a/>': "text/plain",
    b"<script>alert(1)</script>": "text/plain",
    b"\x89TLY\r\n\x1a\n\x00\x01": "application/x-tallystick-archive",
    b"MZ\x90\x00\x03": "application/octet-stream",
    b"\x7fELF\x02\x01\x01\x00": "application/octet-stream",
    b"#!/bin/sh\necho\n": "text/plain",
}


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: ascii(content[:24]))
def test_a_content_says_what_it_is(content: bytes) -> None:
    assert type_of(content) == CONTENTS[content]


@given(st.binary(max_size=300))
def test_nothing_is_ever_a_page_or_a_script(content: bytes) -> None:
    for beginning in (b"", b"<html>", b"<?xml version='1.0'?><svg>"):
        kind = type_of(beginning + content)
        assert kind.partition("/")[0] in {"text", "image", "application"}
        assert not any(word in kind for word in ("html", "svg", "script"))


def test_a_letter_may_be_cut_at_the_end_of_what_is_looked_at() -> None:
    assert type_of("gr\u00fc\u00dfe \u20ac".encode()[:-1]) == "text/plain"
