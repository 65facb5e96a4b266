"""What was a user told, and where is it now? Whatever `do` returned for is in the space, in a conflict, or still on the device."""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

import proof
from sync.simulation.dice import MARK_BYTES
from sync.simulation.watched import WatchedBook
from tallystick.store import journal
from tallystick.store.keys import SpaceKeys
from tallystick_client.offline.commands import command_in
from tallystick_client.v1.ledger_pb2 import Transaction

OP_DELETE = journal.Op.DELETE


@dataclass
class Promise:
    """One command that a device took."""

    request_id: str
    name: str
    marks: list[str]
    targets: list[tuple[str, str]]
    device: str


@dataclass
class Promises:
    """All that the devices of one space took, and have not been allowed to lose."""

    space_id: str
    kept: dict[str, Promise] = field(default_factory=dict)
    discarded: set[str] = field(default_factory=set)
    lost_in_restores: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, said: list[Any], device: str) -> None:
        """Notes what a device said."""
        what, *facts = said
        with self._lock:
            if what == "promised":
                request_id, name, marks, targets = facts
                self.kept[request_id] = Promise(request_id, name, marks, [(k, i) for k, i in targets], device)
            elif what == "retried":
                former, request_id = facts
                # What a copied device holds of another's was promised by the other.
                if former in self.kept and self.kept[former].device == device:
                    self.kept[request_id] = self.kept.pop(former)
                    self.kept[request_id].request_id = request_id
            elif facts[0] in self.kept and self.kept[facts[0]].device == device:
                self.discarded.add(facts[0])
                del self.kept[facts[0]]


@dataclass(frozen=True)
class Holding:
    """What one device still holds, by where it is, and what it had to call otherwise."""

    request_ids: dict[str, set[str]]
    renamed: dict[str, str]

    @classmethod
    def of(cls, book: WatchedBook) -> "Holding":
        ids = {where: {command_in(each).request_id for each in found} for where, found in book.held().items()}
        return cls(ids, book.renamed())

    def present(self, promise: Promise) -> Promise:
        """The promise under its present request id."""
        request_id = promise.request_id
        while request_id in self.renamed:
            request_id = self.renamed[request_id]
        return replace(promise, request_id=request_id)

    def places_of(self, promise: Promise) -> set[str]:
        """Where on the device it is."""
        return {where for where, request_ids in self.request_ids.items() if promise.request_id in request_ids}


class Step(NamedTuple):
    """A transaction after one change of it."""

    seq: int
    request_id: str
    transaction: Transaction


@dataclass
class Known:
    """What the space knows, from its tables."""

    answers: dict[str, int]
    marks: set[str]
    marks_in_conflicts: set[str]
    deleted: set[tuple[str, str]]
    # Of transactions, by mark: which have ever had it.
    bearers: dict[str, set[str]]
    # Of transactions, by id: what became of them, in order.
    histories: dict[str, list[Step]]

    @classmethod
    def read(cls, tables: proof.Connection, keys: SpaceKeys, space_id: str) -> "Known":
        seal = proof.open_seal(tables, keys, UUID(space_id))
        answers = tables.execute("SELECT request_id, kind FROM answer WHERE space_id = %s", (space_id,)).fetchall()
        known = cls({str(request_id): kind for request_id, kind in answers}, set(), set(), set(), {}, {})
        rows = tables.execute(
            "SELECT seq, ordinal, entity_kind, entity_id, op, request_id, body FROM journal WHERE space_id = %s"
            " ORDER BY seq, ordinal",
            (space_id,),
        ).fetchall()
        for seq, ordinal, kind, entity_id, op, request_id, sealed in rows:
            body = seal.open(journal.PLACE, journal.row_of(ordinal, entity_id), seq, sealed)
            marks = _marks([body])
            (known.marks_in_conflicts if kind == "conflict" else known.marks).update(marks)
            if op == OP_DELETE:
                known.deleted.add((kind, str(entity_id)))
            if kind == "transaction":
                step = Step(seq, str(request_id), Transaction.FromString(body))
                known.histories.setdefault(str(entity_id), []).append(step)
                for mark in marks:
                    known.bearers.setdefault(mark, set()).add(str(entity_id))
        return known

    def place_of(self, promise: Promise) -> str:
        """Where in the space it is. Empty: nowhere."""
        kind = self.answers.get(promise.request_id)
        if promise.marks:
            if self.marks.issuperset(promise.marks):
                return "applied"
            if self.marks_in_conflicts.issuperset(promise.marks):
                return "conflict"
            return ""
        if kind is not None:
            return "applied" if kind == 1 else "conflict"
        # What it wanted gone was gone already: nothing was written.
        is_agreed = promise.name.startswith(("delete_", "batch_delete_")) and self.deleted.issuperset(promise.targets)
        return "agreed" if is_agreed else ""


def sort_out(
    promises: Promises, holdings: dict[str, Holding], known: Known, may_be_twice: set[str], copied: set[str]
) -> Counter[str]:
    """Counts where all that was promised is. Each is in exactly one place."""
    found: Counter[str] = Counter(discarded=len(promises.discarded), **{"lost in restores": promises.lost_in_restores})
    lost, doubled = [], []
    for promise in promises.kept.values():
        holding = holdings[promise.device]
        present = holding.present(promise)
        in_space, on_device = known.place_of(present), holding.places_of(present)
        if in_space == "agreed" and on_device:
            # Others deleted it, and this device was refused.
            in_space = ""
        if not in_space and not on_device:
            lost.append((promise, present.request_id))
        if in_space and on_device & {"tray", "outbox"}:
            # A late message, or a copy of the device, may have had another answer than the device itself.
            excused = present.request_id in may_be_twice or promise.device in copied
            found["done after all"] += excused
            if not excused:
                doubled.append((promise, in_space, on_device))
        found[in_space or min(on_device, default="lost")] += 1
    assert not lost, f"nobody has these any more: {lost}"
    assert not doubled, f"these are done, and their devices hold them as refused: {doubled}"
    return found


def let_go(promises: Promises, holdings: dict[str, Holding], before: Known, after: Known) -> None:
    """After the space was put back: what devices had seen done, and hold no more, is what the restore cost."""
    for request_id, promise in list(promises.kept.items()):
        present = holdings[promise.device].present(promise)
        is_held = holdings[promise.device].places_of(present)
        if before.place_of(present) and not is_held and not after.place_of(present):
            del promises.kept[request_id]
            promises.lost_in_restores += 1


def _marks(bodies: Iterable[bytes]) -> set[str]:
    return {mark.decode() for body in bodies for mark in MARK_BYTES.findall(body)}
