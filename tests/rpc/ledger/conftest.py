"""What do tests of the ledger share?"""

import pytest

from linked import Linked, make_linked
from people import Person
from rpc.ledger.money import Purse, make_purse
from tallystick.app import App


@pytest.fixture
async def purse(ann: Person) -> Purse:
    """Ann's book with three accounts and two categories of expenses."""
    return await make_purse(ann)


@pytest.fixture
async def linked(ann: Person, server: App) -> Linked:
    """Ann's book, which follows her group."""
    return await make_linked(ann, server)
