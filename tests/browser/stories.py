"""How is a story told? It is a program for Node that plays somebody, and prints what they found as JSON."""

import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

from clients.tools import read_json

HERE = Path(__file__).parent
STORY_TIMEOUT_S = 120


def run_story(name: str, *words: str | Path) -> Any:
    """The last word of each is an e-mail address that nobody has."""
    program = ["node", HERE / f"story_{name}.mjs", *words, f"ann-{uuid4().hex[:12]}@example.com"]
    return read_json(
        subprocess.run(
            [str(word) for word in program], capture_output=True, text=True, check=False, timeout=STORY_TIMEOUT_S
        )
    )
