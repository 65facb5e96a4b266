"""What do filters and orders cost? A page of a hundred thousand transactions by each of them, next to the first page of all.

Every filter that the database sees is asked for a value that is everywhere and for one that is nearly nowhere. What it cannot see is
found by a scan of the whole book: told as time, and as how long others had to wait while it ran.
"""

import asyncio
import statistics
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from bench import load
from bench.books import CURRENCY, Book, bearer, make_books, make_owner
from bench.effort import Effort
from bench.figures import Figure, at_most
from bench.place import Place
from people import Person
from tallystick.caller import Caller
from tallystick.ledger.transactions.lists import list_transactions
from tallystick.store.journal import CHANGES_MAX
from tallystick.v1 import ledger_labels_pb2
from tallystick.v1.ledger_pb2 import AccountType, CategoryKind, TransactionDraft, TransactionKind, TransactionStatus
from tallystick.v1.ledger_service_pb2 import (
    CreateAccountRequest,
    CreateCategoryRequest,
    ListTransactionsRequest,
    TransactionOrder,
)
from tallystick.v1.ledger_transactions_pb2 import BatchCreateTransactionsRequest
from tallystick.v1.money_pb2 import Money

PATH = "/tallystick.v1.LedgerService/ListTransactions"
PAGE_SIZE = 50
ROUND_S, WARM_UP_S = 0.25, 0.1
# Of the time of the first page of all.
TARGET = 2.0
SCAN_TARGET_MS, BLOCKED_TARGET_MS = 150.0, 20.0
SCANS = 9
TICK_S = 0.001

KINDS = TransactionKind
EXPENSE, INCOME, TRANSFER = (
    KINDS.TRANSACTION_KIND_EXPENSE,
    KINDS.TRANSACTION_KIND_INCOME,
    KINDS.TRANSACTION_KIND_TRANSFER,
)
PENDING = TransactionStatus.TRANSACTION_STATUS_PENDING
FIRST_DAY, DAYS = date(2016, 1, 1), 3650
WORDS = [
    "bakery",
    "corner",
    "rye",
    "market",
    "train",
    "rent",
    "coffee",
    "books",
    "music",
    "repair",
    "garden",
    "doctor",
    "summer",
    "winter",
    "gift",
    "phone",
]
RARE_CURRENCY = "USD"
# One in so many has what is rare.
RARE_EVERY = 25_000

SEEN = (
    *("account_common", "account_rare", "accounts_all", "category_common", "category_rare", "category_with_children"),
    *("payee_common", "payee_rare", "tag_common", "tag_rare", "method_common", "method_rare"),
    *("kind_common", "kind_rare", "status_common", "status_rare", "currency_common", "currency_rare"),
    *("dates", "uncategorized_rare", "oldest_first"),
)
SCANNED = ("text_nowhere", "amounts_nowhere", "largest_first")
NAMES = (
    *(f"list_{name}" for name in SEEN),
    *(f"list_{name}_ms" for name in SCANNED),
    "blocked_by_scans_ms",
)


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    person, owner = await make_owner(place.server)
    (book,) = await make_books(place, owner, 1)
    labels = await _make_labels(person, book)
    await _fill(person, book, labels, effort.large_book)
    await place.analyze()
    target = load.Target(place.server.port, PATH, [bearer(person)])
    queries = _queries(book, labels)
    figures = []
    seen = {f"list_{name}": queries[name] for name in SEEN if f"list_{name}" in wanted}
    if seen:
        figures += await _compare(target, book, seen, effort.rounds)
    for name in SCANNED:
        if f"list_{name}_ms" in wanted:
            times = [await _took_ms(person, _request(book, **queries[name])) for _ in range(SCANS)]
            figures.append(_within(f"list_{name}_ms", statistics.median(times), SCAN_TARGET_MS))
    if "blocked_by_scans_ms" in wanted:
        longest = [await _blocked_ms(place, owner, book, queries[name]) for name in SCANNED for _ in range(SCANS)]
        figures.append(_within("blocked_by_scans_ms", max(longest), BLOCKED_TARGET_MS))
    return figures


