"""What does a command's commit consist of? What it handed over, the journal of that, its audit notes, and its answer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from tallystick.store import audit, door, journal
from tallystick.store.answers import Answer
from tallystick.store.statements import Call
from tallystick.store.tx import WriteTx

ANSWER_PLACE = b"answer.body"


async def compose_commit(
    tx: WriteTx, answers: Sequence[Answer], hash_address: Callable[[str], bytes]
) -> list[Call[()]]:
    """Everything that must be written, in order, up to but without the COMMIT. Several answers are those of commands that made one
    change each, in their order."""
    request_id = id_of(answers[0].request)
    session_id = tx.caller.session_id
    stamp = journal.Stamp(tx.space_id, tx.seq, tx.caller.user_id, session_id, request_id, tx.now)
    changes = tx.changes
    if len(answers) > 1:
        changes = [
            replace(change, request_id=id_of(each.request)) for change, each in zip(changes, answers, strict=True)
        ]
    calls = [*tx.handed_over(), *journal.compose_calls(stamp, changes, tx.seal)]
    if tx.audit_notes:
        head = await tx.fetch(audit.HEAD(scope_id=tx.space_id))
        origin = audit.Origin(tx.caller.user_id, session_id, request_id, hash_address(tx.caller.address))
        calls += audit.compose_calls(tx.space_id, head, tx.audit_notes, origin, tx.now)
    return [*calls, *(_compose_answer(tx, each) for each in answers)]


def id_of(request: Any) -> UUID:
    """Every request of a write has one: tests/contract."""
    return UUID(request.request_id)


def _compose_answer(tx: WriteTx, answer: Answer) -> Call[()]:
    request_id = id_of(answer.request)
    return door.ANSWER(
        space_id=tx.space_id,
        request_id=request_id,
        fingerprint=answer.fingerprint,
        seq=tx.seq,
        kind=answer.kind,
        body=tx.seal.close(ANSWER_PLACE, request_id.bytes, tx.seq, answer.body),
    )
