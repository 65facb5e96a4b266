"""What do tests of groups share?"""

import pytest

from circle import Circle, make_circle
from people import Person


@pytest.fixture
async def circle(ann: Person) -> Circle:
    """Ann's group with two guests."""
    return await make_circle(ann, "Gus", "Hal")
