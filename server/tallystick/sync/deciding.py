"""What becomes of each mutation of a commit? One after the other, each on what those before it did.

A run of commands that know how to be done together is done together: an outbox is mostly new expenses, and a round trip for each would
cost several times what the work itself does.
"""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from google.protobuf.message import Message

from tallystick.errors import NotVisible, TallystickError
from tallystick.store.answers import AnswerKind
from tallystick.store.command import MoreThanOneCommit, OneByOne
from tallystick.store.entity import Entity
from tallystick.store.journal import CHANGES_MAX
from tallystick.store.tx import WriteTx
from tallystick.store.working_set import WorkingSet
from tallystick.sync import results
from tallystick.sync.conflicts import Meeting, find_deletions, find_meetings, raise_conflict
from tallystick.sync.outbox import Malformed, Pushed, Refused
from tallystick.sync.tables import CONFLICT
from tallystick.v1.sync_pb2 import MutationResult

Mutations = Sequence[Pushed | Malformed]


class Deciding:
    """Goes through the mutations of one commit."""

    def __init__(self, together: WorkingSet, entities: Mapping[str, Entity[Any]], refused: Refused) -> None:
        self._together = together
        self._entities = entities
        self._refused = refused
        # How many are worth trying together: fewer after some could not be.
        self._most = CHANGES_MAX

    async def decide(self, mutations: Mutations) -> list[MutationResult]:
        """What becomes of the first of them: of all, unless one takes more than this commit, or changes who may do what."""
        found: list[MutationResult] = []
        while len(found) < len(mutations) and not self._together.is_access_raised:
            left = mutations[len(found) :]
            try:
                decided = await self._decide_run(left) or [await self._decide_one(left[0])]
            except MoreThanOneCommit:
                break
            for each, result in zip(left, decided, strict=False):
                self._refused.note(each, result)
            found += decided
        return found

    async def _decide_run(self, left: Mutations) -> list[MutationResult]:
        """Of the first of them, as far as they can be done together. Empty: they cannot."""
        run = self._run_of(left)
        if len(run) < 2:  # noqa: PLR2004  # one is no run
            self._most = min(2 * self._most, CHANGES_MAX)
            return []
        tx = self._together.begin()
        do = run[0].command.together
        assert do is not None, "a run is of commands that can be done together"
        try:
            for each in run:
                each.require_allowed(tx.caller, tx.role)
            answers = await do(tx, [each.request for each in run])
        except results.PASSING:
            raise
        except (TallystickError, OneByOne):
            self._most = len(run) // 2
            return await self._decide_run(left)
        bodies = [answer.SerializeToString(deterministic=True) for answer in answers]
        await self._together.take(tx, [(each.request, body) for each, body in zip(run, bodies, strict=True)])
        self._most = min(2 * self._most, CHANGES_MAX)
        return [results.done(each, tx.seq, body, ()) for each, body in zip(run, bodies, strict=True)]

    def _run_of(self, left: Mutations) -> list[Pushed]:
        first = left[0]
        if isinstance(first, Malformed) or first.command.together is None:
            return []
        seen: set[Any] = set()

        def goes_along(each: Pushed | Malformed) -> bool:
            if isinstance(each, Malformed) or each.command is not first.command or each.request_id in seen:
                return False
            seen.add(each.request_id)
            return each.base_version is None and self._is_untouched(each)

        return [each for each in takewhile(goes_along, left[: self._most]) if isinstance(each, Pushed)]

    def _is_untouched(self, pushed: Pushed) -> bool:
        return not self._together.is_known(pushed.request_id) and not self._refused.find_blocker(pushed.subject)

    async def _decide_one(self, pushed: Pushed | Malformed) -> MutationResult:
        if isinstance(pushed, Malformed):
            return results.rejected(pushed.request_id, pushed.problem)
        try:
            if first := self._together.find_answer(pushed.request):
                return results.repeated(pushed, *first)
            if blocker := self._refused.find_blocker(pushed.subject):
                return results.blocked(pushed, blocker)
            return await self._do(pushed)
        except results.PASSING:
            raise
        except TallystickError as problem:
            return results.rejected(str(pushed.request_id), problem)

    async def _do(self, pushed: Pushed) -> MutationResult:
        tx = self._together.begin()
        pushed.require_allowed(tx.caller, tx.role)
        try:
            answer = await pushed.command.run(tx, pushed.request)
        except NotVisible:
            await self._together.undo(tx)
            return await self._explain_missing(tx, pushed)
        except (TallystickError, MoreThanOneCommit):
            await self._together.undo(tx)
            raise
        meetings = [] if pushed.command.judges_itself else await find_meetings(tx, self._entities, pushed)
        met = next((meeting for meeting in meetings if meeting.verdict.is_conflict), None)
        if met is not None:
            return await self._keep_conflict(met, pushed)
        body = _bytes_of(answer)
        await self._together.take(tx, [(pushed.request, body)])
        return results.done(pushed, tx.seq, body, meetings)

    async def _explain_missing(self, tx: WriteTx, pushed: Pushed) -> MutationResult:
        """Something is not there. If somebody else has deleted it since the mutation was made, that is no mistake of the device."""
        deletions = [] if pushed.command.judges_itself else await find_deletions(tx, self._entities, pushed)
        if not deletions:
            raise NotVisible
        if not pushed.subject.is_deleted:
            return await self._keep_conflict(deletions[0], pushed)
        if len(deletions) < len(pushed.subject.ids):
            # Not all of them are gone, and none of the rest was deleted.
            raise NotVisible
        return results.agreed(pushed, max(deletion.now.message.version for deletion in deletions))

    async def _keep_conflict(self, meeting: Meeting, pushed: Pushed) -> MutationResult:
        """Nothing of the mutation is done; the conflict keeps it whole."""
        tx = self._together.begin()
        conflict = tx.add(CONFLICT, raise_conflict(meeting, tx, pushed))
        await self._together.take(tx, [(pushed.request, _bytes_of(conflict))], AnswerKind.CONFLICT)
        return results.in_conflict(pushed, tx.seq, conflict)


def _bytes_of(message: Message) -> bytes:
    return message.SerializeToString(deterministic=True)
