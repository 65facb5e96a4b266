"""Which sample files are there, and what must come of them?"""

import json
from collections.abc import Sequence
from dataclasses import MISSING, fields
from datetime import date
from pathlib import Path
from typing import Any

from tallystick.imports.reading.lines import Amount, Line, RowError
from tallystick.imports.reading.opening import Chosen
from tallystick.imports.reading.splitwise import SharedReading

FOLDER = Path(__file__).parent / "samples"
SAMPLES = sorted(path for path in FOLDER.iterdir() if path.suffix not in {".json", ".md"})


def expected_of(sample: Path) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads(sample.with_name(f"{sample.name}.json").read_text())
    return expected


def as_json(lines: Sequence[Line]) -> list[dict[str, Any]]:
    return [_line(line) for line in lines]


def errors_as_json(errors: Sequence[RowError]) -> list[list[Any]]:
    """The row and the field; sentences for people are not compared."""
    return [[error.row, error.field] for error in errors]


def _line(line: Line) -> dict[str, Any]:
    values = {each.name: (getattr(line, each.name), each.default) for each in fields(line)}
    return {name: _value(value) for name, (value, default) in values.items() if default is MISSING or value != default}


def _value(value: object) -> object:
    if isinstance(value, Amount):
        return f"{value.currency} {value.minor}"
    return value.isoformat() if isinstance(value, date) else value


def chosen_of(expected: dict[str, Any]) -> Chosen:
    return Chosen(encoding=expected.get("encoding", ""), currency=expected.get("currency", ""))


def shared_as_json(shared: SharedReading) -> list[dict[str, Any]]:
    return [
        {
            "row": line.row,
            "day": line.day.isoformat(),
            "description": line.description,
            "category": line.category,
            "cost": f"{line.cost.currency} {line.cost.minor}",
            "nets": dict(zip(shared.members, line.nets_minor, strict=True)),
            "is_payment": line.is_payment,
        }
        for line in shared.lines
    ]
