"""What do the browser's tests stand on? One real installation with the demo page in it, and Debian's Chromium."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.tools import TOP
from up.stack import Stack, running_stack

BUILD_TIMEOUT_S = 120


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("chromium is not on PATH")
    return found


@pytest.fixture(scope="session")
def sdk() -> Path:
    """The TypeScript SDK, built, and the demo page with it."""
    folder = TOP / "sdk" / "typescript"
    if shutil.which("npm") is None:
        pytest.skip("npm is not on PATH")
    assert (folder / "node_modules").is_dir(), "The SDK's packages are missing. To fix: cd sdk/typescript && npm ci"
    for script in ("build", "demo:build"):
        subprocess.run(["npm", "run", "--silent", script], cwd=folder, check=True, timeout=BUILD_TIMEOUT_S)
    return folder


@pytest.fixture(scope="session")
def stack(sdk: Path) -> Iterator[Stack]:
    """Envoy takes the page's files when it starts."""
    with running_stack() as running:
        yield running
