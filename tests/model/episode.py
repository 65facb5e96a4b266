"""What is one run of random steps on one book? All that happens in it follows from its seed, but for who of several at once comes first."""

import asyncio
from collections.abc import Callable
from random import Random
from uuid import UUID

from model.desk import People
from model.looking import Looker
from model.walk import Walk

STEPS = 300
# How often a step is one command, several at once, or an earlier one again.
OFTEN = (82, 10, 8)
LOOKS = 0.5  # of all steps are followed by a look at something

# Proves a book from its tables.
Prove = Callable[[UUID], None]


async def run(people: People, seed: str, prove: Prove, *, steps: int = STEPS) -> Walk:
    walk = await people.begin(f"seed {seed!r}", seed)
    looker, random = people.looker(walk), Random(seed)
    while walk.steps < steps:
        step = f"{seed} {walk.steps}"
        await random.choices((walk.command, walk.together, walk.repeat), OFTEN)[0](step)
        if random.random() < LOOKS:
            await looker.look(step)
    await finish(walk, looker, people, prove)
    return walk


async def finish(walk: Walk, looker: Looker, people: People, prove: Prove) -> None:
    """All that is there, as each member sees it, as the tables have it, and as the server itself proves it."""
    await looker.look_at_all()
    for space_id in walk.space_ids():
        await asyncio.to_thread(prove, UUID(space_id))
    verdict = await people.verify(walk.book.id)
    assert verdict.version == walk.book.seq
