"""A request for each call of groups that takes an id, which would succeed but for the id that a test puts in."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from circle import Circle, make_circle, money
from people import BookOf, Person, new_id, sign_up
from rpc.groups import hall
from tallystick_client.v1 import (
    group_activity_pb2,
    group_plans_pb2,
    group_recurring_pb2,
    group_service_pb2,
    group_settlements_pb2,
    ledger_links_pb2,
    ledger_templates_pb2,
)

_DAY = "2026-02-03"
_SERVICE = group_service_pb2.DESCRIPTOR.services_by_name["GroupService"]


async def make_group_nouns(person: Person) -> tuple[Circle, dict[str, str]]:
    """A group with something of everything, and its ids by the names of the fields that take them."""
    circle = await make_circle(person, "Gus")
    gus, groups = circle.guests["Gus"], person.groups
    common: dict[str, Any] = {"request_id": new_id(), "group_id": circle.id}
    expense = await circle.spend()

    async def named(call: Any, request_type: Any, **fields: Any) -> Any:
        return await call(request_type(**{**common, "request_id": new_id(), **fields}))

    comment = await named(groups.AddComment, group_activity_pb2.AddCommentRequest, expense_id=expense.id, text="x")
    recurring = await named(
        groups.CreateRecurringExpense,
        group_recurring_pb2.CreateRecurringExpenseRequest,
        draft=_recurring_draft(circle),
        schedule=_schedule(),
    )
    plan = await named(
        groups.CreateSettlementPlan,
        group_plans_pb2.CreateSettlementPlanRequest,
        strategy=group_plans_pb2.SettlementStrategy.SETTLEMENT_STRATEGY_FEWEST,
    )
    settlement = await named(
        groups.RecordSettlement,
        group_settlements_pb2.RecordSettlementRequest,
        from_member_id=gus,
        to_member_id=circle.owner_id,
        amount=money(1),
        booked_on=_DAY,
    )
    await hall.update(person, circle.id, discoverable=True, join_policy=hall.APPROVAL)
    asked = (await hall.join_group(await sign_up(person.client, "Zoe"), circle.id)).join_request
    await hall.update(person, circle.id, "discoverable")
    return circle, {
        "group_id": circle.id,
        "member_id": gus,
        "from_member_id": gus,
        "to_member_id": circle.owner_id,
        "via_member_id": gus,
        "user_id": person.user.id,
        "expense_id": expense.id,
        "comment_id": comment.comment.id,
        "recurring_id": recurring.recurring.id,
        "plan_id": plan.plan.id,
        "settlement_id": settlement.settlement.id,
        "join_request_id": asked.id,
    }


async def make_link(book: BookOf, group_id: str) -> str:
    """The book follows the group from then on."""
    request = ledger_links_pb2.LinkGroupToBookRequest(request_id=new_id(), book_id=book.id, group_id=group_id)
    request.paid_from_account_id, request.default_category_id = book.account_id, book.spending_id
    link_id: str = (await book.person.ledger.LinkGroupToBook(request)).link.id
    return link_id


def compose(name: str, field: str, circle: Circle, ids: Mapping[str, str]) -> Message:
    """The request of a call, such that `field` can be set in it."""
    request_type: Any = GetMessageClass(_SERVICE.methods_by_name[name].input_type)
    fields = request_type.DESCRIPTOR.fields_by_name
    own: dict[str, Any] = {"group_id": circle.id} if "group_id" in fields else {}
    # What the call is about. Lists are narrowed only by what the test puts in, and what is new has no id yet.
    abouts = ("expense_id", "comment_id", "recurring_id", "plan_id", "settlement_id", "join_request_id")
    is_new = name.startswith(("Create", "Record"))
    own |= {
        each: ids[each]
        for each in abouts
        if each in fields and not is_new and (name, each) != ("AddComment", "comment_id")
    }
    if "request_id" in fields:
        own["request_id"] = new_id()
    request: Message = request_type(**own | _extras(name, field, circle))
    return request


def _extras(name: str, field: str, circle: Circle) -> dict[str, Any]:
    draft = circle.draft()
    usual: dict[str, dict[str, Any]] = {
        "UpdateGroup": {"name": "x"},
        "LockPeriod": {"locked_until": "2020-01-01"},
        "AddGuest": {"display_name": "x"},
        "LeaveGroup": {"settled": {}},
        "CreateExpense": {"expense": draft},
        "PreviewSplit": {"expense": draft},
        "BatchCreateExpenses": {"expenses": [draft]},
        "UpdateExpense": {"change": {"description": "x"}},
        "RevertExpense": {"to_version": 1},
        "AddComment": {"text": "x"},
        "CreateRecurringExpense": {"draft": _recurring_draft(circle), "schedule": _schedule()},
        "UpdateRecurringExpense": {"schedule": _schedule()},
        "RecordSettlement": {
            "from_member_id": circle.guests["Gus"],
            "to_member_id": circle.owner_id,
            "amount": money(1),
            "booked_on": _DAY,
        },
    }
    extras = usual.get(name, {})
    if field == "via_member_id":
        extras["strategy"] = group_plans_pb2.SettlementStrategy.SETTLEMENT_STRATEGY_VIA_MEMBER
    if (name, field) == ("RecordSettlement", "plan_id"):
        extras["plan_line"] = 0
    return extras


def _recurring_draft(circle: Circle) -> Any:
    draft = circle.draft()
    draft.ClearField("booked_on")
    return draft


def _schedule() -> ledger_templates_pb2.Schedule:
    return ledger_templates_pb2.Schedule(starts_on="2126-01-01", rule="FREQ=MONTHLY")
