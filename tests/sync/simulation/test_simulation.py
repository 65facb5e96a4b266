"""Do devices, servers and people that get in each other's way end up with the same, and with all that was promised?

The short run; `python -m sync.simulation.long_run` is the long one.
"""

import sys
from pathlib import Path
from random import Random

import pytest

from sync.simulation.long_run import run
from sync.simulation.world import Trouble

SEEDS = Path(__file__).with_name("seeds.txt")
SEEDS_MAX = 2
SECONDS = 10.0


def tell(text: str) -> None:
    sys.stdout.write(text + "\n")


@pytest.mark.parametrize("seed", [*SEEDS.read_text().split()[-SEEDS_MAX:], "fresh"])
async def test_all_copies_are_equal_and_nothing_promised_is_lost(seed: str) -> None:
    if seed == "fresh":
        seed = str(Random().getrandbits(32))
    tell(f"seed {seed}")
    walk = await run(seed, SECONDS, tell, Trouble())
    assert walk.world.counts["commands"] > 0
