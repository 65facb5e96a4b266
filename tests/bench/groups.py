"""What do shared expenses cost? Recording one that a book follows, asking who owes what, and finding the fewest payments."""

import asyncio
import random
import time
from collections.abc import Awaitable, Collection
from random import Random
from typing import Any
from uuid import uuid4

from bench import load
from bench.books import CURRENCY, Book, bearer, make_books, make_owner, with_new_request_id
from bench.effort import CALLERS, CONNECTIONS, Effort
from bench.figures import Figure, at_least, at_most
from bench.place import Place
from bench.rates import LEDGER
from circle import Circle, make_circle
from people import Person
from tallystick.store.journal import CHANGES_MAX
from tallystick.v1.group_balances_pb2 import GetBalancesRequest
from tallystick.v1.group_expenses_pb2 import CreateExpenseRequest, ExpenseDraft
from tallystick.v1.group_members_pb2 import ListJoinRequestsRequest
from tallystick.v1.group_plans_pb2 import SettlementStrategy, SuggestSettlementsRequest
from tallystick.v1.group_settlements_pb2 import RecordSettlementRequest
from tallystick.v1.group_splits_pb2 import EqualSplit, ExpenseSplit, Payer
from tallystick.v1.ledger_links_pb2 import GetGroupLinkRequest, LinkGroupToBookRequest
from tallystick.v1.money_pb2 import Money
from tallystick_client.v1 import group_expenses_pb2 as client_expenses

CREATE, BALANCES = "create_expense_linked_vs_create_transaction", "get_balances_10k_vs_empty_call"
SUGGEST, BLOCKED = "suggest_16_members_ms", "blocked_by_suggesting_ms"
NAMES = (CREATE, BALANCES, SUGGEST, BLOCKED)
CREATE_TARGET, BALANCES_TARGET, SUGGEST_TARGET_MS, BLOCKED_TARGET_MS = 0.6, 3.0, 100.0, 20.0
GROUPS = "/tallystick.v1.GroupService"
GUESTS = ("Bea", "Cem", "Dan", "Eli")
GROUPS_OF_A_USER = 12
MEMBERS_MANY, EXPENSES_MANY = 20, 10_000
MEMBERS_SETTLING, SUGGESTIONS = 16, 9
WARM_UP_S, TICK_S, LOOK_S = 0.2, 0.001, 0.02
FOLLOWED_WITHIN_S = 120.0


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    figures = []
    if CREATE in wanted:
        figures.append(await _measure_creating(place, effort))
    if BALANCES in wanted:
        figures.append(await _measure_balances(place, effort))
    if {SUGGEST, BLOCKED} & set(wanted):
        figures += await _measure_suggesting(place)
    return figures


async def _measure_creating(place: Place, effort: Effort) -> Figure:
    """The books follow in the same process meanwhile, and the time until they hold everything counts."""
    metadata, creating, sharing, links = [], [], [], list[tuple[Person, GetGroupLinkRequest]]()
    for _ in range(CONNECTIONS):
        person, owner = await make_owner(place.server)
        books = await make_books(place, owner, GROUPS_OF_A_USER)
        metadata.append(bearer(person))
        creating.append([book.expense(random.randint(1, 100_000)).SerializeToString() for book in books])
        circles = [await make_circle(person, *GUESTS) for _ in books]
        sharing.append([_expense(circle, random.randint(1, 100_000)).SerializeToString() for circle in circles])
        links += [(person, await _link(person, book, circle)) for book, circle in zip(books, circles, strict=True)]
    await place.analyze()
    creates = load.Target(place.server.port, f"{LEDGER}/CreateTransaction", metadata)
    shares = load.Target(place.server.port, f"{GROUPS}/CreateExpense", metadata)
    rates: dict[str, list[float]] = {"create": [], "share": []}
    for _ in range(effort.rounds):
        for name, target, requests in (("create", creates, creating), ("share", shares, sharing)):
            started = time.perf_counter()
            tally = await load.run(
                target,
                lambda connection, requests=requests: with_new_request_id(random.choice(requests[connection])),  # type: ignore[misc]  # a lambda with a default is untyped
                effort.round_s,
                callers=CALLERS,
                connections=CONNECTIONS,
            )
            tally.require_no_failures()
            answered_after = time.perf_counter() - started
            await asyncio.gather(*(_followed(person, request) for person, request in links))
            rates[name].append(tally.rate * answered_after / (time.perf_counter() - started))
    return at_least(CREATE, rates["share"], rates["create"], "/s", CREATE_TARGET)


def _expense(circle: Circle, minor: int) -> CreateExpenseRequest:
    """Still without its request_id."""
    payers, split = [Payer(member_id=circle.owner_id, minor=minor)], EqualSplit(member_ids=circle.everybody)
    draft = ExpenseDraft(
        booked_on="2026-02-03",
        description="Dinner at the harbour",
        amount=Money(currency=CURRENCY, minor=minor),
        payers=payers,
        split=ExpenseSplit(equal=split),
        category="food",
    )
    return CreateExpenseRequest(group_id=circle.id, expense=draft)


