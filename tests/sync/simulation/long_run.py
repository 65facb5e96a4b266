"""Does sync hold for hours? From tests/: `python -m sync.simulation.long_run --minutes 30`."""

import argparse
import asyncio
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from random import Random

from sync.simulation import broken_devices, nursery, place
from sync.simulation.walk import Walk
from sync.simulation.world import Trouble, World

SERVE = ("-m", "tallystick", "serve")


async def run(
    seed: str,
    seconds: float,
    tell: Callable[[str], None],
    trouble: Trouble,
    serve: Sequence[str] = SERVE,
    make_world: Callable[..., World] = World,
) -> Walk:
    async with place.opened(Random(), serve) as opened:
        with nursery.opened() as children:
            walk = Walk(make_world(seed, opened, children, trouble))
            try:
                await asyncio.to_thread(walk.run, seconds, tell)
            finally:
                tell(f"seed {seed}, {walk.line()}")
            return walk


def serve_with(*faults: str) -> Sequence[str]:
    """How servers are started that have these faults."""
    return ("-m", "sync.simulation.altered_server", *faults) if faults else SERVE


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sync.simulation.long_run", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", default=str(Random().getrandbits(32)))
    parser.add_argument("--progress", type=Path, help="a file for the counts, beside the screen")
    parser.add_argument("--without", nargs="*", default=[], choices=["network", "kills", "people", "restores"])
    parser.add_argument("--altered", nargs="*", default=[], help="how the servers differ (altered_server.py)")
    parser.add_argument("--forget-cursors", action="store_true", help="let devices be broken (broken_devices.py)")
    asked = parser.parse_args()

    def tell(text: str) -> None:
        line = f"{time.strftime('%H:%M:%S')} {text}\n"
        sys.stdout.write(line)
        sys.stdout.flush()
        if asked.progress:
            with asked.progress.open("a") as file:
                file.write(line)

    tell(f"seed {asked.seed}")
    trouble = Trouble(**dict.fromkeys(asked.without, False))
    try:
        with broken_devices.forget_cursors() if asked.forget_cursors else nullcontext():
            asyncio.run(run(asked.seed, asked.minutes * 60, tell, trouble, serve_with(*asked.altered)))
    except Exception:
        tell(f"failed: seed {asked.seed}\n{traceback.format_exc()}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
