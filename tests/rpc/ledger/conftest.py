"""What do tests of the ledger share?"""

import pytest

from people import Person
from rpc.ledger.money import Purse, make_purse


@pytest.fixture
async def purse(ann: Person) -> Purse:
    """Ann's book with three accounts and two categories of expenses."""
    return await make_purse(ann)
