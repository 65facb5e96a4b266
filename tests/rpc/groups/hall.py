"""How do tests speak about groups themselves and who is in them? Short names for the calls that nearly every test of them makes."""

from typing import Any
from uuid import UUID

import proof
from circle import Circle
from people import Client, Person, new_id, sign_up
from rpc.spaces.sharing import share
from tallystick.app import App
from tallystick_client.v1 import group_members_pb2 as members_pb
from tallystick_client.v1 import group_pb2 as pb
from tallystick_client.v1.group_splits_pb2 import MemberWeight

OPEN, APPROVAL = pb.JoinPolicy.JOIN_POLICY_OPEN, pb.JoinPolicy.JOIN_POLICY_APPROVAL
INVITED = pb.JoinPolicy.JOIN_POLICY_INVITED
DECLINED = members_pb.JoinRequestState.JOIN_REQUEST_STATE_DECLINED
APPROVED = members_pb.JoinRequestState.JOIN_REQUEST_STATE_APPROVED
WAITING = members_pb.JoinRequestState.JOIN_REQUEST_STATE_OPEN

Group = Any


async def make(person: Person, **other: Any) -> Group:
    fields: dict[str, Any] = {"request_id": new_id(), "name": "Trip", "default_currency": "EUR"}
    return (await person.groups.CreateGroup(pb.CreateGroupRequest(**fields | other))).group


async def get(person: Client, group_id: str) -> Group:
    return (await person.groups.GetGroup(pb.GetGroupRequest(group_id=group_id))).group


async def groups_of(person: Client, **filters: Any) -> list[Group]:
    return list((await person.groups.ListGroups(pb.ListGroupsRequest(**filters))).groups)


def update_request(group_id: str, *paths: str, **fields: Any) -> pb.UpdateGroupRequest:
    request = pb.UpdateGroupRequest(**{"request_id": new_id(), "group_id": group_id} | fields)
    request.update_mask.paths.extend(paths)
    return request


async def update(person: Person, group_id: str, *paths: str, **fields: Any) -> Group:
    return (await person.groups.UpdateGroup(update_request(group_id, *paths, **fields))).group


async def archive(person: Person, group_id: str) -> Group:
    return (await person.groups.ArchiveGroup(pb.ArchiveGroupRequest(request_id=new_id(), group_id=group_id))).group


async def unarchive(person: Person, group_id: str) -> Group:
    request = pb.UnarchiveGroupRequest(request_id=new_id(), group_id=group_id)
    return (await person.groups.UnarchiveGroup(request)).group


async def delete(person: Person, group_id: str) -> Group:
    return (await person.groups.DeleteGroup(pb.DeleteGroupRequest(request_id=new_id(), group_id=group_id))).group


async def restore(person: Person, group_id: str) -> Group:
    request = pb.RestoreGroupRequest(request_id=new_id(), group_id=group_id)
    return (await person.groups.RestoreGroup(request)).group


async def lock(person: Person, group_id: str, until: str) -> Group:
    request = pb.LockPeriodRequest(request_id=new_id(), group_id=group_id, locked_until=until)
    return (await person.groups.LockPeriod(request)).group


async def reopen(person: Person, group_id: str, until: str = "") -> Group:
    request = pb.ReopenPeriodRequest(request_id=new_id(), group_id=group_id, locked_until=until)
    return (await person.groups.ReopenPeriod(request)).group


async def search(person: Client, query: str = "", **other: Any) -> members_pb.SearchGroupsResponse:
    found: members_pb.SearchGroupsResponse = await person.groups.SearchGroups(
        members_pb.SearchGroupsRequest(query=query, **other)
    )
    return found


async def join_group(person: Person, group_id: str, message: str = "") -> members_pb.JoinGroupResponse:
    request = members_pb.JoinGroupRequest(request_id=new_id(), group_id=group_id, message=message)
    joined: members_pb.JoinGroupResponse = await person.groups.JoinGroup(request)
    return joined


async def waiting(owner: Person, group_id: str, **other: Any) -> list[members_pb.JoinRequest]:
    request = members_pb.ListJoinRequestsRequest(group_id=group_id, **other)
    return list((await owner.groups.ListJoinRequests(request)).join_requests)


def answer_request(asked: members_pb.JoinRequest, *, approve: bool) -> members_pb.AnswerJoinRequestRequest:
    return members_pb.AnswerJoinRequestRequest(
        request_id=new_id(), group_id=asked.group_id, join_request_id=asked.id, approve=approve
    )


async def answer(
    owner: Person, asked: members_pb.JoinRequest, *, approve: bool = True
) -> members_pb.AnswerJoinRequestResponse:
    answered: members_pb.AnswerJoinRequestResponse = await owner.groups.AnswerJoinRequest(
        answer_request(asked, approve=approve)
    )
    return answered


def leave_request(group_id: str, member_id: str = "", **remainder: Any) -> members_pb.LeaveGroupRequest:
    """`settled=True`, `taken_over=<member id>` or `forgiven=True` say what becomes of the balance."""
    said: dict[str, Any] = {}
    if remainder.pop("settled", False):
        said["settled"] = members_pb.SettledOnLeaving()
    if remainder.pop("forgiven", False):
        said["forgiven"] = members_pb.ForgivenOnLeaving()
    if taker := remainder.pop("taken_over", ""):
        said["taken_over"] = members_pb.TakenOverOnLeaving(member_id=taker)
    return members_pb.LeaveGroupRequest(
        request_id=new_id(), group_id=group_id, member_id=member_id, **said, **remainder
    )


async def leave_group(
    person: Person, group_id: str, member_id: str = "", **remainder: Any
) -> members_pb.LeaveGroupResponse:
    left: members_pb.LeaveGroupResponse = await person.groups.LeaveGroup(
        leave_request(group_id, member_id, **remainder)
    )
    return left


async def with_member(circle: Circle, name: str, role: Any) -> Person:
    """Somebody with a login who shares the group."""
    person = await sign_up(circle.person.client, name)
    await share(circle.person, circle.id, person, role)
    return person


def parts(**weights: int) -> list[MemberWeight]:
    return [MemberWeight(member_id=member_id, weight=weight) for member_id, weight in weights.items()]


def nets_of(server: App, database: proof.Connection, group_id: str) -> dict[tuple[str, str], int]:
    """What each member is owed or owes, by member and currency, as it is kept; nothing where it is zero."""
    seal = proof.open_seal(database, server.store.keys, UUID(group_id))
    kept, _ = proof.read_tallies(database, seal)
    return {(str(member_id), currency): net for (member_id, currency), net in kept.items()}


def debts_of(server: App, database: proof.Connection, group_id: str) -> dict[tuple[str, str, str], int]:
    """What the one owes the other, both ways round."""
    seal = proof.open_seal(database, server.store.keys, UUID(group_id))
    _, kept = proof.read_tallies(database, seal)
    found = {}
    for (one, other, currency), owes in kept.items():
        found[str(one), str(other), currency] = owes
        found[str(other), str(one), currency] = -owes
    return found


def listed(database: proof.Connection, group_id: str) -> list[tuple[Any, ...]]:
    """The entry of a group among those that everybody may find."""
    return database.execute(
        "SELECT name, description, default_currency, join_policy FROM group_listing WHERE space_id = %s",
        (UUID(group_id),),
    ).fetchall()


def audited(database: proof.Connection, group_id: str) -> list[str]:
    rows = database.execute("SELECT action FROM audit WHERE scope_id = %s ORDER BY seq", (UUID(group_id),)).fetchall()
    return [action for (action,) in rows]
