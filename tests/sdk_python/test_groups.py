"""Does a copy of a group show beforehand what the real server will make of every kind of command?"""

import asyncio
from typing import Any

from google.protobuf.message import Message

from circle import Circle, equally, money
from people import Person
from sdk_python.devices import Device, Devices, end
from sdk_python.drafts import many_drafts
from sdk_python.told import Told, both_ways, look
from tallystick_client import new_id
from tallystick_client.offline.applying_expenses import EXPENSE_RULES
from tallystick_client.offline.applying_groups import GROUP_RULES
from tallystick_client.offline.applying_settlements import SETTLEMENT_RULES
from tallystick_client.offline.commands import name_of
from tallystick_client.v1 import (
    group_activity_pb2,
    group_expenses_pb2,
    group_members_pb2,
    group_pb2,
    group_recurring_pb2,
    group_settlements_pb2,
)
from tallystick_client.v1.group_balances_pb2 import GetBalancesRequest
from tallystick_client.v1.group_plans_pb2 import (
    CancelSettlementPlanRequest,
    CreateSettlementPlanRequest,
    SettlementPlan,
)
from tallystick_client.v1.sync_conflicts_pb2 import ConflictChoice

# Messages within messages are written as dictionaries here, which types do not allow.
activity: Any = group_activity_pb2
expenses: Any = group_expenses_pb2
groups: Any = group_pb2
members: Any = group_members_pb2
recurring: Any = group_recurring_pb2
settlements: Any = group_settlements_pb2


def commands_of_settlements(circle: Circle, made: dict[str, str]) -> list[Message]:
    one, gus, hal = circle.everybody
    record = settlements.RecordSettlementRequest
    return [
        record(settlement_id=made["a"].upper(), from_member_id=gus, to_member_id=one, amount=money(400), note=" x "),
        record(settlement_id=made["b"], to_member_id=hal, amount=money(10), booked_on="2026-02-03"),
        record(
            settlement_id=made["c"],
            from_member_id=hal,
            to_member_id=one,
            amount=money(5),
            paid=money(6, "USD"),
            booked_on="2026-02-03",
        ),
        settlements.ConfirmSettlementRequest(settlement_id=made["a"]),
        settlements.DisputeSettlementRequest(settlement_id=made["b"], text=" never came "),
        settlements.DisputeSettlementRequest(settlement_id=made["b"], text="really"),
        settlements.ConfirmSettlementRequest(settlement_id=made["b"]),
        settlements.ReverseSettlementRequest(settlement_id=made["c"]),
        settlements.ReverseSettlementRequest(settlement_id=made["c"]),
    ]


async def test_settlements(tablet: Device, circle: Circle) -> None:
    one, gus, _ = circle.everybody
    made = {name: new_id() for name in "abc"}

    def story() -> None:
        told = Told(tablet)
        told.all(*commands_of_settlements(circle, made))
        told.all(settlements.ConfirmSettlementRequest(settlement_id=made["c"]), refused=1)
        told.all(settlements.RecordSettlementRequest(from_member_id=gus, to_member_id=gus, amount=money(1)), refused=2)
        told.all(settlements.RecordSettlementRequest(to_member_id=one, amount=money(1)), refused=3)
        told.all(settlements.RecordSettlementRequest(to_member_id=gus, amount=money(0)), refused=4)

    await asyncio.to_thread(story)


def commands_about_groups(circle: Circle, made: dict[str, str]) -> list[Message]:
    one, gus, hal = circle.everybody
    weights = [{"member_id": one.upper(), "weight": 2}, {"member_id": made["ivy"], "weight": 1}]
    default = expenses.ExpenseDraft(booked_on="2026-02-03", amount=money(1000))
    return [
        groups.UpdateGroupRequest(name=" Hike ", description=" up ", simplify_debts=True, time_zone="Europe/Zurich"),
        groups.UpdateGroupRequest(update_mask={"paths": ["description"]}, join_policy=2),
        members.AddGuestRequest(member_id=made["ivy"].upper(), display_name="  Ivy "),
        # What is there by then decides who shares it.
        expenses.CreateExpenseRequest(expense=default),
        groups.UpdateGroupRequest(default_split=weights),
        expenses.CreateExpenseRequest(expense=default),
        expenses.CreateExpenseRequest(expense=circle.draft(1000, expense_id=made["dinner"], by=gus)),
        activity.AddCommentRequest(comment_id=made["said"], expense_id=made["dinner"].upper(), text=" Too salty "),
        activity.AddCommentRequest(comment_id=made["gone"], expense_id=made["dinner"], text="x"),
        activity.DeleteCommentRequest(comment_id=made["gone"]),
        groups.LockPeriodRequest(locked_until="2026-02-28"),
        expenses.UpdateExpenseRequest(expense_id=made["dinner"], change={"note": "may change"}),
        groups.ReopenPeriodRequest(locked_until="2026-01-31"),
        groups.ReopenPeriodRequest(),
        groups.ArchiveGroupRequest(),
        expenses.UpdateExpenseRequest(expense_id=made["dinner"], change={"note": "kept"}),
        settlements.RecordSettlementRequest(to_member_id=hal, amount=money(3)),
        groups.UnarchiveGroupRequest(),
    ]


