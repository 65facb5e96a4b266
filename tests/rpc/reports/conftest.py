"""Who shares a household?"""

import pytest

from people import Client, Person, sign_up


@pytest.fixture
async def eve(client: Client) -> Person:
    """Another signed-in user, who comes to share Ann's book."""
    return await sign_up(client, "Eve")
