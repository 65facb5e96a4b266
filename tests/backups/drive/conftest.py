"""What do tests of Drives stand on?"""

from collections.abc import Iterator

import pytest

from backups.drive.running import RunningDrive, running_drive


@pytest.fixture
def drive() -> Iterator[RunningDrive]:
    with running_drive() as running:
        yield running
