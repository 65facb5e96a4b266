"""How is a server started under a profiler? `python -m bench.profiled_serve FILE` is `tallystick serve` that leaves a profile.

Apart from profiled.py, so that the server's process holds nothing of the bench.
"""

import cProfile
import sys

from tallystick.cli.main import main

if __name__ == "__main__":
    profile = cProfile.Profile()
    profile.enable()
    try:
        main(["serve"])
    finally:
        profile.disable()
        profile.dump_stats(sys.argv[1])
