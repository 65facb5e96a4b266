"""One initdb for all tests of this folder; each test works on its own copy."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.probes import list_processes_naming, open_directory, until
from tallystick.runtime.postgres import EmbeddedPostgres


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    """A data directory that was started once and stopped in order."""

    async def fill(made: Path) -> None:
        async with EmbeddedPostgres(made):
            pass

    with open_directory() as outer:
        asyncio.run(fill(outer / "template"))
        yield outer / "template"


@pytest.fixture
def place() -> Iterator[Path]:
    """An open directory of this test. Nothing that speaks of it may be left running."""
    with open_directory() as made:
        yield made
        until(lambda: not list_processes_naming(str(made)), "every process of this test has ended", 5)


@pytest.fixture
def data_dir(template: Path, place: Path) -> Path:
    subprocess.run(["cp", "-a", str(template), str(place / "data")], check=True)
    return place / "data"
