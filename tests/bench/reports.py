"""What do reports cost in a book of ten years? With 100,000 transactions, and next to one of 10,000 with the same years, accounts and
categories: what is kept by month should not care how many transactions made it. And where any account pays for anything."""

import statistics
from collections import defaultdict
from collections.abc import Collection
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
from tallystick.store.journal import CHANGES_MAX
from tallystick.v1.ledger_pb2 import AccountType, CategoryKind, TransactionDraft, TransactionKind
from tallystick.v1.ledger_service_pb2 import CreateAccountRequest, CreateCategoryRequest
from tallystick.v1.ledger_transactions_pb2 import BatchCreateTransactionsRequest
from tallystick.v1.money_pb2 import Money
from tallystick.v1.report_dashboard_pb2 import GetDashboardRequest
from tallystick.v1.report_net_worth_pb2 import GetNetWorthRequest
from tallystick.v1.report_pb2 import ReportStep
from tallystick.v1.report_spending_pb2 import GetCategoryBreakdownRequest

PATH = "/tallystick.v1.ReportService/"
SERVICE_CALLS = ("dashboard", "net_worth_10_years", "category_breakdown_1_year")
# What ends the name of a figure of the book in which any account pays for anything.
ANY_ACCOUNT_MS = "_any_account_ms"
NAMES = (
    *(f"report_{name}_ms" for name in SERVICE_CALLS),
    *(f"report_{name}_100k_vs_10k" for name in SERVICE_CALLS),
    *(f"report_{name}{ANY_ACCOUNT_MS}" for name in SERVICE_CALLS),
)
TARGET_MS, TARGET_RATIO = 25.0, 1.5
ROUND_S, WARM_UP_S = 0.4, 0.2
SMALL = 10
ACCOUNTS, GROUPS, CHILDREN = 10, 6, 5
EARNING = 4
# How often a category is paid from its other account.
SELDOM = 0.2
# The books: of few transactions, of many, and of as many where any account pays for anything.
FEW, MANY, ANY = "few", "many", "any"
FIRST_DAY, DAYS = date(2016, 1, 1), 3653
TODAY = "2025-06-17"

KINDS = TransactionKind


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    person, owner = await make_owner(place.server)
    books = dict(zip((FEW, MANY, ANY), await make_books(place, owner, 3), strict=True))
    if not any(name.endswith(ANY_ACCOUNT_MS) for name in wanted):
        del books[ANY]
    for which, book in books.items():
        count = effort.large_book // SMALL if which == FEW else effort.large_book
        await _fill(person, book, count, any_account=which == ANY)
    await place.analyze()
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(effort.rounds):
        for name in SERVICE_CALLS:
            for which, book in books.items():
                times[name, which].append(await _median_ms(place, person, name, book))
    figures = []
    for name in SERVICE_CALLS:
        few, many = times[name, FEW], times[name, MANY]
        took = statistics.median(many)
        figures.append(Figure(f"report_{name}_ms", took, "ms", target=f"<= {TARGET_MS:g}", met=took <= TARGET_MS))
        figures.append(at_most(f"report_{name}_100k_vs_10k", many, few, "ms", TARGET_RATIO))
        if ANY in books:
            figures.append(Figure(f"report_{name}{ANY_ACCOUNT_MS}", statistics.median(times[name, ANY]), "ms"))
    return [figure for figure in figures if figure.name in wanted]


async def _median_ms(place: Place, person: Person, name: str, book: Book) -> float:
    rpc, request = _ask(name, str(book.id))
    wire = request.SerializeToString()
    target = load.Target(place.server.port, PATH + rpc, [bearer(person)])
    tally = await load.run(target, lambda _: wire, ROUND_S, callers=1, connections=1, warm_up_s=WARM_UP_S)
    tally.require_no_failures()
    return tally.p50_ms


def _ask(name: str, book_id: str) -> tuple[str, Any]:
    match name:
        case "dashboard":
            return "GetDashboard", GetDashboardRequest(book_id=book_id, on=TODAY)
        case "net_worth_10_years":
            step = ReportStep.REPORT_STEP_MONTH
            return "GetNetWorth", GetNetWorthRequest(
                book_id=book_id, from_on="2016-01-01", until_on="2025-12-17", step=step
            )
        case _:
            return "GetCategoryBreakdown", GetCategoryBreakdownRequest(
                book_id=book_id, from_on="2024-01-01", until_on="2024-12-31"
            )


async def _fill(person: Person, book: Book, count: int, *, any_account: bool) -> None:
    usual: dict[str, Any] = {"book_id": str(book.id)}
    accounts = [str(book.account_id)]
    for number in range(ACCOUNTS - 1):
        account = CreateAccountRequest(
            request_id=str(uuid4()),
            name=f"account {number}",
            type=AccountType.ACCOUNT_TYPE_CREDIT_CARD if number == 0 else AccountType.ACCOUNT_TYPE_CHECKING,
            currency=CURRENCY,
            **usual,
        )
        accounts.append((await person.ledger.CreateAccount(account)).account.id)

    async def category(kind: CategoryKind.ValueType, parent_id: str = "") -> str:
        request = CreateCategoryRequest(request_id=str(uuid4()), name="x", kind=kind, parent_id=parent_id, **usual)
        made: str = (await person.ledger.CreateCategory(request)).category.id
        return made

    spending = [str(book.category_id)]
    for _ in range(GROUPS):
        parent_id = await category(CategoryKind.CATEGORY_KIND_EXPENSE)
        spending += [await category(CategoryKind.CATEGORY_KIND_EXPENSE, parent_id) for _ in range(CHILDREN)]
    earning = [await category(CategoryKind.CATEGORY_KIND_INCOME) for _ in range(EARNING - 1)]
    dice = Random(1)
    for start in range(0, count, CHANGES_MAX):
        drafts = [
            _draft(
                dice,
                accounts,
                spending,
                earning,
                any_account=any_account,
                day=FIRST_DAY + timedelta(days=number * DAYS // count),
            )
            for number in range(start, min(start + CHANGES_MAX, count))
        ]
        await person.ledger.BatchCreateTransactions(
            BatchCreateTransactionsRequest(request_id=str(uuid4()), transactions=drafts, **usual)
        )


def _draft(
    dice: Random, accounts: list[str], spending: list[str], earning: list[str], *, any_account: bool, day: date
) -> TransactionDraft:
    """Every category has an account that pays it as a rule, and another one that pays it now and then, or else is paid from any. One in
    twenty is a transfer, and one in a hundred has no category."""
    category = dice.randrange(len(spending))
    account = dice.randrange(ACCOUNTS) if any_account else (category + (dice.random() < SELDOM)) % ACCOUNTS
    draft = TransactionDraft(
        kind=KINDS.TRANSACTION_KIND_EXPENSE,
        account_id=accounts[account],
        category_id=spending[category],
        amount=Money(currency=CURRENCY, minor=dice.randint(1, 100_000)),
        booked_on=day.isoformat(),
        payee="Bakery on the corner",
    )
    share = dice.random()
    if share < 0.05:
        draft.kind, draft.category_id = KINDS.TRANSACTION_KIND_TRANSFER, ""
        draft.to_account_id = accounts[(account + 1) % ACCOUNTS]
    elif share < 0.12:
        draft.kind, draft.category_id = KINDS.TRANSACTION_KIND_INCOME, dice.choice(earning)
    elif share < 0.13:
        draft.category_id = ""
    return draft
