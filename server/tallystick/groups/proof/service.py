"""What do the calls about the proof of a group mean in our words, and back? One short method per RPC."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.groups.proof.proving import GroupProof, Step, Verdict
from tallystick.proof.proving import Progress
from tallystick.store.store import Store
from tallystick.v1.group_balances_pb2 import (
    GroupVerdict,
    VerifyGroupProgress,
    VerifyGroupRequest,
    VerifyGroupResponse,
)
from tallystick.v1.ledger_proof_pb2 import Difference

Context = ServicerContext[Any, Any]


class GroupProofCalls:
    """The calls about the proof of a group."""

    _store: Store
    _proof: GroupProof

    async def VerifyGroup(self, request: VerifyGroupRequest, context: Context) -> AsyncIterator[VerifyGroupResponse]:
        viewer = caller()
        # Admits the caller. The proof itself is the store's own work.
        await self._store.reader(viewer, request.group_id, request).fetch_all()
        async with aclosing(self._proof.steps(UUID(request.group_id))) as steps:
            async for step in steps:
                yield _compose_response(step, viewer.user_id)


def _compose_response(step: Step, viewer_id: UUID) -> VerifyGroupResponse:
    if isinstance(step, Progress):
        progress = VerifyGroupProgress(expenses_checked=step.checked, expenses_total=step.total)
        return VerifyGroupResponse(progress=progress)
    if isinstance(step, Verdict):
        verdict = GroupVerdict(
            holds=not step.differences,
            expenses=step.expenses,
            settlements=step.settlements,
            members=step.members,
            changes=step.changes,
            differences=step.differences,
            version=step.version,
        )
        return VerifyGroupResponse(verdict=verdict)
    difference = Difference(kind=step.kind, subject=step.subject)
    if step.may_be_told(viewer_id):
        difference.expected, difference.actual = step.expected, step.actual
    return VerifyGroupResponse(difference=difference)
