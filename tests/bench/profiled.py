"""Where does a write spend its time in the server? `python -m bench.profiled` loads a server that runs under cProfile.

The profiler doubles what Python costs and leaves what C costs, so the shares are to be read with care, and the rate means nothing.
"""

import pstats

import uvloop

from bench import rates
from bench.place import opened

PROFILED_S = 8.0
LINES = 45


async def measure() -> None:
    async with opened(entry=lambda folder: ["-m", "bench.profiled_serve", str(folder / "profile")]) as place:
        run = await rates.create(place)
        await run(PROFILED_S)
        await place.server.stop()
        for order in ("tottime", "cumulative"):
            pstats.Stats(str(place.folder / "profile")).sort_stats(order).print_stats(LINES)


if __name__ == "__main__":
    uvloop.run(measure())
