"""What do tests of imports stand on? A book, and whoever takes files into it."""

import pytest

from imports.desk import Desk
from people import BookOf, Person, make_book


@pytest.fixture
async def book(ann: Person) -> BookOf:
    """Ann's book."""
    return await make_book(ann)


@pytest.fixture
def desk(book: BookOf) -> Desk:
    return Desk(book)
