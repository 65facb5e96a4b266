"""Does a trip come out even? Two weeks, six people with a book each, three devices that meet now and then."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from circle import Circle, make_circle
from groups.trip import CATEGORIES, DAYS, Dice, fewest_payments
from people import PASSWORD, BookOf, Client, Person, make_book, new_id, sign_up
from rpc.spaces.sharing import share
from sdk_python.devices import apart
from tallystick import app
from tallystick.ledger.links.job import FollowJob
from tallystick_client import Client as SdkClient
from tallystick_client import MemoryTokens
from tallystick_client.offline import OfflineBook, Verdict
from tallystick_client.v1.group_balances_pb2 import GetBalancesRequest
from tallystick_client.v1.group_expenses_pb2 import (
    CreateExpenseRequest,
    DeleteExpenseRequest,
    Expense,
    ExpenseDraft,
    ExpenseKind,
    ListExpensesRequest,
    UpdateExpenseRequest,
)
from tallystick_client.v1.group_plans_pb2 import CreateSettlementPlanRequest, SettlementPlan, SettlementStrategy
from tallystick_client.v1.group_settlements_pb2 import ConfirmSettlementRequest, RecordSettlementRequest
from tallystick_client.v1.ledger_links_pb2 import GetGroupLinkRequest, GroupLink, LinkGroupToBookRequest
from tallystick_client.v1.ledger_pb2 import TransactionKind
from tallystick_client.v1.ledger_service_pb2 import GetAccountBalanceRequest, ListTransactionsRequest
from tallystick_client.v1.space_service_pb2 import ListMembersRequest
from tallystick_client.v1.sync_conflicts_pb2 import ConflictChoice

SEED = int(os.environ.get("TALLYSTICK_TEST_SEED", "20260101"))
NAMES = ("Bob", "Cyd", "Dee", "Eli", "Flo")
DEVICES = 3
MEET_ON = (4, 9, DAYS - 1)
A_DAY = 2
EXPENSE, INCOME = TransactionKind.TRANSACTION_KIND_EXPENSE, TransactionKind.TRANSACTION_KIND_INCOME


@dataclass
class Traveller:
    """Somebody whose book follows the group."""

    person: Person
    member_id: str
    book: BookOf
    link_id: str

    async def link(self) -> GroupLink:
        request = GetGroupLinkRequest(book_id=self.book.id, link_id=self.link_id)
        link: GroupLink = (await self.person.ledger.GetGroupLink(request)).link
        return link


@dataclass
class Phone:
    """A device with a copy of the group. It blocks: tests use it in a thread."""

    client: SdkClient
    book: OfflineBook


async def test_a_trip_that_was_recorded_offline_settles_to_zero_and_everybody_has_spent_their_own_share(
    server: app.App, client: Client, ann: Person, tmp_path: Path
) -> None:
    circle, travellers = await _set_out(client, ann)
    dice = Dice(Random(SEED), [each.member_id for each in travellers])
    with ExitStack() as packed:
        phones = await apart(
            lambda: [packed.enter_context(_phone(server, each, circle, tmp_path)) for each in travellers[:DEVICES]]
        )
        for day in range(DAYS):
            await apart(lambda day=day: _live(phones, dice, day))  # type: ignore[misc]  # a lambda with a default is untyped
            if day in MEET_ON:
                await apart(lambda: _meet(phones))
        await apart(lambda: _agree(phones))
    await _catch_up(server)
    await _require_own_shares(circle, travellers)
    nets = await _nets(ann, circle)
    await _settle(circle, travellers, nets)
    assert await _nets(ann, circle) == {}
    await _catch_up(server)
    await _require_own_shares(circle, travellers)
    assert [await _receivable(each) for each in travellers] == [{}] * len(travellers)


async def _set_out(client: Client, ann: Person) -> tuple[Circle, list[Traveller]]:
    circle = await make_circle(ann)
    people = [ann, *[await sign_up(client, name) for name in NAMES]]
    for person in people[1:]:
        await share(ann, circle.id, person)
    members = (await ann.spaces.ListMembers(ListMembersRequest(space_id=circle.id))).members
    by_user = {member.user_id: member.id for member in members}
    travellers = []
    for person in people:
        book = await make_book(person)
        request = LinkGroupToBookRequest(
            request_id=new_id(),
            book_id=book.id,
            group_id=circle.id,
            paid_from_account_id=book.account_id,
            default_category_id=book.spending_id,
        )
        link = (await person.ledger.LinkGroupToBook(request)).link
        travellers.append(Traveller(person, by_user[person.user.id], book, link.id))
    return circle, travellers


@contextmanager
def _phone(server: app.App, whose: Traveller, circle: Circle, folder: Path) -> Iterator[Phone]:
    client = SdkClient(f"127.0.0.1:{server.port}", MemoryTokens())
    client.sign_in(whose.person.email, PASSWORD)
    book = OfflineBook.open(folder / f"{whose.member_id}.db", circle.id, whose.person.user.id)
    try:
        book.sync(client)
        yield Phone(client, book)
    finally:
        book.close()
        client.close()


def _live(phones: list[Phone], dice: Dice, day: int) -> None:
    """A day without a network: expenses, and second thoughts about those of before."""
    for phone in phones:
        before = phone.book.list(Expense)
        for _ in range(A_DAY):
            phone.book.do(CreateExpenseRequest(expense=dice.expense(day)))
        if before and dice.random.random() < 0.3:
            chosen = dice.random.choice(before).id
            change = UpdateExpenseRequest(expense_id=chosen, change=ExpenseDraft(note=f"seen on day {day + 1}"))
            phone.book.do(change)
        if before and dice.random.random() < 0.1:
            phone.book.do(DeleteExpenseRequest(expense_id=dice.random.choice(before).id))


def _meet(phones: list[Phone]) -> None:
    for phone in phones:
        phone.book.sync(phone.client)


def _agree(phones: list[Phone]) -> None:
    """What met is decided, and then all copies are the same."""
    for phone in phones:
        phone.book.sync(phone.client)
        for conflict in phone.book.conflicts():
            phone.book.resolve(conflict, ConflictChoice.CONFLICT_CHOICE_KEEP_THEIRS)
        phone.book.sync(phone.client)
        # An expense that another device deleted takes no note any more: nothing else may be refused.
        assert {parked.rejection.reason for parked in phone.book.tray() if parked.rejection} == set()
    _meet(phones)
    for phone in phones:
        assert phone.book.waiting == 0
        assert phone.book.verify(phone.client) is Verdict.SAME


async def _nets(ann: Person, circle: Circle) -> dict[tuple[str, str], int]:
    answer = await ann.groups.GetBalances(GetBalancesRequest(group_id=circle.id))
    return {(each.net.currency, each.member_id): each.net.minor for each in answer.balances}


async def _settle(circle: Circle, travellers: list[Traveller], nets: dict[tuple[str, str], int]) -> None:
    """As few payments as there can be; each is recorded by who pays and confirmed by who is paid."""
    request = CreateSettlementPlanRequest(
        request_id=new_id(), group_id=circle.id, strategy=SettlementStrategy.SETTLEMENT_STRATEGY_FEWEST
    )
    plan: SettlementPlan = (await circle.person.groups.CreateSettlementPlan(request)).plan
    by_member = {each.member_id: each.person for each in travellers}
    for part in plan.currencies:
        assert part.optimal
        assert len(part.payments) == fewest_payments(
            [net for (currency, _), net in nets.items() if currency == part.currency]
        )
        for payment in part.payments:
            paid = RecordSettlementRequest(
                request_id=new_id(),
                group_id=circle.id,
                to_member_id=payment.to_member_id,
                plan_id=plan.id,
                plan_line=payment.line,
                booked_on="2026-08-01",
            )
            made = (await by_member[payment.from_member_id].groups.RecordSettlement(paid)).settlement
            confirm = ConfirmSettlementRequest(request_id=new_id(), group_id=circle.id, settlement_id=made.id)
            await by_member[payment.to_member_id].groups.ConfirmSettlement(confirm)


async def _require_own_shares(circle: Circle, travellers: list[Traveller]) -> None:
    """What a book calls spending is what its owner bears; what the group owes them is on the receivable account."""
    listed = await circle.person.groups.ListExpenses(ListExpensesRequest(group_id=circle.id, page_size=200))
    assert not listed.next_page_token, "more expenses than one page holds are compared in part only"
    assert {each.category for each in listed.expenses} <= set(CATEGORIES)
    owed: dict[str, Counter[str]] = defaultdict(Counter)
    for expense in listed.expenses:
        sign = -1 if expense.kind == ExpenseKind.EXPENSE_KIND_INCOME else 1
        is_converted = expense.HasField("conversion")
        currency = (expense.conversion.amount if is_converted else expense.amount).currency
        for part in expense.shares:
            owed[part.member_id][currency] += sign * (part.converted_owed_minor if is_converted else part.owed_minor)
    nets = await _nets(circle.person, circle)
    for each in travellers:
        assert await _spent(each) == _without_zeros(owed[each.member_id]), each.person.email
        own = {currency: net for (currency, member_id), net in nets.items() if member_id == each.member_id}
        assert await _receivable(each) == own, each.person.email


async def _spent(traveller: Traveller) -> dict[str, int]:
    spent, token = Counter[str](), ""
    while True:
        request = ListTransactionsRequest(
            book_id=traveller.book.id, page_size=200, page_token=token, kinds=[EXPENSE, INCOME]
        )
        page = await traveller.person.ledger.ListTransactions(request)
        for each in page.transactions:
            for entry in each.entries:
                spent[entry.amount.currency] -= entry.amount.minor
        token = page.next_page_token
        if not token:
            return _without_zeros(spent)


async def _receivable(traveller: Traveller) -> dict[str, int]:
    """What the group owes them by their own book, where it is not zero."""
    accounts = (await traveller.link()).accounts
    held = {each.currency: await _held(traveller, each.receivable_account_id) for each in accounts}
    return {currency: minor for currency, minor in held.items() if minor}


async def _held(traveller: Traveller, account_id: str) -> int:
    request = GetAccountBalanceRequest(book_id=traveller.book.id, account_id=account_id)
    return int((await traveller.person.ledger.GetAccountBalance(request)).balance.balance.minor)


async def _catch_up(server: app.App) -> None:
    await FollowJob(server.store, server.apart).run()


def _without_zeros(sums: Counter[str]) -> dict[str, int]:
    return {currency: amount for currency, amount in sums.items() if amount}
