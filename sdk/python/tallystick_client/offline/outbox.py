"""What waits to be sent, what was refused, and what was kept when the space was lost?"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from google.protobuf.message import Message

from tallystick_client.ids import new_id
from tallystick_client.offline.applying import Overlaid
from tallystick_client.offline.commands import Target, command_in, targets_of
from tallystick_client.offline.database import Tx
from tallystick_client.offline.kinds import parse
from tallystick_client.v1.sync_mutation_pb2 import Mutation
from tallystick_client.v1.sync_pb2 import MutationResult, Rejection, Replaced

# As many, and as much, as one push may hold. The rest of its MiB is for what surrounds them.
PUSH_MAX = 500
PUSH_BYTES_MAX = 1_000_000
_SEEN_MAX = 500
# Around each mutation in a push: a tag and a length.
_FRAME_BYTES = 6


class Parked(NamedTuple):
    """A mutation in the tray: refused, or not tried because of another one that was. It stays until the app retries or discards it."""

    request_id: str
    # As it was given to `do`, with its ids.
    command: Any
    mutation: Mutation
    # Why it was refused. None: it was not tried.
    rejection: Rejection | None
    # The request_id of the one that stands before it. Empty: none.
    blocked_by: str


def add(tx: Tx, mutation: Mutation, *, is_again: bool = False) -> None:
    """Puts a mutation at the end."""
    command = command_in(mutation)
    added = tx.execute(
        "INSERT INTO outbox (request_id, is_again, mutation) VALUES (?, ?, ?)",
        (command.request_id, is_again, mutation.SerializeToString(deterministic=True)),
    )
    targets = targets_in(tx, command)
    tx.executemany(
        "INSERT INTO outbox_target (kind, id, place) VALUES (?, ?, ?)", ((*each, added.lastrowid) for each in targets)
    )


def targets_in(tx: Tx, command: Message) -> list[Target]:
    """What a command is about: what it names, and of a settlement also the plan that it pays, which changes with it."""
    named = list(targets_of(command, _space_of(tx)))
    paid = [plan for each in named if each.kind == "settlement" for plan in _plans_paid_by(tx, each.id)]
    return list(dict.fromkeys([*named, *paid]))


def _space_of(tx: Tx) -> str:
    return str(tx.execute("SELECT space_id FROM place").fetchone()[0])


def holds(tx: Tx, request_id: str) -> bool:
    asked = "SELECT 1 FROM outbox WHERE request_id = ?1 UNION SELECT 1 FROM tray WHERE request_id = ?1"
    return tx.execute(asked, (request_id,)).fetchone() is not None


def seen_before(tx: Tx, targets: Iterable[Target]) -> list[str]:
    """The request_ids of what is about the same entities, in its order. The oldest are left out where there are too many."""
    asked = "SELECT place, request_id FROM outbox JOIN outbox_target USING (place) WHERE kind = ? AND id = ?"
    found = {row for target in targets for row in tx.execute(asked, target)}
    return [request_id for _, request_id in sorted(found)][-_SEEN_MAX:]


def _plans_paid_by(tx: Tx, settlement_id: str) -> list[Target]:
    """The plan that a settlement is a payment of: as the mirror has it, or if the settlement waits, too."""
    mirrored = tx.execute("SELECT body FROM mirror WHERE kind = 'settlement' AND id = ?", (settlement_id,)).fetchone()
    if mirrored:
        plan_id = parse("settlement", mirrored[0]).plan_id
        return [Target("settlement_plan", plan_id)] if plan_id else []
    asked = (
        "SELECT DISTINCT other.kind, other.id FROM outbox_target AS own JOIN outbox_target AS other USING (place)"
        " WHERE own.kind = 'settlement' AND own.id = ? AND other.kind = 'settlement_plan'"
    )
    return [Target(*row) for row in tx.execute(asked, (settlement_id,))]


def is_pending(tx: Tx, kind: str, entity_id: str) -> bool:
    asked = "SELECT 1 FROM outbox_target WHERE kind = ? AND id = ? LIMIT 1"
    return tx.execute(asked, (kind, entity_id.lower())).fetchone() is not None


def all_of(tx: Tx) -> list[Overlaid]:
    """What the user's view has over the mirror."""
    rows = tx.execute("SELECT mutation, state <> 'waiting' FROM outbox ORDER BY place")
    return [Overlaid(Mutation.FromString(body), bool(was_done)) for body, was_done in rows]


def next_push(tx: Tx) -> list[Mutation]:
    """As many as fit, the oldest first."""
    found, size = list[Mutation](), 0
    for (body,) in tx.execute(
        "SELECT mutation FROM outbox WHERE state IN ('waiting', 'again') ORDER BY place LIMIT ?", (PUSH_MAX,)
    ):
        size += len(body) + _FRAME_BYTES
        if size > PUSH_BYTES_MAX:
            break
        found.append(Mutation.FromString(body))
    return found


def count_waiting(tx: Tx) -> int:
    return int(tx.execute("SELECT count(*) FROM outbox WHERE state IN ('waiting', 'again')").fetchone()[0])


def mark_sent(tx: Tx, request_id: str, version: int) -> None:
    tx.execute("UPDATE outbox SET state = 'sent', version = ? WHERE request_id = ?", (version, request_id))


