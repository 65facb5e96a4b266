"""Under which name is a file kept? Under its own, and nothing in a name is more than a name."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.disposition import compose_disposition


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Cash.pdf", "Cash.pdf"),
        ("Rechnung für Ann.html", "Rechnung f_r Ann.html"),
        ('a";b\r\nc', "a__b__c"),
        ("現金", "__"),
    ],
)
def test_programs_that_know_no_accents_have_a_name(name: str, plain: str) -> None:
    assert f'filename="{plain}"' in compose_disposition(name)


@given(st.text(max_size=50))
def test_the_name_comes_back_and_is_all_there_is(name: str) -> None:
    before, _, encoded = compose_disposition(name).partition("filename*=UTF-8''")
    assert unquote(encoded) == name
    assert re.fullmatch(r"[A-Za-z0-9._~%-]*", encoded)
    assert re.fullmatch(r'attachment; filename="[A-Za-z0-9._ -]*"; ', before)
