"""What becomes of a space when one of its users is erased? Run inside the write door of that space, once for each."""

from collections.abc import Sequence
from uuid import UUID

from tallystick.errors import NotVisible
from tallystick.identity import queries, rules, writes
from tallystick.identity.traces import Trace, Traces
from tallystick.store import journal
from tallystick.store.members import MEMBER
from tallystick.store.tx import WriteTx
from tallystick.v1.auth_service_pb2 import DeleteMeRequest, DeleteMeResponse
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import Member, MemberState


async def erase_from_space(tx: WriteTx, request: DeleteMeRequest, traces: Sequence[Traces]) -> DeleteMeResponse:
    """A nameless member remains, and somebody owns the space; or, without another member, its keys are destroyed. Nothing else that is
    kept says any more who they were.

    All of it is one commit under the space's lock: nobody can join a space that is being erased.
    """
    user_id = tx.caller.user_id
    rows = await tx.fetch(queries.MEMBERS_OF_SPACE(space_id=tx.space_id))
    members = [tx.open(MEMBER, row) for row in rows]
    own = next((member for member in members if member.user_id == str(user_id)), None)
    found = [trace for each in traces for trace in await each.forget(tx, user_id)]
    if own is None and not found:
        raise NotVisible
    for trace in found:
        await _forget_in_history(tx, trace)
    if own is not None:
        await _erase_member(tx, own, members, traces)
    tx.beside(writes.LEAVE_SPACE(of_user=user_id, of_space=tx.space_id))
    return DeleteMeResponse()


async def _erase_member(tx: WriteTx, own: Member, members: Sequence[Member], traces: Sequence[Traces]) -> None:
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
    await _forget_in_history(tx, Trace(MEMBER, UUID(own.id), ("user_id", "display_name")))
    if was_active and not others:
        tx.beside(writes.DROP_SPACE_KEYS(of_space=tx.space_id))
        for each in traces:
            each.erase_space(tx)
        tx.beside(writes.ERASE_SPACE(of_space=tx.space_id, now=tx.now))
        tx.audit("space_erased")


async def _forget_in_history(tx: WriteTx, trace: Trace) -> None:
    """Takes what says who they were out of an entity's earlier states, which the journal keeps."""
    entity, entity_id, fields = trace
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
