"""How is it told what became of a mutation?"""

from collections.abc import Sequence

from tallystick.errors import LimitReached, TallystickError, TookTooLong, Unavailable
from tallystick.store.answers import Answered, AnswerKind
from tallystick.sync.conflicts import Meeting
from tallystick.sync.outbox import Pushed
from tallystick.v1.sync_pb2 import Conflict, FieldViolation, MutationResult, Outcome, Rejection

# Trouble that passes: it says nothing about the mutation, so the whole call fails and is repeated.
PASSING = (Unavailable, TookTooLong, LimitReached)


def done(pushed: Pushed, version: int, answer: bytes, meetings: Sequence[Meeting]) -> MutationResult:
    """`meetings`: what others had changed meanwhile."""
    return MutationResult(
        request_id=str(pushed.request_id),
        outcome=Outcome.OUTCOME_MERGED if meetings else Outcome.OUTCOME_APPLIED,
        version=version,
        answer=answer,
        replaced=[meeting.replaced for meeting in meetings if meeting.verdict.met],
    )


def agreed(pushed: Pushed, version: int) -> MutationResult:
    """What it wanted gone was gone already."""
    return MutationResult(request_id=str(pushed.request_id), outcome=Outcome.OUTCOME_MERGED, version=version)


def repeated(pushed: Pushed, first: Answered, body: bytes) -> MutationResult:
    if first.kind == AnswerKind.CONFLICT:
        return in_conflict(pushed, first.seq, Conflict.FromString(body))
    return MutationResult(
        request_id=str(pushed.request_id), outcome=Outcome.OUTCOME_REPEATED, version=first.seq, answer=body
    )


def in_conflict(pushed: Pushed, version: int, conflict: Conflict) -> MutationResult:
    return MutationResult(
        request_id=str(pushed.request_id), outcome=Outcome.OUTCOME_CONFLICT, version=version, conflict=conflict
    )


def blocked(pushed: Pushed, blocker: str) -> MutationResult:
    return MutationResult(request_id=str(pushed.request_id), outcome=Outcome.OUTCOME_BLOCKED_BY, blocked_by=blocker)


def rejected(request_id: str, problem: TallystickError) -> MutationResult:
    violations = [
        FieldViolation(field=each.field, rule=each.rule, description=each.description) for each in problem.violations
    ]
    rejection = Rejection(
        reason=problem.reason, message=problem.message, violations=violations, metadata=problem.metadata
    )
    return MutationResult(request_id=request_id, outcome=Outcome.OUTCOME_REJECTED, rejection=rejection)
