"""How many calls a second does one server process answer? Writes and reads, next to an empty call and to the bare SQL."""

import random
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from bench import bare_sql, floor, load
from bench.books import bearer, fill, make_books, make_owner, with_new_request_id
from bench.effort import CALLERS, CONNECTIONS, Effort
from bench.figures import Figure, at_least
from bench.place import Place
from tallystick.v1.ledger_service_pb2 import GetTransactionRequest, ListTransactionsRequest

BOOKS = 1_000
FULL_BOOK = 10_000
PAGE_SIZE = 50
# Long enough for the key of nearly every book to be unwrapped, and for every connection to have planned its statements.
WARM_UP_S = 3.0
LEDGER = "/tallystick.v1.LedgerService"

# Runs a load for so many seconds and returns its rate.
Measure = Callable[[float], Awaitable[float]]


@dataclass(frozen=True)
class Compared:
    """One figure: whose rate is divided by whose."""

    name: str
    ours: str
    floor: str
    target: float


FIGURES = (
    Compared("create_transaction_vs_empty_rpc", "create", "empty", 0.18),
    Compared("create_transaction_vs_bare_sql", "create", "bare", 0.30),
    Compared("get_transaction", "get", "empty", 0.25),
    Compared("list_transactions_50", "list", "empty", 0.12),
)
NAMES = tuple(figure.name for figure in FIGURES)


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    figures = [figure for figure in FIGURES if figure.name in wanted]
    needed = sorted({name for figure in figures for name in (figure.ours, figure.floor)})
    loads = {name: await PREPARED[name](place) for name in needed}
    await place.analyze()
    rates: dict[str, list[float]] = {name: [] for name in needed}
    for number in range(effort.rounds):
        # Every other round runs backwards, so that a machine that is slowing down slows both sides alike.
        for name in needed if number % 2 == 0 else reversed(needed):
            rates[name].append(await loads[name](effort.round_s))
    return [at_least(one.name, rates[one.ours], rates[one.floor], "/s", one.target) for one in figures]


async def _empty(place: Place) -> Measure:
    target = load.Target(place.floor_port, floor.PATH)
    return _loading(target, lambda connection: b"")


async def create(place: Place) -> Measure:
    """Every connection is a user of its own, with their share of the books."""
    shares, metadata = [], []
    for _ in range(CONNECTIONS):
        person, owner = await make_owner(place.server)
        books = await make_books(place, owner, BOOKS // CONNECTIONS)
        shares.append([book.expense(random.randint(1, 100_000)).SerializeToString() for book in books])
        metadata.append(bearer(person))
    target = load.Target(place.server.port, f"{LEDGER}/CreateTransaction", metadata)
    run = _loading(target, lambda connection: with_new_request_id(random.choice(shares[connection])))
    await run(WARM_UP_S)
    return run


async def _bare(place: Place) -> Measure:
    _, owner = await make_owner(place.server)
    bare = await bare_sql.prepare(place, owner, await make_books(place, owner, BOOKS))

    async def run(seconds: float) -> float:
        return await bare.rate(max(1, round(seconds)))

    return run


async def _get(place: Place) -> Measure:
    person, owner = await make_owner(place.server)
    (book,) = await make_books(place, owner, 1)
    ids = await fill(place, owner, book, FULL_BOOK)
    requests = [GetTransactionRequest(book_id=str(book.id), transaction_id=str(one)).SerializeToString() for one in ids]
    target = load.Target(place.server.port, f"{LEDGER}/GetTransaction", [bearer(person)])
    return _loading(target, lambda connection: random.choice(requests))


async def _list(place: Place) -> Measure:
    person, owner = await make_owner(place.server)
    (book,) = await make_books(place, owner, 1)
    await fill(place, owner, book, FULL_BOOK)
    request = ListTransactionsRequest(book_id=str(book.id), page_size=PAGE_SIZE)
    page = await person.ledger.ListTransactions(request)
    assert len(page.transactions) == PAGE_SIZE, "the measured page is not full"
    wire = request.SerializeToString()
    target = load.Target(place.server.port, f"{LEDGER}/ListTransactions", [bearer(person)])
    return _loading(target, lambda connection: wire)


def _loading(target: load.Target, compose: load.Compose) -> Measure:
    async def run(seconds: float) -> float:
        tally = await load.run(target, compose, seconds, callers=CALLERS, connections=CONNECTIONS)
        tally.require_no_failures()
        return tally.rate

    return run


PREPARED: dict[str, Callable[[Place], Awaitable[Measure]]] = {
    "empty": _empty,
    "create": create,
    "bare": _bare,
    "get": _get,
    "list": _list,
}
