"""What do tests of Watch stand on? Ann's book, and another member of it."""

import pytest

from people import BookOf, Person, make_book
from rpc.spaces.sharing import VIEWER, share


@pytest.fixture
async def book(ann: Person) -> BookOf:
    return await make_book(ann)


@pytest.fixture
async def vic(book: BookOf, bob: Person) -> Person:
    """Somebody who may only look."""
    await share(book.person, book.id, bob, VIEWER)
    return bob
