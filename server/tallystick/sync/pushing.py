"""What becomes of an outbox? Its mutations are decided one after the other, together in one commit as far as that goes."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.errors import LimitReached, NotVisible, TallystickError, TookTooLong, Unavailable
from tallystick.store.answers import Answered, AnswerKind
from tallystick.store.command import MoreThanOneCommit
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx
from tallystick.store.working_set import CommitBroken, WorkingSet
from tallystick.sync.conflicts import Meeting, find_deletion, find_meetings, raise_conflict
from tallystick.sync.outbox import Malformed, Pushed, Refused, Validate, read_mutation
from tallystick.sync.queries import HEAD
from tallystick.sync.registry import Registry
from tallystick.sync.tables import CONFLICT
from tallystick.v1.sync_pb2 import Conflict, FieldViolation, MutationResult, Outcome, Rejection
from tallystick.v1.sync_service_pb2 import PushRequest, PushResponse

Mutations = Sequence[Pushed | Malformed]
# Trouble that passes: it says nothing about the mutation, so the whole call fails and is repeated.
_PASSING = (Unavailable, TookTooLong, LimitReached)
_REFUSED = (Outcome.OUTCOME_REJECTED, Outcome.OUTCOME_BLOCKED_BY)


class Pushing:
    """Does what waited in outboxes."""

    def __init__(self, store: Store, registry: Registry, validate: Validate) -> None:
        self._store = store
        self._registry = registry
        self._validate = validate

    async def push(self, caller: Caller, request: PushRequest) -> PushResponse:
        read = partial(read_mutation, self._registry, self._validate, caller, UUID(request.space_id))
        left: Mutations = [read(mutation) for mutation in request.mutations]
        results: list[MutationResult] = []
        refused = Refused()
        while left:
            done = await self._commit(caller, request, left, refused)
            for each, result in zip(left, done, strict=False):
                _note(refused, each, result)
            results += done
            left = left[len(done) :]
        return PushResponse(results=results)

    async def _commit(
        self, caller: Caller, request: PushRequest, mutations: Mutations, refused: Refused
    ) -> list[MutationResult]:
        """What became of the first of these mutations: of as many as fit in one commit, but at least of one."""
        ids = [each.request_id for each in mutations if isinstance(each, Pushed)]
        decide = partial(self._decide, mutations=mutations, refused=refused)
        try:
            done = await self._store.write_together(caller, request.space_id, request, ids, decide)
        except CommitBroken as broken:
            if len(mutations) > 1:
                # One of them is to blame. The half that it is not in is done at once.
                return await self._commit(caller, request, mutations[: len(mutations) // 2], refused)
            if not isinstance(broken.cause, TallystickError):
                raise broken.cause from broken
            return [_rejected(str(ids[0]), broken.cause)]
        return done or [await self._do_alone(caller, request, mutations[0])]

    async def _decide(self, together: WorkingSet, mutations: Mutations, refused: Refused) -> list[MutationResult]:
        refused, results = refused.copy(), []
        for each in mutations:
            try:
                result = await self._decide_one(together, each, refused)
            except MoreThanOneCommit:
                break
            _note(refused, each, result)
            results.append(result)
        return results

    async def _decide_one(self, together: WorkingSet, pushed: Pushed | Malformed, refused: Refused) -> MutationResult:
        if isinstance(pushed, Malformed):
            return _rejected(pushed.request_id, pushed.problem)
        request_id = str(pushed.request_id)
        try:
            if first := together.find_answer(pushed.request):
                return _repeated(request_id, *first)
            if blocker := refused.find_blocker(pushed.subject):
                return MutationResult(request_id=request_id, outcome=Outcome.OUTCOME_BLOCKED_BY, blocked_by=blocker)
            return await self._do(together, pushed)
        except _PASSING:
            raise
        except TallystickError as problem:
            return _rejected(request_id, problem)

    async def _do(self, together: WorkingSet, pushed: Pushed) -> MutationResult:
        tx = together.begin()
        pushed.require_allowed(tx.caller, tx.role)
        try:
            answer = await pushed.command.run(tx, pushed.request)
        except NotVisible:
            deletion = await find_deletion(tx, self._registry.entities, pushed)
            if deletion is None:
                raise
            if pushed.subject.is_deleted:
                # Both wanted it gone.
                return MutationResult(
                    request_id=str(pushed.request_id),
                    outcome=Outcome.OUTCOME_MERGED,
                    version=deletion.now.message.version,
                )
            return await _keep_conflict(together, deletion, pushed)
        meetings = await find_meetings(tx, self._registry.entities, pushed)
        met = next((meeting for meeting in meetings if meeting.verdict.is_conflict), None)
        if met is not None:
            return await _keep_conflict(together, met, pushed)
        return await _take(together, tx, pushed, answer, meetings)

    async def _do_alone(self, caller: Caller, request: PushRequest, pushed: Pushed | Malformed) -> MutationResult:
        """In commits of its own: it changes more than one commit holds."""
        assert isinstance(pushed, Pushed), "what is malformed is refused in any commit"
        assert pushed.command.alone is not None, f"{pushed.command.name} has no way to take more than one commit"
        try:
            answer = await pushed.command.alone(self._store, caller, pushed.request)
        except _PASSING:
            raise
        except TallystickError as problem:
            return _rejected(str(pushed.request_id), problem)
        tx = self._store.reader(caller, request.space_id, request)
        ((_, head, _),) = await tx.fetch(HEAD(space_id=tx.space_id))
        return MutationResult(
            request_id=str(pushed.request_id),
            outcome=Outcome.OUTCOME_APPLIED,
            version=head,
            answer=answer.SerializeToString(deterministic=True),
        )


async def _take(
    together: WorkingSet, tx: WriteTx, pushed: Pushed, answer: Message, meetings: Sequence[Meeting]
) -> MutationResult:
    body = answer.SerializeToString(deterministic=True)
    await together.take(tx, pushed.request, body, AnswerKind.RESPONSE)
    return MutationResult(
        request_id=str(pushed.request_id),
        outcome=Outcome.OUTCOME_MERGED if meetings else Outcome.OUTCOME_APPLIED,
        version=tx.seq,
        answer=body,
        replaced=[meeting.replaced for meeting in meetings if meeting.verdict.met],
    )


async def _keep_conflict(together: WorkingSet, meeting: Meeting, pushed: Pushed) -> MutationResult:
    """Nothing of the mutation is done; the conflict keeps it whole."""
    tx = together.begin()
    conflict = tx.add(CONFLICT, raise_conflict(meeting, tx, pushed))
    body = conflict.SerializeToString(deterministic=True)
    await together.take(tx, pushed.request, body, AnswerKind.CONFLICT)
    return _in_conflict(str(pushed.request_id), tx.seq, conflict)


def _repeated(request_id: str, first: Answered, body: bytes) -> MutationResult:
    if first.kind == AnswerKind.CONFLICT:
        return _in_conflict(request_id, first.seq, Conflict.FromString(body))
    return MutationResult(request_id=request_id, outcome=Outcome.OUTCOME_REPEATED, version=first.seq, answer=body)


def _in_conflict(request_id: str, version: int, conflict: Conflict) -> MutationResult:
    return MutationResult(request_id=request_id, outcome=Outcome.OUTCOME_CONFLICT, version=version, conflict=conflict)


def _rejected(request_id: str, problem: TallystickError) -> MutationResult:
    violations = [
        FieldViolation(field=each.field, rule=each.rule, description=each.description) for each in problem.violations
    ]
    rejection = Rejection(
        reason=problem.reason, message=problem.message, violations=violations, metadata=problem.metadata
    )
    return MutationResult(request_id=request_id, outcome=Outcome.OUTCOME_REJECTED, rejection=rejection)


def _note(refused: Refused, mutation: Pushed | Malformed, result: MutationResult) -> None:
    if result.outcome in _REFUSED:
        refused.note(mutation.subject, result.request_id)
