"""What do the tests of packages stand on? One installation that was installed from the server's wheel, and nothing of the sources."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from packages.building import build_server
from packages.empty import make_environment
from up.stack import Stack, running_stack

# The wheel has both itself.
NOT_GIVEN = frozenset(["PYTHONPATH", "TALLYSTICK_DOCS"])


class InstalledStack(Stack):
    """`tallystick up` of the wheel, in a Python of its own, that no path leads out of but to what it asks for."""

    def __init__(self, place: Path, workers: int, docs: Path | None) -> None:
        super().__init__(place, workers, docs)
        (place / "wheel").mkdir()
        self.python = make_environment(place / "python", build_server(place / "wheel"))
        self.program = [str(self.python.with_name("tallystick"))]

    def environment(self) -> dict[str, str]:
        return {name: value for name, value in super().environment().items() if name not in NOT_GIVEN}


@pytest.fixture(scope="session")
def stack() -> Iterator[InstalledStack]:
    with running_stack(make=InstalledStack) as running:
        assert isinstance(running, InstalledStack)
        yield running
