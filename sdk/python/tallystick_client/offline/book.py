"""What does an app do with a book offline? It reads the copy as if everything were sent, and says what to do.

`do` returns when the command is on disk: whatever happens then, it is sent some day, or lies in the tray with the reason why not.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self, TypeVar

from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from tallystick_client.balances import OpenBalances, balances_of
from tallystick_client.money import money_of
from tallystick_client.offline import exchange, mirror, outbox
from tallystick_client.offline.applying import view_of
from tallystick_client.offline.commands import Target, changes_more, command_in, complete, is_new, wrap
from tallystick_client.offline.database import Database, Tx
from tallystick_client.offline.digest import Digest
from tallystick_client.offline.kinds import kind_of
from tallystick_client.offline.masks import copy_of
from tallystick_client.offline.mirror import Mirror, Place, place_of
from tallystick_client.offline.outbox import PUSH_BYTES_MAX, Parked
from tallystick_client.offline.refusals import CommandTooLarge, SpaceForgotten
from tallystick_client.offline.rows import View
from tallystick_client.offline.settling import settle
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.sync_conflicts_pb2 import ConflictChoice, ResolveConflictRequest
from tallystick_client.v1.sync_mutation_pb2 import Mutation
from tallystick_client.v1.sync_pb2 import Conflict, ConflictState, Replaced
from tallystick_client.v1.sync_service_pb2 import PullResponse, PushResponse, WatchChanges

M = TypeVar("M", bound=Message)
Listener = Callable[[], None]


class OfflineBook:
    """A copy of one space, in one file. Called a book, but a group and the user's home are opened the same way, by their ids. Threads and
    processes may share the file."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._view: tuple[int, View] | None = None
        self._view_lock = threading.Lock()
        self._listeners: list[Listener] = []
        self.space_id = database.space_id

    @classmethod
    def open(cls, path: str | Path, space_id: str, user_id: str = "") -> Self:
        """Opens the file, or makes it. `user_id` says before it is sent whose what is private is, and which member of a group pays."""
        return cls(Database(Path(path), space_id, user_id))

    def close(self) -> None:
        self._database.close()

    # What there is.

    @property
    def place(self) -> Place:
        """Where the copy is."""
        with self._database.read() as tx:
            return place_of(tx)

    def get(self, kind: type[M], entity_id: str) -> M | None:
        """An entity as it will be once all is sent. None if it is not there or deleted."""
        with self._database.read() as tx:
            found: M | None = self._view_in(tx).live(kind_of(kind), entity_id.lower())
            return copy_of(found) if found is not None else None

    def list(self, kind: type[M]) -> list[M]:
        """All of a kind that are not deleted, in the order of their ids."""
        with self._database.read() as tx:
            rows = [row for row in self._view_in(tx).rows(kind_of(kind)) if not row.deleted]
            return [copy_of(row.message) for row in sorted(rows, key=lambda row: row.id)]

    def balances(self) -> dict[str, Money]:
        """What each account holds, by its id: the sum of its entries."""
        with self._database.read() as tx:
            view = self._view_in(tx)
            currencies = {row.id: row.message.currency for row in view.rows("account") if not row.deleted}
            sums = dict.fromkeys(currencies, 0)
            for row in view.rows("transaction"):
                for entry in () if row.deleted else row.message.entries:
                    if entry.account_id in sums:
                        sums[entry.account_id] += entry.amount.minor
        return {account_id: money_of(currencies[account_id], minor) for account_id, minor in sums.items()}

    def group_balances(self, as_of: str = "") -> dict[str, OpenBalances]:
        """Of a group: what is open among its members, by currency, of what was booked until the end of that day (YYYY-MM-DD; empty: of
        all), as it will be once all is sent."""
        with self._database.read() as tx:
            view = self._view_in(tx)
            expenses, settlements = (
                [row.message for row in view.rows(kind) if not row.deleted] for kind in ("expense", "settlement")
            )
        return balances_of(expenses, settlements, as_of)

    def is_pending(self, kind: type[Message], entity_id: str) -> bool:
        """Whether something about the entity is on this device only, as far as it knows."""
        with self._database.read() as tx:
            return outbox.is_pending(tx, kind_of(kind), entity_id)

    @property
    def waiting(self) -> int:
        """How many commands are to be sent."""
        with self._database.read() as tx:
            return outbox.count_waiting(tx)

    # What shall happen.

    def do(self, command: Message) -> str:
        """Puts a command into the outbox: any message that `Mutation` can hold. Returns its request_id.

        What the message leaves empty of its request's id, the space and the ids of what it makes is filled in, in a copy of it. The
        same request_id again does nothing again.
        """
        mutation = wrap(command)
        filled = command_in(mutation)
        complete(filled, self.space_id)
        with self._database.write() as tx:
            if place_of(tx).is_forgotten:
                raise SpaceForgotten(self.space_id)
            if not outbox.holds(tx, filled.request_id):
                _make_on(tx, mutation)
                if mutation.ByteSize() > PUSH_BYTES_MAX:
                    raise CommandTooLarge(f"{mutation.ByteSize()} bytes, and a push holds {PUSH_BYTES_MAX}")
                outbox.add(tx, mutation)
        self._tell()
        return str(filled.request_id)

    # What needs somebody.

    def conflicts(self) -> Sequence[Conflict]:
        """Changes that met others' and wait for a decision."""
        return [each for each in self.list(Conflict) if each.state == ConflictState.CONFLICT_STATE_OPEN]

    def resolve(self, conflict: Conflict, choice: ConflictChoice.ValueType) -> str:
        """Decides a conflict, on the target as the copy has it: a third change is not overwritten unseen."""
        command = ResolveConflictRequest(conflict_id=conflict.id, choice=choice)
        with self._database.read() as tx:
            version = mirror.version_of(tx, Target(conflict.target_kind, conflict.target_id))
        if version is not None:
            command.target_version = version
        return self.do(command)

    def tray(self) -> Sequence[Parked]:
        """What was refused, and what stands behind it, oldest first. Nothing in it is sent again by itself."""
        with self._database.read() as tx:
            return outbox.list_tray(tx)

    def retry(self, request_id: str) -> dict[str, str]:
        """Sends something from the tray again, with all that stands behind it. Returns the new request_id of each."""
        with self._database.write() as tx:
            fresh = outbox.unpark(tx, _with_blocked(tx, request_id))
        self._tell()
        return fresh

    def discard(self, request_id: str, *, also_blocked: bool = False) -> None:
        """Gives something in the tray up, and on request all that stands behind it."""
        with self._database.write() as tx:
            outbox.discard(tx, _with_blocked(tx, request_id) if also_blocked else [request_id])
        self._tell()

    def replaced(self) -> Sequence[tuple[int, Replaced]]:
        """Others' values that commands of this device replaced: a number to dismiss it by, and the entity as it was."""
        with self._database.read() as tx:
            found = tx.execute("SELECT place, body FROM replaced ORDER BY place").fetchall()
        return [(number, Replaced.FromString(body)) for number, body in found]

    def dismiss_replaced(self, number: int) -> None:
        with self._database.write() as tx:
            tx.execute("DELETE FROM replaced WHERE place = ?", (number,))
        self._tell()

    def drafts(self) -> Sequence[Mutation]:
        """What waited when the space was lost."""
        with self._database.read() as tx:
            return outbox.list_drafts(tx)

    def export_drafts(self) -> Sequence[str]:
        """The drafts as JSON, for people and other programs."""
        return [MessageToJson(draft) for draft in self.drafts()]

    def put_back_drafts(self) -> int:
        """Queues the drafts again, once the user is back in the space. Returns how many."""
        with self._database.write() as tx:
            if place_of(tx).is_forgotten:
                raise SpaceForgotten(self.space_id)
            count = outbox.put_back_drafts(tx)
        self._tell()
        return count

    # With the server. `exchange` has the network's part.

    def sync(self, client: exchange.HasSync) -> None:
        """Sends the outbox and brings the copy up to date, until there is nothing left to do."""
        exchange.sync(self, client)

    def push(self, client: exchange.HasSync) -> int:
        """Sends the outbox. Returns the newest version that any of it is in."""
        return exchange.push(self, client)

    def pull(self, client: exchange.HasSync, min_version: int = 0) -> None:
        """Brings the copy up to date; at least to that version."""
        exchange.pull(self, client, min_version)

    def verify(self, client: exchange.HasSync) -> exchange.Verdict:
        """Compares the copy with the space. One that differs is made anew."""
        return exchange.verify(self, client)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls the listener after each change by this process, on the thread that made it. Returns how to end that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # What exchanging is made of.

    def turn(self) -> "exchange.Turn":
        return self._database.turn()

    def take_page(self, page: PullResponse) -> None:
        with self._database.write() as tx:
            mirror.apply_page(tx, page)
        self._tell()

    def take_news(self, news: WatchChanges, follows_on: str) -> bool:
        with self._database.write() as tx:
            is_taken = mirror.apply_news(tx, news, follows_on)
        self._tell()
        return is_taken

    def next_push(self) -> Sequence[Mutation]:
        with self._database.read() as tx:
            return outbox.next_push(tx)

    def take_results(self, answer: PushResponse) -> int:
        with self._database.write() as tx:
            newest = settle(tx, answer.results)
        self._tell()
        return newest

    def start_over(self) -> None:
        """The next pull makes the copy anew. Until it is whole, the present one stays."""
        with self._database.write() as tx:
            mirror.begin_shadow(tx)

    def forget(self) -> None:
        """The user is not in the space any more: its data goes, and what the mirror did not hold becomes drafts."""
        with self._database.write() as tx:
            outbox.freeze(tx)
            mirror.wipe(tx)
        self._database.shrink()
        self._tell()

    def standing(self) -> tuple[Place, Digest | None]:
        """Where the mirror is, and the numbers that stand for what it holds there."""
        with self._database.read() as tx:
            return place_of(tx), mirror.digest_of_mirror(tx)

    def _view_in(self, tx: Tx) -> View:
        place = place_of(tx)
        with self._view_lock:
            if self._view is None or self._view[0] != place.revision:
                view = view_of(Mirror(tx), outbox.all_of(tx), space_id=self.space_id, user_id=place.user_id)
                self._view = place.revision, view
            return self._view[1]

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener()


def _make_on(tx: Tx, mutation: Mutation) -> None:
    """Notes what the mutation was made on."""
    command = command_in(mutation)
    targets = outbox.targets_in(tx, command)
    versions = [version for each in targets if (version := mirror.version_of(tx, each)) is not None]
    if versions and not is_new(command):
        # Of several: the newest. The mirror is whole, so the others have not changed up to there.
        mutation.base_version = place_of(tx).version if changes_more(command) else max(versions)
    mutation.seen_request_ids.extend(outbox.seen_before(tx, targets))
    made_at = Timestamp()
    made_at.GetCurrentTime()
    mutation.made_at.CopyFrom(made_at)


def _with_blocked(tx: Tx, request_id: str) -> list[str]:
    """A mutation of the tray, and those that stand behind it, and those behind them."""
    found = [request_id]
    for parked in outbox.list_tray(tx):
        if parked.blocked_by in found:
            found.append(parked.request_id)
    return found
