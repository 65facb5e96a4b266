"""Does a group come back, as a new one and in its place?"""

from dataclasses import replace
from random import Random
from uuid import UUID

import pytest

import proof
from circle import Circle, money
from groups.trip import DAYS, Dice
from people import BookOf, Person, new_id
from rebuilding.comparing import derived_of, entities_of, history_of
from rebuilding.journal import caller_of, save
from rebuilding.proving import require_sound
from rpc import group_cases
from rpc.spaces.sharing import share
from tallystick.app import App
from tallystick.v1.ledger_service_pb2 import CreateBookRequest
from tallystick_client.v1 import group_pb2, group_settlements_pb2, space_pb2, space_service_pb2
from tallystick_client.v1.group_expenses_pb2 import DeleteExpenseRequest, ExpenseKind

State = space_pb2.MemberState


async def make_rich(ann: Person, bob: Person) -> tuple[Circle, list[str]]:
    """A group with something of everything, and a trip's worth of expenses of all kinds."""
    circle, _ = await group_cases.make_group_nouns(ann)
    await share(ann, circle.id, bob)
    members = await ann.spaces.ListMembers(space_service_pb2.ListMembersRequest(space_id=circle.id))
    dice = Dice(Random(7), [each.id for each in members.members])
    ids = []
    for day in range(DAYS):
        made = await circle.spend(**{"expense": dice.expense(day)} if False else {})
        ids.append(made.id)
    return circle, ids


async def members_of(person: Person, space_id: str) -> dict[str, space_pb2.Member]:
    listed = await person.spaces.ListMembers(
        space_service_pb2.ListMembersRequest(space_id=space_id, include_former=True)
    )
    return {each.id: each for each in listed.members}
