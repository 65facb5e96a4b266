"""How fast do contents come and go? A file of twenty parts, brought by one caller and read again by one."""

import time
from collections.abc import Collection
from statistics import median

from bench.books import make_books, make_owner
from bench.effort import Effort
from bench.figures import Figure
from bench.place import Place
from files.desk import PART, bring, content_of, delete, download

COMING, GOING = "upload_mib_a_second", "download_mib_a_second"
NAMES = (COMING, GOING)
# What a good line at home brings, and takes.
TARGETS = {COMING: 12.0, GOING: 60.0}
PARTS = 20


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    person, owner = await make_owner(place.server)
    (book,) = await make_books(place, owner, 1)
    content = content_of(PARTS * PART)
    found: dict[str, list[float]] = {name: [] for name in NAMES}
    for _ in range(effort.rounds):
        began = time.perf_counter()
        file = await bring(person, str(book.id), content)
        arrived = time.perf_counter()
        assert await download(person, str(book.id), file.id) == content
        found[COMING].append(PARTS / (arrived - began))
        found[GOING].append(PARTS / (time.perf_counter() - arrived))
        await delete(person, file)
    rates = {name: median(rounds) for name, rounds in found.items()}
    return [
        Figure(name, rate, "MiB/s", target=f">= {TARGETS[name]:g}", met=rate >= TARGETS[name])
        for name, rate in rates.items()
        if name in wanted
    ]
