"""What shall happen to a conflict? Somebody decides; the mutation that it kept is done after all, or not."""

from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from tallystick import contract
from tallystick.errors import RuleBroken, Stale
from tallystick.store.command import Command
from tallystick.store.journal import Op
from tallystick.store.refusals import require_role
from tallystick.store.tx import WriteTx
from tallystick.sync import queries
from tallystick.sync.registry import SPACE_FIELDS, Registry
from tallystick.sync.tables import CONFLICT
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.sync_conflicts_pb2 import ConflictChoice, ResolveConflictRequest
from tallystick.v1.sync_pb2 import Conflict, ConflictState
from tallystick.v1.sync_service_pb2 import ResolveConflictResponse


async def resolve_conflict(tx: WriteTx, request: ResolveConflictRequest, registry: Registry) -> ResolveConflictResponse:
    conflict = tx.require(
        CONFLICT, await tx.fetch(queries.CONFLICT_BY_ID(space_id=tx.space_id, id=UUID(request.conflict_id)))
    )
    if conflict.state != ConflictState.CONFLICT_STATE_OPEN:
        raise RuleBroken(ErrorReason.ERROR_REASON_CONFLICT_RESOLVED, "The conflict was decided before.")
    is_deleted = await _require_seen(tx, request, conflict)
    answer = b""
    state = ConflictState.CONFLICT_STATE_KEPT_THEIRS
    if request.choice == ConflictChoice.CONFLICT_CHOICE_TAKE_MINE:
        if is_deleted:
            await _restore(tx, registry, conflict)
        done = await _do(tx, registry, conflict)
        answer = done.SerializeToString(deterministic=True)
        state = ConflictState.CONFLICT_STATE_TOOK_MINE
    decided = Conflict()
    decided.CopyFrom(conflict)
    decided.state, decided.resolved_by = state, str(tx.caller.user_id)
    return ResolveConflictResponse(conflict=tx.put(CONFLICT, conflict, decided), answer=answer)


async def _require_seen(tx: WriteTx, request: ResolveConflictRequest, conflict: Conflict) -> bool:
    """Whether the entity is deleted now; nobody overwrites what they have not seen."""
    rows = await tx.fetch(queries.NEWEST(space_id=tx.space_id, entity_id=UUID(conflict.target_id)))
    version, is_deleted = next(
        ((seq, op == Op.DELETE) for kind, seq, op, _ in rows if kind == conflict.target_kind), (0, False)
    )
    if request.HasField("target_version") and request.target_version != version:
        raise Stale(current_version=version)
    return is_deleted


async def _restore(tx: WriteTx, registry: Registry, conflict: Conflict) -> None:
    """Brings back what the mutation changes. Every kind that can be deleted has such a command, and it names its space and target."""
    command = registry.find_command(f"restore_{conflict.target_kind}")
    if command is None:
        return
    request: Any = command.request()
    for field in request.DESCRIPTOR.fields:
        if field.name in SPACE_FIELDS:
            setattr(request, field.name, conflict.space_id)
        elif field.name.endswith("_id") and field.name != "request_id":
            setattr(request, field.name, conflict.target_id)
    await _run(tx, command, request)
    await tx.flush()


async def _do(tx: WriteTx, registry: Registry, conflict: Conflict) -> Message:
    """The mutation as it was made, on whatever is there now: that is what was decided."""
    chosen = conflict.mutation.WhichOneof("command")
    assert chosen, "a conflict keeps the mutation that it was raised for"
    request: Any = getattr(conflict.mutation, chosen)
    return await _run(tx, registry.command_of(request), request)


async def _run(tx: WriteTx, command: Command, request: Message) -> Message:
    require_role(tx.role, contract.access_of(request).role)
    return await command.run(tx, request)
