"""What does it cost to change a transaction, and to know what an account held on a day of ten years?"""

import random
from collections.abc import Collection
from datetime import date, timedelta
from uuid import uuid4

from bench import load
from bench.books import CURRENCY, Book, bearer, fill, make_books, make_owner, with_new_request_id
from bench.effort import CALLERS, CONNECTIONS, Effort
from bench.figures import Figure, at_least, at_most
from bench.place import Place
from bench.rates import LEDGER
from people import Person
from tallystick.caller import Caller
from tallystick.ledger.accounts.commands import create_account
from tallystick.v1.ledger_pb2 import AccountType, TransactionDraft
from tallystick.v1.ledger_service_pb2 import (
    CreateAccountRequest,
    CreateAccountResponse,
    GetAccountBalanceRequest,
    GetTransactionRequest,
)
from tallystick.v1.ledger_transactions_pb2 import UpdateTransactionRequest
from tallystick.v1.money_pb2 import Money

UPDATE, AS_OF = "update_transaction_vs_create", "balance_as_of_vs_get_transaction"
NAMES = (UPDATE, AS_OF)
UPDATE_TARGET, AS_OF_TARGET = 0.7, 3.0
BOOKS_OF_A_USER = 50
TRANSACTIONS_OF_A_BOOK = 20
YEARS = 10
WARM_UP_S = 0.2


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    figures = []
    if UPDATE in wanted:
        figures.append(await _measure_updates(place, effort))
    if AS_OF in wanted:
        figures.append(await _measure_as_of(place, effort))
    return figures


async def _measure_updates(place: Place, effort: Effort) -> Figure:
    """Each update moves a transaction to another account, amount and date."""
    metadata, creating, updating = [], [], []
    for _ in range(CONNECTIONS):
        person, owner = await make_owner(place.server)
        books = await make_books(place, owner, BOOKS_OF_A_USER)
        metadata.append(bearer(person))
        creating.append([book.expense(random.randint(1, 100_000)).SerializeToString() for book in books])
        updating.append([target for book in books for target in await _targets(place, owner, book)])
    await place.analyze()
    creates = load.Target(place.server.port, f"{LEDGER}/CreateTransaction", metadata)
    updates = load.Target(place.server.port, f"{LEDGER}/UpdateTransaction", metadata)
    rates: dict[str, list[float]] = {"create": [], "update": []}
    for _ in range(effort.rounds):
        for name, target, compose in (
            ("create", creates, lambda connection: with_new_request_id(random.choice(creating[connection]))),
            ("update", updates, lambda connection: _moving(*random.choice(updating[connection]))),
        ):
            tally = await load.run(target, compose, effort.round_s, callers=CALLERS, connections=CONNECTIONS)
            tally.require_no_failures()
            rates[name].append(tally.rate)
    return at_least(UPDATE, rates["update"], rates["create"], "/s", UPDATE_TARGET)


async def _targets(place: Place, owner: Caller, book: Book) -> list[tuple[str, str, tuple[str, str]]]:
    """Transactions of a book, and the two accounts that they move between."""
    account_id = str(uuid4())
    request = CreateAccountRequest(
        request_id=str(uuid4()),
        book_id=str(book.id),
        account_id=account_id,
        name="Bank",
        type=AccountType.ACCOUNT_TYPE_CHECKING,
        currency=CURRENCY,
    )
    await place.store.write(owner, book.id, request, create_account, CreateAccountResponse)
    ids = await fill(place, owner, book, TRANSACTIONS_OF_A_BOOK)
    return [(str(book.id), str(each), (str(book.account_id), account_id)) for each in ids]


def _moving(book_id: str, transaction_id: str, accounts: tuple[str, str]) -> bytes:
    change = TransactionDraft(
        account_id=random.choice(accounts),
        amount=Money(currency=CURRENCY, minor=random.randint(1, 100_000)),
        booked_on=date(2026, random.randint(1, 12), random.randint(1, 28)).isoformat(),
    )
    return UpdateTransactionRequest(
        request_id=str(uuid4()), book_id=book_id, transaction_id=transaction_id, change=change
    ).SerializeToString()


async def _measure_as_of(place: Place, effort: Effort) -> Figure:
    person, owner = await make_owner(place.server)
    (book,) = await make_books(place, owner, 1)
    ids = await fill(place, owner, book, effort.large_book, months=YEARS * 12)
    await place.analyze()
    times: dict[str, list[float]] = {"as_of": [], "get": []}

    def as_of(_: int) -> bytes:
        day = date(2016, 1, 1) + timedelta(days=random.randrange(YEARS * 365))
        return GetAccountBalanceRequest(
            book_id=str(book.id), account_id=str(book.account_id), as_of=day.isoformat()
        ).SerializeToString()

    def get(_: int) -> bytes:
        return GetTransactionRequest(book_id=str(book.id), transaction_id=str(random.choice(ids))).SerializeToString()

    for _ in range(effort.page_rounds):
        for name, path, compose in (("as_of", "GetAccountBalance", as_of), ("get", "GetTransaction", get)):
            times[name].append(await _median_ms(place, person, path, compose, effort.page_round_s))
    return at_most(AS_OF, times["as_of"], times["get"], "ms", AS_OF_TARGET)


async def _median_ms(place: Place, person: Person, path: str, compose: load.Compose, seconds: float) -> float:
    target = load.Target(place.server.port, f"{LEDGER}/{path}", [bearer(person)])
    tally = await load.run(target, compose, seconds, callers=1, connections=1, warm_up_s=WARM_UP_S)
    tally.require_no_failures()
    return tally.p50_ms
