"""What do the browser's tests stand on? One real installation with the demo page in it, and Debian's Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.tools import build_sdk, find_tool
from up.stack import Stack, running_stack


@pytest.fixture(scope="session")
def chromium() -> str:
    return str(find_tool("chromium"))


@pytest.fixture(scope="session")
def sdk() -> Path:
    """The TypeScript SDK, built, and the demo page with it."""
    return build_sdk("build", "demo:build")


@pytest.fixture(scope="session")
def stack(sdk: Path) -> Iterator[Stack]:
    """Envoy takes the page's files when it starts."""
    with running_stack() as running:
        yield running
