"""What does a command's commit consist of? What it handed over, the journal of that, its audit notes, and its answer."""

from collections.abc import Callable
from uuid import UUID

from google.protobuf.message import Message

from tallystick.store import audit, door, journal
from tallystick.store.answers import AnswerKind
from tallystick.store.statements import Call
from tallystick.store.tx import WriteTx

ANSWER_PLACE = b"answer.body"


async def compose_commit(
    tx: WriteTx,
    request: Message,
    fingerprint: bytes,
    answer: bytes,
    hash_address: Callable[[str], bytes],
    kind: AnswerKind = AnswerKind.RESPONSE,
) -> list[Call[()]]:
    """Everything that must be written for a command, in order, up to but without the COMMIT."""
    request_id = UUID(request.request_id)  # type: ignore[attr-defined]  # every request of a write has one: tests/contract
    session_id = tx.caller.session_id
    stamp = journal.Stamp(tx.space_id, tx.seq, tx.caller.user_id, session_id, request_id, tx.now)
    calls = [*tx.handed_over(), *journal.compose_calls(stamp, tx.changes, tx.seal)]
    if tx.audit_notes:
        head = await tx.fetch(audit.HEAD(scope_id=tx.space_id))
        origin = audit.Origin(tx.caller.user_id, session_id, request_id, hash_address(tx.caller.address))
        calls += audit.compose_calls(tx.space_id, head, tx.audit_notes, origin, tx.now)
    calls.append(
        door.ANSWER(
            space_id=tx.space_id,
            request_id=request_id,
            fingerprint=fingerprint,
            seq=tx.seq,
            kind=kind,
            body=tx.seal.close(ANSWER_PLACE, request_id.bytes, tx.seq, answer),
        )
    )
    return calls
