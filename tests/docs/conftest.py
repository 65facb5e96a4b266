"""What do the tests of the documentation look at? The contract as it is read for it, and the site, written once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from handbook.model import Contract

TOP = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Written by another process, with another seed than this one's."""
    folder = tmp_path_factory.mktemp("docs") / "site"
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    subprocess.run([sys.executable, "-m", "handbook", str(folder)], cwd=TOP, env=environment, check=True)
    return folder
