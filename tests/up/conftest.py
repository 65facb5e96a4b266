"""One installation with two workers, for the tests that leave it running."""

from collections.abc import AsyncIterator, Iterator

import grpc
import pytest

from people import BookOf, Client, make_book, sign_up
from up.stack import Stack, running_stack


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack(workers=2) as running:
        yield running


@pytest.fixture
async def channel(stack: Stack) -> AsyncIterator[grpc.aio.Channel]:
    async with stack.channel() as open_channel:
        yield open_channel


@pytest.fixture
async def book(channel: grpc.aio.Channel) -> BookOf:
    """The book of a user who signed up through Envoy."""
    return await make_book(await sign_up(Client(channel)))
