"""Which thresholds does `find_reached` tell of, and to whom?"""

from datetime import date
from uuid import UUID

from people import BookOf, Person, new_id, sign_up
from rpc.budgets.planning import make_envelopes, make_planning, weeks
from rpc.spaces.sharing import share
from tallystick.app import App
from tallystick.budgets.alerts import Reached, find_reached
from tallystick.caller import Caller
from tallystick.v1.budget_pb2 import GetBudgetRequest

TODAY = date(2026, 2, 20)


async def told(server: App, book: BookOf, person: Person, today: date = TODAY) -> list[Reached]:
    caller = Caller(UUID(person.user.id), UUID(person.user.home_id), None, "192.0.2.1")
    request = GetBudgetRequest(book_id=book.id, budget_id=new_id())
    async with server.store.reader(caller, book.id, request).snapshot() as tx:
        return await find_reached(tx, today)


async def test_a_book_without_budgets_has_nothing_to_tell(book: BookOf, server: App) -> None:
    assert await told(server, book, book.person) == []


async def test_what_is_reached_in_the_current_period_is_told(book: BookOf, server: App) -> None:
    planning = await make_planning(book, thresholds_bp=[5000, 8000, 10_000])
    food, fun = await planning.item("Food", 1000), await planning.item("Fun", 1000, thresholds_bp=[1])
    await planning.spend("Food", 800, "2026-02-03")
    await planning.spend("Food", 5000, "2026-01-31")
    await planning.spend("Fun", 1, "2026-02-03")
    found = [
        (each.item_id, each.item_name, each.threshold_bp, each.planned.minor, each.actual.minor)
        for each in await told(server, book, book.person)
    ]
    assert sorted(found) == sorted(
        [
            (UUID(food.id), "Food", 5000, 1000, 800),
            (UUID(food.id), "Food", 8000, 1000, 800),
            (UUID(fun.id), "Fun", 1, 1000, 1),
        ]
    )
    assert {(each.budget_id, each.budget_name, each.from_on) for each in await told(server, book, book.person)} == {
        (UUID(planning.budget.id), "Home", date(2026, 2, 1))
    }


async def test_every_budget_in_force_is_looked_at(book: BookOf, server: App) -> None:
    by_week = await make_planning(book, thresholds_bp=[10_000], periods=weeks("2026-02-16"))
    envelopes = await make_envelopes(book, thresholds_bp=[10_000])
    template = await make_planning(book, thresholds_bp=[10_000], template=True)
    later = await make_planning(book, thresholds_bp=[10_000], starts_on="2026-03-01")
    gone = await make_planning(book, thresholds_bp=[10_000])
    for planning in (by_week, envelopes, template, later, gone):
        await planning.item("Food", 100)
    await gone.call("DeleteBudget")
    await by_week.spend("Food", 100, "2026-02-17")
    reached = {str(each.budget_id) for each in await told(server, book, book.person)}
    assert reached == {by_week.budget.id, envelopes.budget.id}


async def test_what_is_spent_on_a_private_account_is_told_to_its_owner_only(book: BookOf, server: App) -> None:
    planning = await make_planning(book, thresholds_bp=[10_000])
    await planning.item("Food", 100)
    await planning.spend("Food", 100, "2026-02-03", account_id=await planning.account(private=True))
    eve = await sign_up(book.person.client, "Eve")
    await share(book.person, book.id, eve)
    assert len(await told(server, book, book.person)) == 1
    assert await told(server, book, eve) == []
