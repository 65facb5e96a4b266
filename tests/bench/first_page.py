"""Does a list stay fast as a book grows? The first page of a hundred thousand transactions, next to that of a thousand."""

from collections.abc import Collection

from bench import load
from bench.books import bearer, fill, make_books, make_owner
from bench.effort import Effort
from bench.figures import Figure, at_most
from bench.place import Place
from tallystick.v1.ledger_service_pb2 import ListTransactionsRequest

NAMES = ("list_first_page_100k_vs_1k",)
PATH = "/tallystick.v1.LedgerService/ListTransactions"
SMALL_BOOK = 1_000
PAGE_SIZE = 50
TARGET = 1.3
WARM_UP_S = 0.2


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    person, owner = await make_owner(place.server)
    small, large = await make_books(place, owner, 2)
    await fill(place, owner, small, SMALL_BOOK)
    await fill(place, owner, large, effort.large_book)
    await place.analyze()
    target = load.Target(place.server.port, PATH, [bearer(person)])
    times: dict[str, list[float]] = {str(small.id): [], str(large.id): []}
    for _ in range(effort.page_rounds):
        for book_id, medians in times.items():
            wire = ListTransactionsRequest(book_id=book_id, page_size=PAGE_SIZE).SerializeToString()
            tally = await load.run(
                target,
                lambda connection, wire=wire: wire,  # type: ignore[misc]  # a lambda with a default is untyped
                effort.page_round_s,
                callers=1,
                connections=1,
                warm_up_s=WARM_UP_S,
            )
            tally.require_no_failures()
            medians.append(tally.p50_ms)
    return [at_most(NAMES[0], times[str(large.id)], times[str(small.id)], "ms", TARGET)]
