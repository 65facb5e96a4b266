"""What do the calls about the proof of a book mean in our words, and back? One short method per RPC."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.ledger.proof.proving import BookProof, Step, Verdict
from tallystick.proof.proving import Progress
from tallystick.store.store import Store
from tallystick.v1.ledger_proof_pb2 import (
    Difference,
    VerifyBookRequest,
    VerifyBookResponse,
    VerifyProgress,
)
from tallystick.v1.ledger_proof_pb2 import Verdict as VerdictMessage

Context = ServicerContext[Any, Any]


class ProofCalls:
    """The calls about the proof of a book."""

    _store: Store
    _proof: BookProof

    async def VerifyBook(self, request: VerifyBookRequest, context: Context) -> AsyncIterator[VerifyBookResponse]:
        viewer = caller()
        # Admits the caller. The proof itself is the store's own work: a member sees only a part of the book.
        await self._store.reader(viewer, request.book_id, request).fetch_all()
        async with aclosing(self._proof.steps(UUID(request.book_id))) as steps:
            async for step in steps:
                yield _compose_response(step, viewer.user_id)


def _compose_response(step: Step, viewer_id: UUID) -> VerifyBookResponse:
    if isinstance(step, Progress):
        progress = VerifyProgress(transactions_checked=step.checked, transactions_total=step.total)
        return VerifyBookResponse(progress=progress)
    if isinstance(step, Verdict):
        verdict = VerdictMessage(
            holds=not step.differences,
            transactions=step.transactions,
            accounts=step.accounts,
            changes=step.changes,
            differences=step.differences,
            version=step.version,
        )
        return VerifyBookResponse(verdict=verdict)
    difference = Difference(kind=step.kind, subject=step.subject)
    if step.may_be_told(viewer_id):
        difference.expected, difference.actual = step.expected, step.actual
    return VerifyBookResponse(difference=difference)
