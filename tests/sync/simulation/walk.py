"""What is one run? Rounds of turns, with a rest now and then at which everything is checked."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from sync.simulation import clocks
from sync.simulation.quiet import settle
from sync.simulation.world import World

# How often, at a rest, the database is saved, or put back to what was saved.
RESTORES = 0.35


@dataclass
class Walk:
    """A run, as far as it is."""

    world: World
    where: Counter[str] = field(default_factory=Counter)

    def run(self, seconds: float, tell: Callable[[str], None] = lambda text: None, tell_every_s: float = 60.0) -> None:
        world, random = self.world, Random(self.world.seed)
        began = told = time.monotonic()
        with clocks.installed():
            world.begin()
            while time.monotonic() - began < seconds or not world.counts["rests"]:
                for _ in range(random.randint(*world.rounds_between_rests)):
                    world.play()
                if world.trouble.restores and random.random() < RESTORES:
                    world.save_or_put_back()
                self.where = settle(world)
                world.counts["rests"] += 1
                if time.monotonic() - told > tell_every_s:
                    told = time.monotonic()
                    tell(self.line())

    def line(self) -> str:
        """What happened so far."""
        world = self.world
        counts = world.counts + world.events.counts + Counter({"kills of servers": world.place.kills})
        told = (*sorted(counts.items()), *((f"promised: {what}", count) for what, count in sorted(self.where.items())))
        return f"round {world.round}: " + ", ".join(f"{what} {count}" for what, count in told if count)
