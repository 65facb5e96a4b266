"""How fast is the server here and now? `python -m bench` measures, prints a table, and writes .bench/latest.json.

Rates are told as parts of a floor that is measured in the same minute on the same machine: an absolute number says more about
the machine than about the server.
"""

import argparse
import sys
import time
from collections.abc import Awaitable, Callable, Collection

import uvloop

from bench import (
    allocations,
    archives,
    backups,
    batches,
    budgets,
    catch_up,
    changes,
    copies,
    effort,
    exports,
    fifty_writers,
    files,
    first_page,
    groups,
    idle_streams,
    imports,
    lists,
    login_timing,
    notices,
    one_account,
    pushes,
    rates,
    reports,
    sdks,
    watches,
)
from bench.figures import Figure, table, write_json
from bench.place import TESTS, Place, opened

Family = Callable[[Place, effort.Effort, Collection[str]], Awaitable[list[Figure]]]
FAMILIES: dict[tuple[str, ...], Family] = {
    rates.NAMES: rates.measure,
    one_account.NAMES: one_account.measure,
    first_page.NAMES: first_page.measure,
    batches.NAMES: batches.measure,
    changes.NAMES: changes.measure,
    fifty_writers.NAMES: fifty_writers.measure,
    catch_up.NAMES: catch_up.measure,
    lists.NAMES: lists.measure,
    copies.NAMES: copies.measure,
    pushes.NAMES: pushes.measure,
    idle_streams.NAMES: idle_streams.measure,
    watches.NAMES: watches.measure,
    login_timing.NAMES: login_timing.measure,
    allocations.NAMES: allocations.measure,
    groups.NAMES: groups.measure,
    reports.NAMES: reports.measure,
    budgets.NAMES: budgets.measure,
    exports.NAMES: exports.measure,
    notices.NAMES: notices.measure,
    files.NAMES: files.measure,
    imports.NAMES: imports.measure,
    archives.NAMES: archives.measure,
    backups.NAMES: backups.measure,
    sdks.NAMES: sdks.measure,
}
NAMES = tuple(name for names in FAMILIES for name in names)
LATEST = TESTS.parent / ".bench" / "latest.json"
EXIT_WRONG = 1


def main() -> int:
    options = _read_options()
    figures: list[Figure] = []
    try:
        uvloop.run(_measure(effort.QUICK if options.quick else effort.FULL, options.only or NAMES, figures))
    finally:
        # What was measured before a failure is worth as much as ever.
        print("\n" + table(figures))
        write_json(figures, LATEST)
    # A target that is missed may be the machine's doing; money that does not add up never is.
    exact = (*one_account.NAMES, *fifty_writers.NAMES, *catch_up.NAMES, allocations.NAMES[0])
    is_wrong = any(figure.name in exact and not figure.met for figure in figures)
    return EXIT_WRONG if is_wrong else 0


async def _measure(spent: effort.Effort, wanted: Collection[str], figures: list[Figure]) -> None:
    async with opened() as place:
        for names, family in FAMILIES.items():
            measured = [name for name in names if name in wanted]
            if measured:
                started = time.monotonic()
                figures += await family(place, spent, wanted)
                print(f"measured {', '.join(measured)} in {time.monotonic() - started:.0f} s", flush=True)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the server against its floors.")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: under 90 seconds, and noisier")
    parser.add_argument(
        "--only",
        action="append",
        choices=NAMES,
        metavar="NAME",
        help=f"one figure; may be repeated: {', '.join(NAMES)}",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