def refused_about_groups(circle: Circle, made: dict[str, str]) -> list[Message]:
    one, gus, _ = circle.everybody
    return [
        groups.UpdateGroupRequest(name="  ", update_mask={"paths": ["name"]}),
        groups.UpdateGroupRequest(default_split=[{"member_id": one, "weight": 0}]),
        groups.UpdateGroupRequest(default_split=[{"member_id": one, "weight": 1}, {"member_id": one, "weight": 1}]),
        groups.UpdateGroupRequest(default_split=[{"member_id": new_id(), "weight": 1}]),
        groups.ReopenPeriodRequest(locked_until="2026-01-31"),
        groups.LockPeriodRequest(locked_until="2026-02-30"),
        members.AddGuestRequest(display_name=" "),
        activity.AddCommentRequest(expense_id=new_id(), text="x"),
        activity.AddCommentRequest(expense_id=made["dinner"], text="  "),
    ]


def in_locked_period(circle: Circle, made: dict[str, str]) -> list[Message]:
    """Refused, each of them."""
    one, gus, _ = circle.everybody
    return [
        expenses.CreateExpenseRequest(expense=circle.draft(1000)),
        expenses.UpdateExpenseRequest(expense_id=made["dinner"], change={"amount": money(5)}),
        expenses.UpdateExpenseRequest(expense_id=made["dinner"], change={"booked_on": "2026-04-01"}),
        expenses.DeleteExpenseRequest(expense_id=made["dinner"]),
        expenses.RestoreExpenseRequest(expense_id=made["lunch"]),
        settlements.RecordSettlementRequest(to_member_id=gus, amount=money(1), booked_on="2026-02-28"),
        settlements.ReverseSettlementRequest(settlement_id=made["paid"]),
    ]


@both_ways
async def test_groups_guests_and_comments(tablet: Device, circle: Circle, at_once: bool) -> None:
    made = {name: new_id() for name in ("ivy", "dinner", "lunch", "said", "gone", "paid")}

    def story() -> None:
        told = Told(tablet, at_once=at_once)
        told.all(*commands_about_groups(circle, made))
        bad, locked = refused_about_groups(circle, made), in_locked_period(circle, made)
        told.all(*bad, refused=len(bad))
        told.all(
            expenses.CreateExpenseRequest(expense=circle.draft(7, expense_id=made["lunch"])),
            expenses.DeleteExpenseRequest(expense_id=made["lunch"]),
            settlements.RecordSettlementRequest(
                settlement_id=made["paid"], to_member_id=circle.guests["Gus"], amount=money(1), booked_on="2026-02-28"
            ),
            groups.LockPeriodRequest(locked_until="2026-02-28"),
            refused=len(bad),
        )
        told.at_once = False
        told.all(*locked, refused=len(bad) + len(locked))
        told.all(groups.ArchiveGroupRequest(), refused=len(bad) + len(locked))
        archived = [
            expenses.CreateExpenseRequest(expense=circle.draft(1000, booked_on="2026-05-01")),
            members.AddGuestRequest(display_name="Kim"),
        ]
        told.all(*archived, refused=len(bad) + len(locked) + len(archived))

    await asyncio.to_thread(story)


@both_ways
async def test_recurring_expenses(tablet: Device, circle: Circle, at_once: bool) -> None:
    recurring_id, gus = new_id(), circle.guests["Gus"]
    draft = circle.draft(900, booked_on="", by=gus.upper(), split=equally(gus.upper(), circle.owner_id))
    schedule = {"starts_on": "2030-01-01", "rule": "FREQ=MONTHLY"}
    create = recurring.CreateRecurringExpenseRequest

    def story() -> None:
        told = Told(tablet, at_once=at_once)
        told.all(
            create(recurring_id=recurring_id.upper(), draft=draft, schedule=schedule),
            recurring.UpdateRecurringExpenseRequest(recurring_id=recurring_id, paused=True),
            recurring.UpdateRecurringExpenseRequest(recurring_id=recurring_id, draft=circle.draft(901, booked_on="")),
            recurring.DeleteRecurringExpenseRequest(recurring_id=recurring_id),
            recurring.RestoreRecurringExpenseRequest(recurring_id=recurring_id),
        )
        told.all(create(draft=circle.draft(1), schedule=schedule), refused=1)
        told.all(create(draft=circle.draft(1, booked_on="", payers=[]), schedule=schedule), refused=2)

    await asyncio.to_thread(story)


