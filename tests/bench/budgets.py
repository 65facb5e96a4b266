"""What does it cost to say what has become of a budget? Forty items over twelve periods with rollover, in a large book."""

from collections.abc import Collection
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from bench import load
from bench.books import CURRENCY, bearer, make_books, make_owner
from bench.effort import Effort
from bench.figures import Figure
from bench.place import Place
from people import Person
from tallystick.store.journal import CHANGES_MAX
from tallystick_client.v1 import budget_analysis_pb2, budget_items_pb2, budget_pb2, ledger_service_pb2, money_pb2
from tallystick_client.v1.ledger_pb2 import AccountType, CategoryKind, TransactionDraft, TransactionKind
from tallystick_client.v1.ledger_transactions_pb2 import BatchCreateTransactionsRequest

CALENDAR, FROM_THE_15TH = "budget_analysis_months_ms", "budget_analysis_from_15th_ms"
NAMES = (CALENDAR, FROM_THE_15TH)
TARGET_MS = 25.0
PATH = "/tallystick.v1.BudgetService/GetBudgetAnalysis"
ACCOUNTS, CATEGORIES, PERIODS = 5, 40, 12
FIRST_DAY, DAYS = date(2016, 1, 1), 3650
# The last of the twelve periods, and the day that they begin with.
ASKED_ON = "2025-12-20"
ANCHORS = {CALENDAR: "2025-01-01", FROM_THE_15TH: "2025-01-15"}
WARM_UP_S = 0.3


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    person, owner = await make_owner(place.server)
    (book,) = await make_books(place, owner, 1)
    categories = await _fill(person, str(book.id), effort.large_book)
    budgets = {name: await _make_budget(person, str(book.id), categories, ANCHORS[name]) for name in NAMES}
    await place.analyze()
    target = load.Target(place.server.port, PATH, [bearer(person)])
    return [await _figure(person, target, effort, name, budgets[name]) for name in NAMES if name in wanted]


async def _figure(
    person: Person,
    target: load.Target,
    effort: Effort,
    name: str,
    request: budget_analysis_pb2.GetBudgetAnalysisRequest,
) -> Figure:
    answer = await person.budgets.GetBudgetAnalysis(request)
    assert len(answer.periods) == PERIODS
    assert all(each.figures.actual_minor for period in answer.periods for each in period.items)
    wire = request.SerializeToString()
    tally = await load.run(
        target, lambda _: wire, effort.page_rounds * effort.page_round_s, callers=1, connections=1, warm_up_s=WARM_UP_S
    )
    tally.require_no_failures()
    return Figure(name, tally.p50_ms, "ms", target=f"<= {TARGET_MS:g}", met=tally.p50_ms <= TARGET_MS)


async def _fill(person: Person, book_id: str, count: int) -> list[str]:
    """Expenses over ten years, on five accounts and in forty categories, whose ids it returns."""
    common: dict[str, Any] = {"book_id": book_id}
    ledger, dice = person.ledger, Random(11)
    accounts = [
        await ledger.CreateAccount(
            ledger_service_pb2.CreateAccountRequest(
                request_id=str(uuid4()),
                name=f"account {number}",
                type=AccountType.ACCOUNT_TYPE_CHECKING,
                currency=CURRENCY,
                **common,
            )
        )
        for number in range(ACCOUNTS)
    ]
    categories = [
        await ledger.CreateCategory(
            ledger_service_pb2.CreateCategoryRequest(
                request_id=str(uuid4()),
                name=f"category {number}",
                kind=CategoryKind.CATEGORY_KIND_EXPENSE,
                **common,
            )
        )
        for number in range(CATEGORIES)
    ]
    ids = [each.category.id for each in categories]
    for start in range(0, count, CHANGES_MAX):
        drafts = [
            _draft(dice, dice.choice(accounts).account.id, dice.choice(ids))
            for _ in range(min(CHANGES_MAX, count - start))
        ]
        await ledger.BatchCreateTransactions(
            BatchCreateTransactionsRequest(request_id=str(uuid4()), transactions=drafts, **common)
        )
    return ids


def _draft(dice: Random, account_id: str, category_id: str) -> TransactionDraft:
    return TransactionDraft(
        kind=TransactionKind.TRANSACTION_KIND_EXPENSE,
        account_id=account_id,
        category_id=category_id,
        amount=money_pb2.Money(currency=CURRENCY, minor=dice.randint(1, 20_000)),
        booked_on=(FIRST_DAY + timedelta(days=dice.randrange(DAYS))).isoformat(),
        payee="Bakery on the corner",
    )


async def _make_budget(
    person: Person, book_id: str, categories: Collection[str], anchor_on: str
) -> budget_analysis_pb2.GetBudgetAnalysisRequest:
    """An item for each category. The request asks for all its periods."""
    budgets = person.budgets
    made = await budgets.CreateBudget(
        budget_pb2.CreateBudgetRequest(
            request_id=str(uuid4()),
            book_id=book_id,
            name="Home",
            mode=budget_pb2.BudgetMode.BUDGET_MODE_LIMIT,
            periods=budget_pb2.BudgetPeriods(months=budget_pb2.MonthPeriods(months=1, anchor_on=anchor_on)),
            starts_on=anchor_on,
            rollover=budget_items_pb2.Rollover(surplus=True, deficit=True),
            thresholds_bp=[8000, 10_000],
        )
    )
    for position, category_id in enumerate(categories):
        limit = budget_items_pb2.BudgetLimit(amount=money_pb2.Money(currency=CURRENCY, minor=200_000))
        await budgets.CreateBudgetItem(
            budget_items_pb2.CreateBudgetItemRequest(
                request_id=str(uuid4()),
                book_id=book_id,
                budget_id=made.budget.id,
                name=f"item {position}",
                position=position,
                category_ids=[category_id],
                limits=[limit],
            )
        )
    return budget_analysis_pb2.GetBudgetAnalysisRequest(
        book_id=book_id, budget_id=made.budget.id, on=ASKED_ON, before=PERIODS - 1
    )