async def _compare(target: load.Target, book: Book, queries: dict[str, dict[str, Any]], rounds: int) -> list[Figure]:
    floor: list[float] = []
    times: dict[str, list[float]] = {name: [] for name in queries}
    for _ in range(rounds):
        floor.append(await _median_ms(target, _request(book)))
        for name, fields in queries.items():
            times[name].append(await _median_ms(target, _request(book, **fields)))
    return [at_most(name, ours, floor, "ms", TARGET) for name, ours in times.items()]


async def _median_ms(target: load.Target, request: ListTransactionsRequest) -> float:
    wire = request.SerializeToString()
    tally = await load.run(target, lambda _: wire, ROUND_S, callers=1, connections=1, warm_up_s=WARM_UP_S)
    tally.require_no_failures()
    return tally.p50_ms


async def _took_ms(person: Person, request: ListTransactionsRequest) -> float:
    started = time.perf_counter()
    await person.ledger.ListTransactions(request)
    return (time.perf_counter() - started) * 1000


def _within(name: str, ours: float, most: float) -> Figure:
    return Figure(name, ours, "ms", target=f"<= {most:g}", met=ours <= most)


async def _blocked_ms(place: Place, owner: Caller, book: Book, fields: dict[str, Any]) -> float:
    """How much later than it should something else had its turn in the process that scans."""
    late: list[float] = []

    async def tick() -> None:
        while True:
            due = time.perf_counter() + TICK_S
            await asyncio.sleep(TICK_S)
            late.append(time.perf_counter() - due)

    ticking = asyncio.create_task(tick())
    request = _request(book, **fields)
    await list_transactions(place.store.reader(owner, book.id, request), request, None)
    ticking.cancel()
    return max(late) * 1000


def _request(book: Book, **fields: Any) -> ListTransactionsRequest:
    return ListTransactionsRequest(book_id=str(book.id), page_size=PAGE_SIZE, **fields)


@dataclass
class Labels:
    """What transactions can have, the common first; the last of each is rare."""

    accounts: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    payees: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    earning: str = ""


def _queries(book: Book, labels: Labels) -> dict[str, dict[str, Any]]:
    money, order = Money(currency=CURRENCY, minor=2**62), TransactionOrder
    queries: dict[str, dict[str, Any]] = {
        "accounts_all": {"account_ids": labels.accounts},
        "category_with_children": {"category_ids": labels.parents[:1]},
        "kind_common": {"kinds": [EXPENSE]},
        "kind_rare": {"kinds": [KINDS.TRANSACTION_KIND_REFUND]},
        "status_common": {"statuses": [TransactionStatus.TRANSACTION_STATUS_CLEARED]},
        "status_rare": {"statuses": [PENDING]},
        "currency_common": {"currencies": [CURRENCY]},
        "currency_rare": {"currencies": [RARE_CURRENCY]},
        "dates": {"booked_from": "2018-01-01", "booked_until": "2018-12-31"},
        "uncategorized_rare": {"uncategorized": True},
        "oldest_first": {"order_by": order.TRANSACTION_ORDER_DATE_ASCENDING},
        "text_nowhere": {"text": "no such words"},
        "amounts_nowhere": {"min_amount": money},
        "largest_first": {"order_by": order.TRANSACTION_ORDER_AMOUNT_DESCENDING},
    }
    for name, ids in (
        ("account", labels.accounts),
        ("category", labels.categories),
        ("payee", labels.payees),
        ("tag", labels.tags),
        ("method", labels.methods),
    ):
        filter_name = "payment_method_ids" if name == "method" else f"{name}_ids"
        queries |= {f"{name}_common": {filter_name: ids[:1]}, f"{name}_rare": {filter_name: ids[-1:]}}
    return queries


