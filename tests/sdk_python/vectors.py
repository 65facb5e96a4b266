"""What do all SDKs and the server have to agree on? The cases in sdk/vectors."""

import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).resolve().parents[2] / "sdk" / "vectors"


def read_vectors(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text())


def name_of(case: Any) -> str:
    return str(case["name"])
