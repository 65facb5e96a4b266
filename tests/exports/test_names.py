"""Is a name of a file only ever a name?"""

from hypothesis import given
from hypothesis import strategies as st

from tallystick.exports.rules import compose_file_name, safe
from tallystick.v1.export_pb2 import ExportFormat

CSV = ExportFormat.EXPORT_FORMAT_CSV


@given(st.text())
def test_no_name_leads_anywhere(typed: str) -> None:
    name = safe(typed)
    assert not set(name) & set('/\\:*?"<>|\0\r\n ')
    assert not name.startswith((".", "-"))
    assert len(name) <= 60


def test_names_say_what_they_are() -> None:
    assert (
        compose_file_name("Tom & Åsa's", "transactions", "2026-01-01", format_=CSV)
        == "Tom-Åsa-s-transactions-2026-01-01.csv"
    )
    assert compose_file_name("///", "accounts", format_=CSV) == "accounts.csv"
