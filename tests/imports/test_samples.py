"""Does every sample file come to the lines that are written beside it?"""

from pathlib import Path

import pytest

from imports.samples_of import SAMPLES, as_json, errors_as_json, expected_of
from tallystick.imports.reading.decoding import decode
from tallystick.imports.reading.mapping import read_rows
from tallystick.imports.reading.proposing import propose
from tallystick.imports.reading.sheets import read_sheet


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_it_is_read_as_expected(sample: Path) -> None:
    expected = expected_of(sample)
    currency = expected.get("currency", "")
    sheet = read_sheet(decode(sample.read_bytes(), expected.get("encoding", "")))
    proposal = propose(sheet, currency)
    assert [question.field for question in proposal.questions] == expected["asks"]
    reading = read_rows(sheet, proposal.mapping, currency)
    assert as_json(reading.lines) == expected["lines"]
    assert errors_as_json(reading.errors) == expected["errors"]