@both_ways
async def test_plans_are_paid_and_cancelled(tablet: Device, circle: Circle, at_once: bool) -> None:
    plan_id, paid_id, one = new_id(), new_id(), circle.owner_id

    def pay(line: Any, **fields: Any) -> Any:
        usual = {"plan_id": plan_id, "plan_line": line.line, "booked_on": "2026-02-03"}
        ends = {"from_member_id": line.from_member_id, "to_member_id": line.to_member_id}
        return settlements.RecordSettlementRequest(**usual | ends | fields)

    def story() -> None:
        told = Told(tablet, at_once=at_once)
        told.all(expenses.CreateExpenseRequest(expense=circle.draft(3000)))
        # What it suggests only the server says.
        told.book.do(CreateSettlementPlanRequest(plan_id=plan_id))
        assert told.book.is_pending(SettlementPlan, plan_id)
        tablet.sync()
        plan = told.book.get(SettlementPlan, plan_id)
        assert plan is not None
        first, second = plan.currencies[0].payments
        # A device never conflicts with itself: what one of these does to the plan the next is made on.
        told.all(
            pay(first, settlement_id=paid_id),
            pay(second),
            settlements.DisputeSettlementRequest(settlement_id=paid_id),
            settlements.ConfirmSettlementRequest(settlement_id=paid_id),
            settlements.ReverseSettlementRequest(settlement_id=paid_id),
        )
        assert told.book.conflicts() == []
        told.all(pay(second), refused=1)
        told.all(pay(first, amount=money(1)), refused=2)
        told.all(pay(first, to_member_id=second.from_member_id), refused=3)
        told.all(CancelSettlementPlanRequest(plan_id=plan_id), refused=3)
        told.all(pay(first), refused=4)
        told.all(CancelSettlementPlanRequest(plan_id=plan_id), refused=5)
        assert told.book.group_balances()["EUR"].nets.keys() == {one, first.from_member_id}

    await asyncio.to_thread(story)


async def test_b16_balances_are_those_that_the_server_tells(tablet: Device, circle: Circle, ann: Person) -> None:
    def story() -> None:
        told = Told(tablet)
        told.all(*(expenses.CreateExpenseRequest(expense=each) for each in many_drafts(circle)))
        told.all(*commands_of_settlements(circle, {name: new_id() for name in "abc"}))

    await asyncio.to_thread(story)
    for as_of in ("", "2026-02-03", "2026-02-02"):
        said = await ann.groups.GetBalances(GetBalancesRequest(group_id=circle.id, as_of=as_of))
        shown = await asyncio.to_thread(tablet.book.group_balances, as_of)
        assert {(each.net.currency, each.member_id): each.net.minor for each in said.balances} == {
            (currency, member_id): minor for currency, open_ in shown.items() for member_id, minor in open_.nets.items()
        }
        assert {
            (each.amount.currency, each.from_member_id, each.to_member_id): each.amount.minor for each in said.debts
        } == {
            (currency, debt.from_member_id, debt.to_member_id): debt.minor
            for currency, open_ in shown.items()
            for debt in open_.debts
        }


async def test_two_devices_end_up_with_the_same(tablet: Device, devices: Devices, circle: Circle) -> None:
    laptop = devices.make("laptop", space_id=circle.id)
    dinner, lunch = new_id(), new_id()

    def change(device: Device, expense_id: str, **fields: Any) -> None:
        device.book.do(expenses.UpdateExpenseRequest(expense_id=expense_id, change=fields))

    def story() -> None:
        tablet.sync()
        for expense_id in (dinner, lunch):
            tablet.book.do(expenses.CreateExpenseRequest(expense=circle.draft(1000, expense_id=expense_id)))
        end(tablet, laptop)
        # What describes an expense is merged with what it costs; of two amounts none is lost.
        change(tablet, dinner, amount=money(2000))
        change(laptop, dinner, note="with Kim")
        change(tablet, lunch, amount=money(3000))
        change(laptop, lunch, split=equally(circle.owner_id))
        laptop.book.do(expenses.CreateExpenseRequest(expense=circle.draft(10)))
        end(tablet, laptop)
        assert look(tablet.book) == look(laptop.book)
        assert tablet.book.group_balances() == laptop.book.group_balances()
        shown = tablet.book.get(expenses.Expense, dinner)
        assert shown is not None
        assert (shown.amount.minor, shown.note) == (2000, "with Kim")
        (conflict,) = laptop.book.conflicts()
        assert conflict.target_id == lunch
        assert list(conflict.groups) == ["money"]
        laptop.book.resolve(conflict, ConflictChoice.CONFLICT_CHOICE_TAKE_MINE)
        before = look(laptop.book)
        end(laptop, tablet)
        assert look(laptop.book) == look(tablet.book) == before

    await asyncio.to_thread(story)


def test_every_rule_is_told(circle: Circle) -> None:
    """But for links, which books have."""
    made: Any = dict.fromkeys(("a", "b", "c", "ivy", "dinner", "lunch", "said", "gone", "paid"), new_id())
    told = {name_of(each) for each in [*commands_of_settlements(circle, made), *commands_about_groups(circle, made)]}
    told |= {f"{verb}_expense" for verb in ("create", "update", "delete", "restore")} | {"batch_create_expenses"}
    told |= {f"{verb}_recurring_expense" for verb in ("create", "update", "delete", "restore")}
    told |= {"cancel_settlement_plan", "update_group_link"}
    assert told == EXPENSE_RULES.keys() | GROUP_RULES.keys() | SETTLEMENT_RULES.keys()
