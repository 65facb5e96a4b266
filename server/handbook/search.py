"""What can be searched for? Names and headings, in a script that a page loads when somebody begins to type."""

import json
from typing import NamedTuple


class Entry(NamedTuple):
    title: str
    kind: str
    place: str
    about: str = ""


def compose_index(entries: list[Entry]) -> str:
    """A script and not JSON, so that it also loads from a disk."""
    rows = [[entry.title, entry.kind, entry.place, entry.about.replace("\n", " ")] for entry in entries]
    return f"window.handbookIndex = {json.dumps(rows, ensure_ascii=False, separators=(',', ':'))};\n"
