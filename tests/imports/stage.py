"""What do tests of imports stand on? A book, and files that lie in memory."""

import pytest

from imports.desk import Desk, Files
from people import BookOf, Person, make_book
from tallystick.app import App


@pytest.fixture
def files(server: App, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Where the server finds files."""
    held = Files()
    monkeypatch.setattr(server.imports.making, "open_content", held)
    return held


@pytest.fixture
async def book(ann: Person) -> BookOf:
    """Ann's book."""
    return await make_book(ann)


@pytest.fixture
def desk(book: BookOf, files: Files) -> Desk:
    return Desk(book, files)
