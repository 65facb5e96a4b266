"""How do tests make expenses recur, and ask about them? Short names for the calls that nearly every such test makes."""

from dataclasses import replace
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from circle import Circle
from people import new_id
from recurring import DAILY, schedule_of, today
from rpc.spaces.sharing import back
from tallystick_client.v1 import group_recurring_pb2 as pb
from tallystick_client.v1.group_expenses_pb2 import Expense, ExpenseDraft, ListExpensesRequest
from tallystick_client.v1.group_recurring_pb2 import RecurringExpense


def draft_of(circle: Circle, minor: int = 3000, **other: Any) -> ExpenseDraft:
    """The rent, paid by the owner and shared by all; whatever is given replaces the usual."""
    return circle.draft(minor, **{"booked_on": "", "description": "Rent"} | other)


def new_recurring(circle: Circle, **other: Any) -> pb.CreateRecurringExpenseRequest:
    """A request for the rent at each month's end; whatever is given replaces the usual."""
    usual: dict[str, Any] = {
        "request_id": new_id(),
        "group_id": circle.id,
        "draft": draft_of(circle),
        "schedule": schedule_of("2126-01-31"),
    }
    return pb.CreateRecurringExpenseRequest(**usual | other)


async def make_recurring(circle: Circle, **other: Any) -> RecurringExpense:
    made: RecurringExpense = (
        await circle.person.groups.CreateRecurringExpense(new_recurring(circle, **other))
    ).recurring
    return made


async def call(verb: str, recurring: RecurringExpense, circle: Circle, **fields: Any) -> RecurringExpense:
    """Makes a writing call about one recurring expense."""
    request = getattr(pb, f"{verb}RecurringExpenseRequest")
    usual = {"request_id": new_id(), "group_id": circle.id, "recurring_id": recurring.id}
    answer = await getattr(circle.person.groups, f"{verb}RecurringExpense")(request(**usual | fields))
    after: RecurringExpense = answer.recurring
    return after


async def update(circle: Circle, recurring: RecurringExpense, *paths: str, **fields: Any) -> RecurringExpense:
    mask = {"update_mask": FieldMask(paths=paths)} if paths else {}
    return await call("Update", recurring, circle, **mask, **fields)


async def pause(circle: Circle, recurring: RecurringExpense, *, paused: bool = True) -> RecurringExpense:
    return await update(circle, recurring, "paused", paused=paused)


async def get(circle: Circle, recurring: RecurringExpense) -> RecurringExpense:
    request = pb.GetRecurringExpenseRequest(group_id=circle.id, recurring_id=recurring.id)
    found: RecurringExpense = (await circle.person.groups.GetRecurringExpense(request)).recurring
    return found


async def posted_of(circle: Circle, recurring: RecurringExpense) -> list[Expense]:
    """The expenses that were posted from it, by slot."""
    found, token = list[Expense](), ""
    while True:
        page = await circle.person.groups.ListExpenses(
            ListExpensesRequest(group_id=circle.id, page_size=200, page_token=token)
        )
        found += [each for each in page.expenses if each.recurring_id == recurring.id]
        token = page.next_page_token
        if not token:
            return sorted(found, key=lambda each: each.slot_on)


async def slots_of(circle: Circle, recurring: RecurringExpense) -> list[str]:
    return [each.slot_on for each in await posted_of(circle, recurring)]


async def daily(circle: Circle, days: int, **other: Any) -> RecurringExpense:
    """An expense that recurs on so many days from today on."""
    starts_on = other.pop("starts_on", today())
    return await make_recurring(circle, schedule=schedule_of(starts_on, DAILY, count=days), **other)


async def as_back(circle: Circle) -> Circle:
    """The group of somebody who has signed in anew, because their session is over when the clock is turned far."""
    return replace(circle, person=await back(circle.person))
