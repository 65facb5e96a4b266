"""Does every sample file come to the lines that are written beside it?"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from imports.samples_of import SAMPLES, as_json, chosen_of, errors_as_json, expected_of, shared_as_json
from tallystick.errors import InvalidInput
from tallystick.imports.reading.days import Order
from tallystick.imports.reading.detecting import Format, detect, is_encoding_open
from tallystick.imports.reading.numbers import Mark
from tallystick.imports.reading.opening import (
    Chosen,
    propose_columns,
    questions_of_qif,
    read_lines,
    read_shared,
)
from tallystick.imports.reading.proposing import Confidence, Question

WITHOUT_COLUMNS = {Format.OFX, Format.CAMT_053, Format.MT940, Format.FIREFLY, Format.SPLITWISE, Format.TALLYSTICK}
cases = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)


def questions_of(data: bytes, format_: Format, chosen: Chosen) -> tuple[Question, ...]:
    if format_ is Format.QIF:
        return questions_of_qif(data, chosen)
    return () if format_ in WITHOUT_COLUMNS else propose_columns(data, format_, chosen).questions


def with_first_options(data: bytes, format_: Format, chosen: Chosen) -> Chosen:
    if format_ is not Format.QIF:
        return replace(chosen, mapping=propose_columns(data, format_, chosen).mapping)
    options = {question.field: question.options[0] for question in questions_of_qif(data, chosen)}
    order, mark = options.get("order"), options.get("mark")
    return replace(chosen, order=Order(order) if order else None, mark=Mark(mark) if mark else None)


@cases
def test_it_is_detected_by_its_content(sample: Path) -> None:
    data = sample.read_bytes()
    detected = detect(data, sample.name)
    assert detected.format == expected_of(sample)["format"]
    assert detect(data, "statement.bin")[:2] == detect(data)[:2] == detected[:2]
    assert detected.confidence >= Confidence.LIKELY
    assert is_encoding_open(data, detected.format) == bool(expected_of(sample).get("encoding"))


@cases
def test_it_is_read_as_expected(sample: Path) -> None:
    expected, data = expected_of(sample), sample.read_bytes()
    format_, chosen = Format(expected["format"]), chosen_of(expected)
    assert [question.field for question in questions_of(data, format_, chosen)] == expected["asks"]
    lines, errors = _read(data, format_, chosen)
    assert lines == expected["lines"]
    assert errors == expected["errors"]


def _read(data: bytes, format_: Format, chosen: Chosen) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    if format_ is Format.SPLITWISE:
        shared = read_shared(data, chosen)
        return shared_as_json(shared), errors_as_json(shared.errors)
    if questions := questions_of(data, format_, chosen):
        with pytest.raises(InvalidInput) as refused:
            read_lines(data, format_, chosen)
        assert refused.value.violations[0].field.endswith(questions[0].field)
        chosen = with_first_options(data, format_, chosen)
    reading = read_lines(data, format_, chosen)
    return as_json(reading.lines), errors_as_json(reading.errors)
