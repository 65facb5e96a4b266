"""Is a text read as it was written, and is a person asked where the bytes do not say how?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.errors import InvalidInput
from tallystick.imports.reading.decoding import ENCODINGS, FILE_BYTES_MAX, decode, must_choose, possible_encodings

words = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), min_size=1, max_size=40).filter(str.strip)


@given(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(str.strip),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_bytes_that_speak_for_themselves(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    if data.startswith((b"PK", b"%PDF", b"\xff\xfe\x00\x00")) or text.startswith("\ufeff"):
        return
    assert decode(data, chosen="windows-1252") == text
    assert not must_choose(data)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_known_by_its_nul_bytes(encoding: str) -> None:
    assert decode("Fecha;Importe\n31/01/2024;ñ 5\n".encode(encoding)) == "Fecha;Importe\n31/01/2024;ñ 5\n"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_other_encodings_are_asked_for_and_never_guessed(encoding: str) -> None:
    data = b"a;\xe1;z\n"
    assert must_choose(data)
    with pytest.raises(InvalidInput) as refused:
        decode(data)
    assert refused.value.violations[0].field == "encoding"
    assert decode(data, chosen=encoding) == data.decode(encoding)
    assert decode(data, said=encoding) == data.decode(encoding)


@given(words)
def test_what_may_be_chosen_shows_what_would_be_read(text: str) -> None:
    data = text.encode("windows-1252", errors="ignore") + b"\xfc"
    choices = possible_encodings(data)
    assert any(choice.encoding == "windows-1252" for choice in choices)
    assert len({choice.preview for choice in choices}) == len(choices)
    for choice in choices:
        assert "\n".join(choice.preview) in decode(data, chosen=choice.encoding)


def test_umlauts_are_told_apart_by_their_preview() -> None:
    shown = {
        choice.encoding: choice.preview for choice in possible_encodings("ASCII\nMüller;5 €\n".encode("iso-8859-15"))
    }
    assert shown["iso-8859-15"] == ("Müller;5 €",)
    assert shown["windows-1252"] == ("Müller;5 ¤",)


@pytest.mark.parametrize(
    ("data", "chosen", "field"),
    [
        (b"", "", "file"),
        (b" \n ", "", "file"),
        (b"a\nb\0c", "", "file"),
        (b"PK\x03\x04....", "", "file"),
        (b"%PDF-1.7", "", "file"),
        ("abc".encode("utf-32"), "", "file"),
        (b"\xff\xfea", "", "file"),
        (b"\xef\xbb\xbf\xfc", "", "file"),
        (b"\x81;\xfc", "windows-1252", "file"),
        (b"\xfc", "rot13", "encoding"),
        (b"\xfc", "utf-7", "encoding"),
        (b"a" * (FILE_BYTES_MAX + 1), "", "file"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, chosen: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        decode(data, chosen)
    assert refused.value.violations[0].field == field
