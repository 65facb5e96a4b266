"""What do notifications cost whoever records money? CreateTransaction beside the follower of journals, next to the same without it."""

from collections.abc import Collection
from pathlib import Path

from bench import rates
from bench.effort import Effort
from bench.figures import Figure, at_least
from bench.place import Place, opened

NAMES = ("create_transaction_with_notices_vs_without",)
TARGET = 0.9
# Long enough for the follower to have several of its turns in each round, rests included.
LONGER = 3


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    """Each side has a database of its own: the one that follows looks at all spaces, whoever wrote there."""
    async with opened(_serve_silently) as silent:
        loads = [await rates.create(each) for each in (place, silent)]
        for each in (place, silent):
            await each.analyze()
        found: list[list[float]] = [[], []]
        for number in range(effort.rounds):
            # Every other round runs backwards, so that a machine that is slowing down slows both sides alike.
            for side in (0, 1) if number % 2 == 0 else (1, 0):
                found[side].append(await loads[side](LONGER * effort.round_s))
    return [at_least(NAMES[0], found[0], found[1], "/s", TARGET)]


def _serve_silently(folder: Path) -> list[str]:
    return ["-m", "bench.silent_serve", "serve"]
