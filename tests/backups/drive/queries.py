"""What does the Drive understand of `q` and `fields`? The part that is used, strictly: anything else is refused."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from backups.drive.refusing import Refused

Fits = Callable[[Any], bool]

_TEXT = r"'((?:[^'\\]|\\.)*)'"
_TERMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Fits]], ...] = (
    (re.compile(r"trashed\s*=\s*(true|false)"), lambda found: lambda file: file.is_trashed == (found[1] == "true")),
    (
        re.compile(rf"appProperties\s+has\s*\{{\s*key\s*=\s*{_TEXT}\s+and\s+value\s*=\s*{_TEXT}\s*\}}"),
        lambda found: lambda file: file.app_properties.get(_plain(found[1])) == _plain(found[2]),
    ),
    (re.compile(rf"mimeType\s*=\s*{_TEXT}"), lambda found: lambda file: file.mime_type == _plain(found[1])),
    (re.compile(rf"{_TEXT}\s+in\s+parents"), lambda found: lambda file: file.parent_id == _plain(found[1])),
)
_AND = re.compile(r"\s+and\s+")


def read_query(text: str) -> Fits:
    fits: list[Fits] = []
    at = 0
    while True:
        for pattern, make in _TERMS:
            found = pattern.match(text, at)
            if found:
                fits.append(make(found))
                at = found.end()
                break
        else:
            raise Refused(HTTPStatus.BAD_REQUEST, "invalid")
        if at == len(text):
            return lambda file: all(fit(file) for fit in fits)
        joined = _AND.match(text, at)
        if not joined:
            raise Refused(HTTPStatus.BAD_REQUEST, "invalid")
        at = joined.end()


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def select(told: Mapping[str, Any], fields: str) -> dict[str, Any]:
    """`id,files(id,name)`: what was asked for, and nothing else."""
    chosen: dict[str, Any] = {}
    for name, inner in re.findall(r"(\w+)(?:\(([^()]*(?:\([^()]*\)[^()]*)*)\))?", fields):
        if name not in told:
            continue
        value = told[name]
        if inner and isinstance(value, list):
            value = [select(each, inner) for each in value]
        elif inner:
            value = select(value, inner)
        chosen[name] = value
    return chosen