def drop(tx: Tx, request_id: str) -> None:
    tx.execute("DELETE FROM outbox WHERE request_id = ?", (request_id,))


def drop_mirrored(tx: Tx) -> None:
    """What was done is in the mirror by now."""
    tx.execute("DELETE FROM outbox WHERE state = 'sent' AND version <= (SELECT version FROM place)")


def send_again(tx: Tx) -> None:
    """What is done already answers so."""
    tx.execute("UPDATE outbox SET state = 'again', version = 0 WHERE state = 'sent'")


def park(tx: Tx, result: MutationResult) -> None:
    """Moves a mutation to the tray."""
    tx.execute(
        "INSERT INTO tray (place, request_id, blocked_by, mutation, result)"
        " SELECT place, request_id, ?, mutation, ? FROM outbox WHERE request_id = ?",
        (result.blocked_by, result.SerializeToString(deterministic=True), result.request_id),
    )
    drop(tx, result.request_id)


def take_back(tx: Tx, result: MutationResult) -> None:
    """Something has the id of what a mutation makes. Perhaps it is the very thing: the mirror shows, once it is at the head."""
    body = result.SerializeToString(deterministic=True)
    tx.execute("UPDATE outbox SET state = 'taken', result = ? WHERE request_id = ?", (body, result.request_id))


def settle_taken(tx: Tx) -> None:
    """What the mirror holds was made by an earlier sending of the same mutation."""
    for body, answer in tx.execute("SELECT mutation, result FROM outbox WHERE state = 'taken'").fetchall():
        command = command_in(Mutation.FromString(body))
        asked = "SELECT 1 FROM mirror WHERE kind = ? AND id = ?"
        if all(tx.execute(asked, each).fetchone() for each in targets_of(command, _space_of(tx))):
            drop(tx, command.request_id)
        else:
            park(tx, MutationResult.FromString(answer))


def rename(tx: Tx, request_ids: Iterable[str]) -> None:
    """Gives mutations of the outbox other request_ids, wherever they are named. They wait in their old places."""
    fresh = {request_id: new_id() for request_id in request_ids}
    for place, body in tx.execute("SELECT place, mutation FROM outbox ORDER BY place").fetchall():
        mutation = _renamed(Mutation.FromString(body), fresh)
        if mutation is not None:
            request_id = command_in(mutation).request_id
            tx.execute(
                "UPDATE outbox SET request_id = ?, mutation = ?, is_again = max(is_again, ?) WHERE place = ?",
                (
                    request_id,
                    mutation.SerializeToString(deterministic=True),
                    request_id in fresh.values(),
                    place,
                ),
            )


def _renamed(mutation: Mutation, fresh: Mapping[str, str]) -> Mutation | None:
    """None if it names none of them."""
    command = command_in(mutation)
    if command.request_id not in fresh and fresh.keys().isdisjoint(mutation.seen_request_ids):
        return None
    command.request_id = fresh.get(command.request_id, command.request_id)
    seen = [fresh.get(each, each) for each in mutation.seen_request_ids]
    mutation.ClearField("seen_request_ids")
    mutation.seen_request_ids.extend(seen)
    return mutation


def list_tray(tx: Tx) -> list[Parked]:
    found = []
    for body, answer in tx.execute("SELECT mutation, result FROM tray ORDER BY place"):
        mutation, result = Mutation.FromString(body), MutationResult.FromString(answer)
        command = command_in(mutation)
        rejection = result.rejection if result.HasField("rejection") else None
        found.append(Parked(command.request_id, command, mutation, rejection, result.blocked_by))
    return found


def unpark(tx: Tx, request_ids: list[str]) -> dict[str, str]:
    """Takes mutations out of the tray, and puts them at the end of the outbox in their order, under other request_ids."""
    fresh = {request_id: new_id() for request_id in request_ids}
    for parked in list_tray(tx):
        if parked.request_id in fresh:
            tx.execute("DELETE FROM tray WHERE request_id = ?", (parked.request_id,))
            add(tx, _renamed(parked.mutation, fresh) or parked.mutation)
    return fresh


def discard(tx: Tx, request_ids: Iterable[str]) -> None:
    tx.executemany("DELETE FROM tray WHERE request_id = ?", ((each,) for each in request_ids))


def keep_replaced(tx: Tx, request_id: str, replaced: Iterable[Replaced]) -> None:
    tx.executemany(
        "INSERT INTO replaced (request_id, body) VALUES (?, ?)",
        ((request_id, each.SerializeToString(deterministic=True)) for each in replaced),
    )


def freeze(tx: Tx) -> None:
    """What the mirror does not hold becomes drafts, done or not: the space may go back to before it while the user is away."""
    tx.execute(
        "INSERT INTO draft (place, request_id, mutation) SELECT place, request_id, mutation FROM outbox"
        " WHERE request_id NOT IN (SELECT request_id FROM draft)"
    )
    tx.execute("DELETE FROM outbox")


def list_drafts(tx: Tx) -> list[Mutation]:
    return [Mutation.FromString(body) for (body,) in tx.execute("SELECT mutation FROM draft ORDER BY place")]


def put_back_drafts(tx: Tx) -> int:
    """They keep their request_ids: the last push may have arrived after all."""
    drafts = list_drafts(tx)
    for mutation in drafts:
        add(tx, mutation)
    tx.execute("DELETE FROM draft")
    return len(drafts)
