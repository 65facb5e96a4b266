"""Does the ledger do what the model does, in hundreds of thousands of steps, with a server that is killed now and then?

From tests/: `python -m model.long_run --steps 200000`. Interrupted, it goes on where it stopped if it is given the same --progress file.
"""

import argparse
import asyncio
import json
import sys
import time
import traceback
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Lock
from uuid import UUID

import uvloop

import proof
from bench import place as bench
from model import episode
from model.desk import People, make_people
from model.groups.desk import make_sharers
from model.served import MakePeople, Server
from tallystick.runtime.roles import DATABASE

SEEDS = Path(__file__).with_name("seeds.txt")
GROUP_SEEDS = Path(__file__).parent / "groups" / "seeds.txt"
SAY_EVERY_S = 10.0
# So many books are made by the same people: signing up takes its time, and sessions end after an hour.
BOOKS_OF_PEOPLE = 10


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@dataclass
class Progress:
    """Which episodes of a run are done."""

    seed: int
    path: Path | None
    seeds: Path = SEEDS
    episodes: int = 0
    steps: int = 0
    failed: list[str] = field(default_factory=list)

    def keep(self) -> None:
        if self.path:
            kept = {"seed": self.seed, "episodes": self.episodes, "steps": self.steps, "failed": self.failed}
            self.path.write_text(json.dumps(kept))

    def note_failure(self, seed: str) -> None:
        self.failed.append(seed)
        known = self.seeds.read_text().splitlines() if self.seeds.exists() else []
        if seed not in known:
            self.seeds.write_text("\n".join([*known, seed, ""]))


@dataclass
class Run:
    """Walkers that take one episode after the other, until there were enough steps."""

    place: bench.Place
    server: Server
    progress: Progress
    steps: int
    began: float = field(default_factory=time.monotonic)
    begun: int = 0
    lock: Lock = field(default_factory=Lock)

    def prove(self, book_id: UUID) -> None:
        # One connection is enough: proofs are rare.
        with self.lock, proof.connect(self.place.postgres.superuser_dsn, dbname=DATABASE) as database:
            proof.prove(database, self.place.store.keys, book_id)

    async def walk(self) -> None:
        while self.progress.steps < self.steps:
            people = await self.server.make_people()
            for _ in range(BOOKS_OF_PEOPLE):
                await self.walk_once(people)
            self.server.forget(people)

    async def walk_once(self, people: People) -> None:
        if self.progress.steps >= self.steps:
            return
        number, self.begun = self.begun, self.begun + 1
        seed = f"{self.progress.seed}/{number}"
        try:
            walk = await episode.run(people, seed, self.prove)
            self.progress.steps += walk.steps
        except Exception:
            say(f"--- seed {seed} failed\n{traceback.format_exc()}")
            self.progress.note_failure(seed)
            self.progress.steps += episode.STEPS
        self.progress.episodes += 1
        self.progress.keep()

    async def kill(self, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            await self.server.kill()

    async def say_now_and_then(self) -> None:
        before = self.progress.steps
        while True:
            await asyncio.sleep(SAY_EVERY_S)
            say(f"{self.line()}, {(self.progress.steps - before) / (time.monotonic() - self.began):.0f} steps/s")

    def line(self) -> str:
        done = self.progress
        return f"{done.steps} steps in {done.episodes} episodes, {self.server.kills} kills, {len(done.failed)} failed"


async def run(progress: Progress, steps: int, walkers: int, kill_every_s: float, make: MakePeople) -> None:
    async with bench.opened() as place, AsyncExitStack() as life:
        run = Run(place, Server(place, life, make), progress, steps, begun=progress.episodes)
        beside = [asyncio.create_task(run.say_now_and_then())]
        if kill_every_s:
            beside.append(asyncio.create_task(run.kill(kill_every_s)))
        try:
            await asyncio.gather(*(run.walk() for _ in range(walkers)))
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
        say(f"{run.line()}, {steps / (time.monotonic() - run.began):.0f} steps/s")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m model.long_run", description=__doc__)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=Random().getrandbits(32))
    parser.add_argument("--walkers", type=int, default=12)
    parser.add_argument("--kill-every", type=float, default=30.0, metavar="SECONDS", help="0: never")
    parser.add_argument("--progress", type=Path, help="a file to note what is done, and to go on from")
    parser.add_argument(
        "--groups", action="store_true", help="groups, and the books that follow them, instead of books alone"
    )
    asked = parser.parse_args()
    seeds, make = (GROUP_SEEDS, make_sharers) if asked.groups else (SEEDS, make_people)
    progress = Progress(asked.seed, asked.progress, seeds)
    if asked.progress and asked.progress.exists():
        progress = Progress(path=asked.progress, seeds=seeds, **json.loads(asked.progress.read_text()))
    say(f"seed {progress.seed}")
    uvloop.run(run(progress, asked.steps, asked.walkers, asked.kill_every, make))
    for seed in progress.failed:
        say(f"failed: seed {seed}, of master seed {progress.seed}")
    return 1 if progress.failed else 0


if __name__ == "__main__":
    sys.exit(main())