async def _link(person: Person, book: Book, circle: Circle) -> GetGroupLinkRequest:
    request = LinkGroupToBookRequest(
        request_id=str(uuid4()),
        book_id=str(book.id),
        group_id=circle.id,
        paid_from_account_id=str(book.account_id),
        default_category_id=str(book.category_id),
    )
    made = (await person.ledger.LinkGroupToBook(request)).link
    return GetGroupLinkRequest(book_id=made.book_id, link_id=made.id)


async def _followed(person: Person, request: GetGroupLinkRequest) -> None:
    async with asyncio.timeout(FOLLOWED_WITHIN_S):
        while (seen := await person.ledger.GetGroupLink(request)).followed_version < seen.group_version:
            await asyncio.sleep(LOOK_S)


async def _measure_balances(place: Place, effort: Effort) -> Figure:
    """Next to a call that signs in, looks into the same group and finds nothing."""
    person, _ = await make_owner(place.server)
    circle = await make_circle(person, *(f"guest {number}" for number in range(MEMBERS_MANY - 1)))
    dice = Random(1)
    for start in range(0, EXPENSES_MANY, CHANGES_MAX):
        drafts = [_drawn(circle, dice) for _ in range(min(CHANGES_MAX, EXPENSES_MANY - start))]
        await person.groups.BatchCreateExpenses(
            client_expenses.BatchCreateExpensesRequest(request_id=str(uuid4()), group_id=circle.id, expenses=drafts)
        )
    await place.analyze()
    asked = {
        "GetBalances": GetBalancesRequest(group_id=circle.id).SerializeToString(),
        "ListJoinRequests": ListJoinRequestsRequest(group_id=circle.id).SerializeToString(),
    }
    assert len((await person.groups.GetBalances(GetBalancesRequest(group_id=circle.id))).balances) == MEMBERS_MANY
    times: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(effort.page_rounds):
        for name, wire in asked.items():
            target = load.Target(place.server.port, f"{GROUPS}/{name}", [bearer(person)])
            tally = await load.run(
                target,
                lambda _, wire=wire: wire,  # type: ignore[misc]  # a lambda with a default is untyped
                effort.page_round_s,
                callers=1,
                connections=1,
                warm_up_s=WARM_UP_S,
            )
            tally.require_no_failures()
            times[name].append(tally.p50_ms)
    return at_most(BALANCES, times["GetBalances"], times["ListJoinRequests"], "ms", BALANCES_TARGET)


def _drawn(circle: Circle, dice: Random) -> client_expenses.ExpenseDraft:
    sharers = dice.sample(circle.everybody, dice.randint(2, MEMBERS_MANY))
    return circle.draft(dice.randint(100, 50_000), by=dice.choice(circle.everybody), among=sharers)


async def _measure_suggesting(place: Place) -> list[Figure]:
    """Sixteen balances of whole units of which no two are opposite. Meanwhile another person asks for something small, again and again."""
    person, _ = await make_owner(place.server)
    circle = await make_circle(person, *(f"guest {number}" for number in range(MEMBERS_SETTLING - 1)))
    for guest, minor in zip(circle.guests.values(), Random(3).sample(range(1, 60), MEMBERS_SETTLING - 1), strict=True):
        await _give(person, circle, minor, *Random(minor).sample([circle.owner_id, guest], 2))
    request = SuggestSettlementsRequest(
        group_id=circle.id, strategy=SettlementStrategy.SETTLEMENT_STRATEGY_FEWEST, exact_members_max=MEMBERS_SETTLING
    )
    answer = await person.groups.SuggestSettlements(request)
    assert all(each.optimal for each in answer.currencies)
    other, _ = await make_owner(place.server)
    small = ListJoinRequestsRequest(group_id=(await make_circle(other)).id)
    alone = sorted([await _took_ms(other.groups.ListJoinRequests(small)) for _ in range(200)])
    took, waited = list[float](), list[float]()
    for _ in range(SUGGESTIONS):
        suggesting = asyncio.create_task(_took_ms(person.groups.SuggestSettlements(request)))
        while not suggesting.done():
            waited.append(await _took_ms(other.groups.ListJoinRequests(small)))
        took.append(await suggesting)
    usual = alone[len(alone) // 2]
    print(
        f"suggesting: {min(took):.0f} to {max(took):.0f} ms; another call {usual:.1f} ms alone, at most {max(waited):.1f}"
    )
    blocked = max(waited) - usual
    return [
        Figure(
            SUGGEST,
            sorted(took)[len(took) // 2],
            "ms",
            target=f"<= {SUGGEST_TARGET_MS:g}",
            met=max(took) <= SUGGEST_TARGET_MS,
        ),
        Figure(BLOCKED, blocked, "ms", target=f"<= {BLOCKED_TARGET_MS:g}", met=blocked <= BLOCKED_TARGET_MS),
    ]


async def _give(person: Person, circle: Circle, minor: int, from_id: str, to_id: str) -> None:
    amount = Money(currency=CURRENCY, minor=minor)
    fields: dict[str, Any] = {
        "from_member_id": from_id,
        "to_member_id": to_id,
        "amount": amount,
        "booked_on": "2026-02-03",
    }
    await person.groups.RecordSettlement(RecordSettlementRequest(request_id=str(uuid4()), group_id=circle.id, **fields))


async def _took_ms(call: Awaitable[object]) -> float:
    started = time.perf_counter()
    await call
    return (time.perf_counter() - started) * 1000
