"""A request for each call about budgets that takes an id, which would succeed but for the id that a test puts in."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from people import BookOf, new_id
from rpc.budgets.planning import creating, make_envelopes, money
from tallystick_client.v1 import budget_service_pb2

_DAY = "2026-02-03"
_SERVICE = budget_service_pb2.DESCRIPTOR.services_by_name["BudgetService"]


async def make_budget_nouns(book: BookOf) -> dict[str, str]:
    """A budget with two items, and their ids by the names of the fields that take them."""
    planning = await make_envelopes(book)
    food, fun = await planning.item("Food"), await planning.item("Fun")
    move = await planning.assign(food, 1, _DAY)
    return {
        "budget_id": planning.budget.id,
        "budget_ids": planning.budget.id,
        "item_id": food.id,
        "from_item_id": food.id,
        "to_item_id": fun.id,
        "move_id": move.id,
    }


def compose(name: str, book: BookOf, ids: Mapping[str, str]) -> Message:
    """The request of a call, which names everything that it takes."""
    if name == "CreateBudget":
        return creating(book)
    request_type: Any = GetMessageClass(_SERVICE.methods_by_name[name].input_type)
    fields = request_type.DESCRIPTOR.fields_by_name
    own: dict[str, Any] = {"book_id": book.id}
    own |= {each: ids[each] for each in ("budget_id", "item_id", "from_item_id", "to_item_id") if each in fields}
    if "request_id" in fields:
        own["request_id"] = new_id()
    request: Message = request_type(**own | _extras(name, book))
    return request


def _extras(name: str, book: BookOf) -> dict[str, Any]:
    usual: dict[str, dict[str, Any]] = {
        "UpdateBudget": {"name": "x"},
        "CreateBudgetItem": {"name": "x", "category_ids": [book.spending_id], "item_id": ""},
        "UpdateBudgetItem": {"name": "x"},
        "AssignMoney": {"amount": money(1), "on": _DAY},
        "MoveMoney": {"amount": money(1), "on": _DAY},
        "CopyForward": {"from_on": _DAY, "to_on": "2026-03-03"},
        "GetBudgetAnalysis": {"on": _DAY},
    }
    return usual.get(name, {})
