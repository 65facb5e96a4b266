"""What becomes of a space when one of its users is erased? Run inside the write door of that space, once for each."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tallystick.errors import NotVisible
from tallystick.groups.members.queries import JOIN_REQUESTS_OF_USER
from tallystick.groups.members.rules_joining import nameless
from tallystick.groups.profiles.writes import UNLIST_GROUP
from tallystick.groups.tables import JOIN_REQUEST
from tallystick.identity import queries, rules, writes
from tallystick.store import journal
from tallystick.store.entity import Entity
from tallystick.store.members import MEMBER
from tallystick.store.tx import WriteTx
from tallystick.v1.auth_service_pb2 import DeleteMeRequest, DeleteMeResponse
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import Member, MemberState


async def erase_from_space(tx: WriteTx, request: DeleteMeRequest) -> DeleteMeResponse:
    """A nameless member remains, and somebody owns the space; or, without another member, its keys are destroyed. What they owe or are
    owed in a group stays. Where they asked to be let in, nothing says any more who asked.

    All of it is one commit under the space's lock: nobody can join a space that is being erased.
    """
    user_id = tx.caller.user_id
    rows, asked = await tx.fetch_all(
        queries.MEMBERS_OF_SPACE(space_id=tx.space_id),
        JOIN_REQUESTS_OF_USER(space_id=tx.space_id, user_id=user_id),
    )
    members = [tx.open(MEMBER, row) for row in rows]
    own = next((member for member in members if member.user_id == str(user_id)), None)
    if own is None and not asked:
        raise NotVisible
    for request_to_join in (tx.open(JOIN_REQUEST, row) for row in asked):
        tx.put(JOIN_REQUEST, request_to_join, nameless(request_to_join))
        await _forget_in_history(tx, JOIN_REQUEST, UUID(request_to_join.id), ("user_id", "display_name", "message"))
    if own is not None:
        await _erase_member(tx, own, members)
    tx.beside(writes.LEAVE_SPACE(of_user=user_id, of_space=tx.space_id))
    return DeleteMeResponse()


async def _erase_member(tx: WriteTx, own: Member, members: Sequence[Member]) -> None:
    was_active = rules.is_active_user(own)
    others = [member for member in members if rules.is_active_user(member) and member.id != own.id]
    heir = rules.find_heir(own, others)
    if heir is not None:
        owner = _copy(heir)
        owner.role = Role.ROLE_OWNER
        tx.put(MEMBER, heir, owner)
        tx.audit("role_changed", UUID(heir.id))
    tx.put(MEMBER, own, _nameless(own))
    tx.raise_access()
    tx.audit("member_erased", UUID(own.id))
    await _forget_in_history(tx, MEMBER, UUID(own.id), ("user_id", "display_name"))
    if was_active and not others:
        tx.beside(writes.DROP_SPACE_KEYS(of_space=tx.space_id))
        # The one place where a group's name can be read without a key.
        tx.beside(UNLIST_GROUP(of_space=tx.space_id))
        tx.beside(writes.ERASE_SPACE(of_space=tx.space_id, now=tx.now))
        tx.audit("space_erased")


async def _forget_in_history(tx: WriteTx, entity: Entity[Any], entity_id: UUID, fields: Sequence[str]) -> None:
    """Takes what says who they were out of an entity's earlier states, which the journal keeps."""
    of_entity = queries.JOURNAL_OF_ENTITY(space_id=tx.space_id, entity_id=entity_id, entity_kind=entity.kind)
    for seq, ordinal, sealed in await tx.fetch(of_entity):
        row = journal.row_of(ordinal, entity_id)
        before = entity.message_type.FromString(tx.seal.open(journal.PLACE, row, seq, sealed))
        for field in fields:
            before.ClearField(field)
        body = tx.seal.close(journal.PLACE, row, seq, before.SerializeToString(deterministic=True))
        tx.beside(writes.REWRITE_JOURNAL(of_space=tx.space_id, of_seq=seq, of_ordinal=ordinal, new_body=body))


def _nameless(member: Member) -> Member:
    erased = _copy(member)
    erased.user_id = erased.display_name = ""
    erased.state = MemberState.MEMBER_STATE_ERASED
    return erased


def _copy(member: Member) -> Member:
    copy = Member()
    copy.CopyFrom(member)
    return copy
