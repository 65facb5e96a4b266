"""What do the client tests stand on? One real installation, called only through Envoy's port, and the tools."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.people import Book, open_book
from clients.tools import TOP, find_buf, install_grpcurl
from up.stack import Stack, running_stack

BUILD_TIMEOUT_S = 120


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


@pytest.fixture(scope="session")
def book(stack: Stack) -> Book:
    """A signed-in user's book with an account, a category and a transaction, made through REST."""
    return open_book(stack)


@pytest.fixture(scope="session")
def grpcurl() -> Path:
    found = install_grpcurl()
    if found is None:
        pytest.skip("grpcurl is not on PATH, and neither is Go to build it with")
    return found


@pytest.fixture(scope="session")
def buf() -> Path:
    return find_buf()


@pytest.fixture(scope="session")
def sdk() -> Path:
    """The TypeScript SDK, built."""
    folder = TOP / "sdk" / "typescript"
    if shutil.which("npm") is None:
        pytest.skip("npm is not on PATH")
    assert (folder / "node_modules").is_dir(), "The SDK's packages are missing. To fix: cd sdk/typescript && npm ci"
    subprocess.run(["npm", "run", "--silent", "build"], cwd=folder, check=True, timeout=BUILD_TIMEOUT_S)
    return folder
