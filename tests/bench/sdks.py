"""What does an SDK cost whoever uses it? Its size as it is shipped, the time to a first answer, and the calls it makes a second.

Each is installed from its package, as an app has it (tests/packages), and calls the same server through the port that everybody
uses. The floor of the calls is what the bench's own load generator, which does nothing but write and read bytes, gets
from the same server without the proxy.
"""

import asyncio
import statistics
import subprocess
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import load, sdk_sizes
from bench.effort import CALLERS, CONNECTIONS, Effort
from bench.figures import Figure
from bench.place import Place
from clients.people import sign_up
from clients.tools import find_tool
from packages.building import build_maven, build_python, build_typescript
from packages.empty import go_program, make_environment, make_kotlin_app, make_node_app
from tallystick_client.v1.auth_service_pb2 import GetMeRequest
from up.stack import Stack, running_stack

NAMES = ("sdks",)
PROGRAMS = Path(__file__).with_name("callers")
PATH = "/tallystick.v1.AuthService/GetMe"
# A first call alone: nobody calls after it.
NO_TIME = 0.0


@dataclass(frozen=True)
class Caller:
    """A program that says `answered` after its first call, and in the end how many calls a second it made."""

    name: str
    words: Sequence[str | Path]
    takes_url: bool = False

    def start(self, stack: Stack, token: str, callers: int, seconds: float) -> tuple[float, float]:
        """The seconds to its first answer, and its calls a second after that."""
        address = stack.url if self.takes_url else stack.address
        words = [*map(str, self.words), address, token, str(callers), str(seconds)]
        began = time.monotonic()
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            said = running.stdout.readline()
            first_s = time.monotonic() - began
            assert said == "answered\n", f"{self.name}: {said}"
            return first_s, float(running.stdout.readline())


async def measure(place: Place, spent: Effort, wanted: Collection[str]) -> list[Figure]:
    # On an installation of its own: the place has no proxy.
    return await asyncio.to_thread(_measure, place.folder / "sdks", spent)


def _measure(folder: Path, spent: Effort) -> list[Figure]:
    folder.mkdir()
    with callers_in(folder) as callers, running_stack() as stack:
        _, token = sign_up(stack)
        return [
            *sdk_sizes.measure(folder),
            *_first_calls(callers, stack, token, spent),
            *_rates(callers, stack, token, spent),
        ]


@contextmanager
def callers_in(folder: Path) -> Iterator[list[Caller]]:
    packages = folder / "packages"
    packages.mkdir()
    for name in ("node", "go", "kotlin"):
        (folder / name).mkdir()
    python = make_environment(folder / "python", build_python(packages))
    node = make_node_app(folder / "node", build_typescript(packages), PROGRAMS / "node")
    kotlin = make_kotlin_app(folder / "kotlin", build_maven(packages), PROGRAMS / "kotlin")
    with ExitStack() as kept:
        go = kept.enter_context(go_program(folder / "go", PROGRAMS / "go"))
        yield [
            Caller("python", (python, PROGRAMS / "python" / "sync.py")),
            Caller("python_aio", (python, PROGRAMS / "python" / "aio.py")),
            Caller("typescript_node", (find_tool("node"), node), takes_url=True),
            Caller("go", (go,)),
            Caller("kotlin", (find_tool("java"), "-cp", kotlin, "tallystick.caller.CallerKt")),
        ]


def _first_calls(callers: list[Caller], stack: Stack, token: str, spent: Effort) -> list[Figure]:
    figures = []
    for caller in callers:
        firsts = [caller.start(stack, token, 1, NO_TIME)[0] for _ in range(spent.rounds)]
        figures.append(Figure(f"sdk_{caller.name}_first_call", statistics.median(firsts) * 1000, "ms"))
    return figures


def _rates(callers: list[Caller], stack: Stack, token: str, spent: Effort) -> list[Figure]:
    """Each round lets all of them call, one after the other, and the floor before them."""
    floors: list[float] = []
    rates: dict[str, list[float]] = {caller.name: [] for caller in callers}
    for _ in range(spent.rounds):
        floors.append(asyncio.run(_floor(stack, token, spent.round_s)))
        for caller in callers:
            rates[caller.name].append(caller.start(stack, token, CALLERS, spent.round_s)[1])
    return [_compare(f"sdk_{name}_calls", each, floors) for name, each in rates.items()]


async def _floor(stack: Stack, token: str, seconds: float) -> float:
    # Past the proxy, whose answers are compressed, and more than the generator reads.
    target = load.Target(stack.worker_port, PATH, [(("authorization", f"Bearer {token}"),)])
    message = GetMeRequest().SerializeToString()
    tally = await load.run(target, lambda _: message, seconds, callers=CALLERS, connections=CONNECTIONS)
    tally.require_no_failures()
    return tally.rate


def _compare(name: str, ours: list[float], floors: list[float]) -> Figure:
    ratios = [mine / floor for mine, floor in zip(ours, floors, strict=True)]
    spread = (min(ratios), max(ratios))
    return Figure(
        name, statistics.median(ours), "/s", statistics.median(floors), statistics.median(ratios), spread=spread
    )
