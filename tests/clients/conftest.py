"""What do the client tests stand on? One real installation, called only through Envoy's port, and the tools."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.people import Book, open_book
from clients.tools import build_sdk, do_without, find_buf, install_grpcurl, write_docs
from up.stack import Stack, running_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with running_stack(docs=write_docs()) as running:
        yield running


@pytest.fixture(scope="session")
def book(stack: Stack) -> Book:
    """A signed-in user's book with an account, a category and a transaction, made through REST."""
    return open_book(stack)


@pytest.fixture(scope="session")
def grpcurl() -> Path:
    found = install_grpcurl()
    if found is None:
        do_without("grpcurl is not on PATH, and neither is Go to build it with")
    return found


@pytest.fixture(scope="session")
def buf() -> Path:
    return find_buf()


@pytest.fixture(scope="session")
def sdk() -> Path:
    """The TypeScript SDK, built."""
    return build_sdk("build")
