"""What do tests of exports share? A book in which everything has happened, made once for each file: exports change nothing in it, and no
session of its user lasts as long as a whole run.
"""

import pytest

from people import Client, sign_up
from rpc.ledger.crowded_book import CrowdedBook, make_crowded_book


@pytest.fixture(scope="module")
async def crowd(client: Client) -> CrowdedBook:
    return await make_crowded_book(await sign_up(client), seed=11)
