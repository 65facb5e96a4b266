"""What is the simplest server of a space? Rows and a journal in memory, changed by the rules that the copies have themselves.

It shows that copies converge whatever comes between; that its rules are the real server's, other tests show.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

from tallystick_client import NotFound, Retries, Unavailable
from tallystick_client.offline.applying import apply
from tallystick_client.offline.commands import command_in
from tallystick_client.offline.digest import digest_of
from tallystick_client.offline.kinds import kind_of
from tallystick_client.offline.rows import Row, View
from tallystick_client.v1.error_reason_pb2 import ErrorReason
from tallystick_client.v1.sync_mutation_pb2 import Mutation
from tallystick_client.v1.sync_pb2 import Change, Entity, MutationResult, Outcome, Rejection, ResetReason
from tallystick_client.v1.sync_service_pb2 import (
    GetSyncStatusRequest,
    GetSyncStatusResponse,
    PullRequest,
    PullResponse,
    PushRequest,
    PushResponse,
)

REFUSED = Rejection(reason=ErrorReason.ERROR_REASON_IN_USE)


class _Rows:
    def __init__(self) -> None:
        self.held: dict[tuple[str, str], Row] = {}

    def find(self, kind: str, entity_id: str) -> Row | None:
        return self.held.get((kind, entity_id))

    def rows(self, kind: str) -> Iterator[Row]:
        return (row for row in list(self.held.values()) if row.kind == kind)


@dataclass
class PlainSpace:
    """A space, and the stub that calls it."""

    space_id: str
    # Changes on a page, at most, unless a commit has more.
    page_size: int = 3
    # What the next pushes do: "" work, "before" and "after" are cut off before or after the work.
    trouble: list[str] = field(default_factory=list)
    is_member: bool = True

    def __post_init__(self) -> None:
        self._rows = _Rows()
        self._commits: list[list[Change]] = []
        self._answers: dict[str, MutationResult] = {}
        self._epoch = 0
        # What pulls have asked to reach.
        self.min_versions: list[int] = []
        # The request_ids of what was done, also before it went back.
        self.ever_done: set[str] = set()
        self.sync: Any = self
        self.retries = Retries(tries=1)

    # What a stub can do.

    def Push(self, request: PushRequest) -> PushResponse:
        trouble = self.trouble.pop(0) if self.trouble else ""
        if not self.is_member:
            raise NotFound(reason="NOT_FOUND")
        if trouble == "before":
            raise Unavailable
        refused: set[str] = set()
        results = [self._run(mutation, refused) for mutation in request.mutations]
        if trouble == "after":
            raise Unavailable
        return PushResponse(results=results)

    def Pull(self, request: PullRequest, timeout: float) -> Iterator[PullResponse]:
        if not self.is_member:
            raise NotFound(reason="NOT_FOUND")
        if request.min_version > self.head:
            raise Unavailable(reason="BEHIND")
        self.min_versions.append(request.min_version)
        epoch, _, seq = request.cursor.partition(".")
        reset = bool(request.cursor) and int(epoch) != self._epoch
        start = int(seq) if seq and not reset else 0
        reason = ResetReason.RESET_REASON_EPOCH if reset else ResetReason.RESET_REASON_UNSPECIFIED
        at, changes = start, list[Change]()
        while at < self.head:
            changes += self._commits[at] if start else self._newest_of(at)
            at += 1
            if len(changes) >= self.page_size and at < self.head:
                yield PullResponse(cursor=f"{self._epoch}.{at}", changes=changes, head=self.head, reset=reason)
                reason, changes = ResetReason.RESET_REASON_UNSPECIFIED, []
        yield PullResponse(cursor=f"{self._epoch}.{at}", changes=changes, at_head=True, head=self.head, reset=reason)

    def GetSyncStatus(self, request: GetSyncStatusRequest) -> GetSyncStatusResponse:
        live = digest_of((row.kind, row.id, row.message.version) for row in self._rows.held.values() if not row.deleted)
        return GetSyncStatusResponse(
            cursor=f"{self._epoch}.{self.head}", head=self.head, live_count=live.live_count, digest=live.sum
        )

    # What a test can do.

    @property
    def head(self) -> int:
        return len(self._commits)

    def put(self, *messages: Any) -> None:
        """Somebody makes or changes these, in one commit."""
        self._commit([Row(kind_of(type(message)), message.id, message) for message in messages])

    def do(self, mutation: Mutation) -> MutationResult:
        """Somebody else's command."""
        return self._run(mutation, set())

    def go_back(self, seq: int) -> None:
        """The space is put back to an earlier state."""
        kept, self._commits, self._rows = self._commits[:seq], [], _Rows()
        self._answers = {}
        self._epoch += 1
        for commit in kept:
            rows = [(change, getattr(change.entity, str(change.entity.WhichOneof("kind")))) for change in commit]
            self._commit(
                [
                    Row(str(change.entity.WhichOneof("kind")), message.id, message, change.deleted)
                    for change, message in rows
                ]
            )

    def state(self) -> dict[tuple[str, str], tuple[bool, Message]]:
        return {name: (row.deleted, row.message) for name, row in self._rows.held.items()}

    def _newest_of(self, at: int) -> list[Change]:
        """Of a commit what nothing superseded."""
        return [change for change in self._commits[at] if self._version_of(change) == at + 1]

    def _version_of(self, change: Change) -> int:
        kind = str(change.entity.WhichOneof("kind"))
        return int(self._rows.held[kind, getattr(change.entity, kind).id].message.version)

    def _run(self, mutation: Mutation, refused: set[str]) -> MutationResult:
        command = command_in(mutation)
        request_id = command.request_id
        if request_id in self._answers:
            again = MutationResult()
            again.CopyFrom(self._answers[request_id])
            again.outcome = Outcome.OUTCOME_REPEATED
            return again
        blocker = next((seen for seen in mutation.seen_request_ids if seen in refused), "")
        if blocker:
            refused.add(request_id)
            return MutationResult(request_id=request_id, outcome=Outcome.OUTCOME_BLOCKED_BY, blocked_by=blocker)
        view = View(self._rows)
        if not apply(view, mutation, space_id=self.space_id, user_id=""):
            refused.add(request_id)
            return MutationResult(request_id=request_id, outcome=Outcome.OUTCOME_REJECTED, rejection=REFUSED)
        self._commit(list(view.changed()))
        done = MutationResult(request_id=request_id, outcome=Outcome.OUTCOME_APPLIED, version=self.head)
        self._answers[request_id] = done
        self.ever_done.add(request_id)
        return done

    def _commit(self, rows: list[Row]) -> None:
        version, changes = self.head + 1, []
        for row in rows:
            message = type(row.message).FromString(row.message.SerializeToString())
            message.version = version
            self._rows.held[row.kind, row.id] = row._replace(message=message)
            entity = Entity()
            getattr(entity, row.kind).CopyFrom(message)
            changes.append(Change(entity=entity, deleted=row.deleted, version=version))
        self._commits.append(changes)
