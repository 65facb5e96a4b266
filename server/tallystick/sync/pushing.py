"""What becomes of an outbox? As many of its mutations as can be are one commit; what takes more has commits of its own."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import psycopg

from tallystick.caller import Caller
from tallystick.errors import NotVisible, TallystickError
from tallystick.log import log
from tallystick.store.store import Store
from tallystick.store.working_set import CommitBroken, WorkingSet
from tallystick.sync import results
from tallystick.sync.deciding import Deciding
from tallystick.sync.outbox import Malformed, Pushed, Refused, Validate, read_mutation
from tallystick.sync.queries import ANSWERED_AT
from tallystick.sync.registry import Registry
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.sync_pb2 import MutationResult
from tallystick.v1.sync_service_pb2 import PushRequest, PushResponse

Mutations = Sequence[Pushed | Malformed]


class Pushing:
    """Does what waited in outboxes."""

    def __init__(self, store: Store, registry: Registry, validate: Validate) -> None:
        self._store = store
        self._registry = registry
        self._validate = validate

    async def push(self, caller: Caller, request: PushRequest) -> PushResponse:
        read = partial(read_mutation, self._registry, self._validate, caller, UUID(request.space_id))
        left: Mutations = [read(mutation) for mutation in request.mutations]
        found: list[MutationResult] = []
        refused = Refused()
        while left:
            try:
                done = await self._commit(caller, request, left, refused)
            except NotVisible as gone:
                if not found:
                    raise
                # One of those before made the caller go.
                done = [results.rejected(str(each.request_id), gone) for each in left]
            for each, result in zip(left, done, strict=False):
                refused.note(each, result)
            found += done
            left = left[len(done) :]
        return PushResponse(results=found)

    async def _commit(
        self, caller: Caller, request: PushRequest, mutations: Mutations, refused: Refused
    ) -> list[MutationResult]:
        """What became of the first of these mutations: of as many as fit in one commit, but at least of one."""

        async def decide(together: WorkingSet) -> list[MutationResult]:
            return await Deciding(together, self._registry.entities, refused.copy()).decide(mutations)

        ids = [each.request_id for each in mutations if isinstance(each, Pushed)]
        try:
            done = await self._store.write_together(caller, request.space_id, request, ids, decide)
        except (TallystickError, psycopg.Error):
            raise
        except Exception as broken:  # noqa: BLE001 - a fault of ours in one mutation must not hold up the others for ever
            if len(mutations) > 1:
                # One of them is to blame. The half that it is not in is done at once.
                return await self._commit(caller, request, mutations[: len(mutations) // 2], refused)
            return [results.rejected(str(ids[0]), _problem_of(broken, mutations[0]))]
        return done or [await self._do_alone(caller, request, mutations[0])]

    async def _do_alone(self, caller: Caller, request: PushRequest, pushed: Pushed | Malformed) -> MutationResult:
        """In commits of its own: it changes more than one commit holds."""
        assert isinstance(pushed, Pushed), "what is malformed is refused in any commit"
        assert pushed.command.alone is not None, f"{pushed.command.name} has no way to take more than one commit"
        try:
            answer = await pushed.command.alone(self._store, caller, pushed.request)
        except results.PASSING:
            raise
        except TallystickError as problem:
            return results.rejected(str(pushed.request_id), problem)
        tx = self._store.reader(caller, request.space_id, request)
        # Its last commit holds the answer. Somebody who sent the same at the same time is told the same.
        ((version,),) = await tx.fetch(ANSWERED_AT(space_id=tx.space_id, request_id=pushed.request_id))
        return results.done(pushed, version, answer.SerializeToString(deterministic=True), ())


def _problem_of(broken: Exception, mutation: Pushed | Malformed) -> TallystickError:
    """What is told of a mutation that could not even be judged."""
    if isinstance(broken, CommitBroken) and isinstance(broken.cause, TallystickError):
        return broken.cause
    name = mutation.command.name if isinstance(mutation, Pushed) else ""
    log("mutation_failed", level="error", error=broken, command=name, request_id=mutation.request_id)
    return TallystickError(ErrorReason.ERROR_REASON_INTERNAL, "Something went wrong. The operator finds it in the log.")