async def _make_labels(person: Person, book: Book) -> Labels:
    labels = Labels(accounts=[str(book.account_id)])
    usual: dict[str, Any] = {"book_id": str(book.id)}
    for number in range(8):
        currency = RARE_CURRENCY if number == 7 else CURRENCY
        account = CreateAccountRequest(
            request_id=str(uuid4()),
            name=f"account {number}",
            type=AccountType.ACCOUNT_TYPE_CHECKING,
            currency=currency,
            **usual,
        )
        labels.accounts.append((await person.ledger.CreateAccount(account)).account.id)

    async def category(name: str, kind: CategoryKind.ValueType, parent_id: str = "") -> str:
        request = CreateCategoryRequest(request_id=str(uuid4()), name=name, kind=kind, parent_id=parent_id, **usual)
        made: str = (await person.ledger.CreateCategory(request)).category.id
        return made

    for number in range(5):
        parent = await category(f"group {number}", CategoryKind.CATEGORY_KIND_EXPENSE)
        labels.parents.append(parent)
        for child in range(6):
            labels.categories.append(await category(f"{child}", CategoryKind.CATEGORY_KIND_EXPENSE, parent))
    labels.earning = await category("wages", CategoryKind.CATEGORY_KIND_INCOME)
    for noun, ids, count in (
        ("Payee", labels.payees, 200),
        ("Tag", labels.tags, 20),
        ("PaymentMethod", labels.methods, 6),
    ):
        for number in range(count):
            request = getattr(ledger_labels_pb2, f"Create{noun}Request")(
                request_id=str(uuid4()), name=f"{noun} {number}", **usual
            )
            answer = await getattr(person.ledger, f"Create{noun}")(request)
            ids.append(next(value.id for field_, value in answer.ListFields()))
    return labels


async def _fill(person: Person, book: Book, labels: Labels, count: int) -> None:
    dice = Random(1)
    for start in range(0, count, CHANGES_MAX):
        drafts = [_draft(labels, dice, number, count) for number in range(start, min(start + CHANGES_MAX, count))]
        await person.ledger.BatchCreateTransactions(
            BatchCreateTransactionsRequest(request_id=str(uuid4()), book_id=str(book.id), transactions=drafts)
        )


def _draft(labels: Labels, dice: Random, number: int, count: int) -> TransactionDraft:
    """The oldest first, as books are written."""
    is_rare = number % RARE_EVERY == RARE_EVERY // 2
    draft = TransactionDraft(
        kind=EXPENSE,
        account_id=labels.accounts[0 if dice.random() < 0.5 else dice.randint(1, 7)],
        category_id=labels.categories[0 if dice.random() < 0.25 else dice.randint(1, 28)],
        amount=Money(currency=CURRENCY, minor=dice.randint(1, 100_000)),
        booked_on=(FIRST_DAY + timedelta(days=number * DAYS // count)).isoformat(),
        payee=" ".join(dice.choices(WORDS, k=2)),
        note=" ".join(dice.choices(WORDS, k=dice.randint(0, 8))),
        payee_id=dice.choice(("", labels.payees[0], dice.choice(labels.payees[1:-1]))),
        payment_method_id=dice.choice(("", labels.methods[0], dice.choice(labels.methods[1:-1]))),
        tag_ids=[dice.choice((labels.tags[0], dice.choice(labels.tags[1:-1])))] if dice.random() < 0.2 else [],
    )
    if is_rare:
        return _make_rare(draft, labels, number // RARE_EVERY)
    if (share := dice.random()) < 0.05:
        draft.kind, draft.category_id = TRANSFER, ""
        draft.to_account_id = next(each for each in labels.accounts if each != draft.account_id)
    elif share < 0.12:
        draft.kind, draft.category_id = INCOME, labels.earning
    return draft


def _make_rare(draft: TransactionDraft, labels: Labels, turn: int) -> TransactionDraft:
    """What hardly any other has: every label, the currency, the status, and in turns a category or none."""
    draft.payee_id, draft.payment_method_id, draft.tag_ids[:] = labels.payees[-1], labels.methods[-1], labels.tags[-1:]
    draft.status, draft.category_id = PENDING, "" if turn % 2 else labels.categories[-1]
    draft.account_id, draft.amount.currency = labels.accounts[-1], RARE_CURRENCY
    if turn % 2:
        draft.kind = KINDS.TRANSACTION_KIND_REFUND
    return draft
