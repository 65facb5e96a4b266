"""Did somebody else change the same, and what is kept of two changes that met?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from google.protobuf.message import Message

from tallystick.store import journal
from tallystick.store.entity import Entity
from tallystick.store.journal import Op
from tallystick.store.tx import ReadTx, WriteTx
from tallystick.sync import queries
from tallystick.sync.outbox import Pushed
from tallystick.sync.rules import EXISTENCE, State, Verdict, judge
from tallystick.times import to_timestamp
from tallystick.v1 import sync_pb2
from tallystick.v1.sync_pb2 import Conflict, ConflictRule, ConflictState


@dataclass(frozen=True, slots=True)
class Meeting:
    """A mutation's change of one entity, and what others made of it meanwhile."""

    kind: str
    base: State | None
    now: State
    mine: State | None
    verdict: Verdict

    @property
    def replaced(self) -> sync_pb2.Replaced:
        return sync_pb2.Replaced(before=entity_of(self.kind, self.now.message), groups=sorted(self.verdict.met))


async def find_meetings(tx: WriteTx, entities: Mapping[str, Entity[Any]], pushed: Pushed) -> list[Meeting]:
    """What others changed, since the mutation was made, of what it changes."""
    base_version = pushed.base_version
    changes = [change for change in tx.changes if not change.is_first]
    if base_version is None or not changes:
        return []
    rows = await tx.fetch_all(
        *(
            statement(space_id=tx.space_id, entity_id=change.entity_id, entity_kind=change.kind, version=base_version)
            for change in changes
            for statement in (queries.SINCE, queries.AT)
        )
    )
    meetings = []
    for change, since_rows, base_rows in zip(changes, rows[::2], rows[1::2], strict=True):
        if not since_rows:
            continue
        entity = entities[change.kind]
        since, base = (_states(tx, entity, change.entity_id, found) for found in (since_rows, base_rows))
        mine = State(entity.message_type.FromString(change.body), change.op == Op.DELETE, pushed.request_id)
        verdict = judge(entity.merging, base[0] if base else None, since, mine, pushed.has_seen)
        if verdict.theirs:
            meetings.append(Meeting(change.kind, base[0] if base else None, since[-1], mine, verdict))
    return meetings


async def find_deletions(tx: ReadTx, entities: Mapping[str, Entity[Any]], pushed: Pushed) -> list[Meeting]:
    """What of all that the mutation is about was deleted by somebody else after the mutation was made."""
    if pushed.base_version is None:
        return []
    found = []
    for target_id in sorted(pushed.subject.ids):
        entity_id = UUID(target_id)
        for kind, seq, op, request_id in await tx.fetch(queries.NEWEST(space_id=tx.space_id, entity_id=entity_id)):
            is_gone = op == Op.DELETE and seq > pushed.base_version and not pushed.has_seen(request_id)
            if is_gone and kind in entities:
                found.append(await _read_deletion(tx, entities[kind], entity_id, pushed.base_version))
    return found


async def _read_deletion(tx: ReadTx, entity: Entity[Any], entity_id: UUID, base_version: int) -> Meeting:
    key = {"space_id": tx.space_id, "entity_id": entity_id, "entity_kind": entity.kind, "version": base_version}
    since_rows, base_rows = await tx.fetch_all(queries.SINCE(**key), queries.AT(**key))
    since, base = (_states(tx, entity, entity_id, found) for found in (since_rows, base_rows))
    existence = frozenset({EXISTENCE})
    verdict = Verdict(existence, existence, ConflictRule.CONFLICT_RULE_CHANGES_DELETED)
    return Meeting(entity.kind, base[0] if base else None, since[-1], None, verdict)


def raise_conflict(meeting: Meeting, tx: WriteTx, pushed: Pushed) -> Conflict:
    """The conflict that keeps a mutation. Its id follows from the request, so that a commit that runs twice raises one."""
    target = meeting.now.message
    return Conflict(
        id=str(uuid5(tx.space_id, str(pushed.request_id))),
        space_id=str(tx.space_id),
        created_at=to_timestamp(tx.now),
        target_id=target.id,
        target_kind=meeting.kind,
        groups=sorted(meeting.verdict.met),
        rule=meeting.verdict.rule,
        base=entity_of(meeting.kind, meeting.base.message) if meeting.base else None,
        theirs=entity_of(meeting.kind, target),
        mine=entity_of(meeting.kind, meeting.mine.message) if meeting.mine else None,
        mutation=pushed.mutation,
        raised_by=str(tx.caller.user_id),
        session_id=str(tx.caller.session_id or ""),
        state=ConflictState.CONFLICT_STATE_OPEN,
        private_to=getattr(target, "private_to", ""),
    )


def entity_of(kind: str, message: Message) -> sync_pb2.Entity:
    wrapped = sync_pb2.Entity()
    getattr(wrapped, kind).CopyFrom(message)
    return wrapped


def _states(tx: ReadTx, entity: Entity[Any], entity_id: UUID, rows: Sequence[Any]) -> list[State]:
    return [
        State(
            entity.message_type.FromString(tx.seal.open(journal.PLACE, journal.row_of(ordinal, entity_id), seq, cell)),
            op == Op.DELETE,
            request_id,
        )
        for seq, ordinal, op, request_id, cell in rows
    ]
