"""What does a device do while it is used for a moment? It takes commands, syncs now and then, and decides what needs a decision."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID, uuid5

from sync.simulation.clocks import Clock
from sync.simulation.dice import MARK, Dice
from sync.simulation.network import FAIR, FOUL, Events, Wire
from sync.simulation.watched import WatchedBook
from tallystick_client.errors import DeadlineExceeded, NotFound, Unavailable
from tallystick_client.offline import SpaceForgotten, Verdict
from tallystick_client.offline.commands import name_of, targets_of
from tallystick_client.v1.sync_conflicts_pb2 import ConflictChoice

CHOICES = (ConflictChoice.CONFLICT_CHOICE_KEEP_THEIRS, ConflictChoice.CONFLICT_CHOICE_TAKE_MINE)
# How often something is done with what lies in the tray, and how.
OFTEN = {"do": 60, "push": 6, "pull": 6, "sync": 10, "verify": 1, "resolve": 6, "retry": 4, "discard": 2, "reopen": 2}
# What a device that may be killed at any moment does: only what tells its user afterwards.
OFTEN_IN_CHILD = {"do": 60, "push": 8, "pull": 8, "sync": 14}
# One that has its request ids from a counter: after it was copied, both go on from the same number.
COUNTED = 0.15

# What happened, to whoever keeps count. The first word says what.
Say = Callable[[list[Any]], None]


@dataclass
class Task:
    """All that a turn follows from. It travels to other processes."""

    seed: str
    path: str
    space_id: str
    user_id: str
    token: str
    addresses: tuple[str, ...]
    family: str
    steps: int
    is_home: bool
    may_go_back: bool
    counted: int = 0
    is_foul: bool = True
    in_child: bool = False
    # In a child: after so many statements of SQLite it is killed. 0: it is not.
    lives: int = 0


@dataclass
class Turn:
    """A device in use."""

    task: Task
    book: WatchedBook
    wire: Wire
    dice: Dice
    random: Random
    say: Say
    counted: int = 0
    _open: Callable[[], WatchedBook] = field(default=lambda: None)  # type: ignore[assignment]  # set at once

    def run(self) -> None:
        often = OFTEN_IN_CHILD if self.task.in_child else OFTEN
        for _ in range(self.task.steps):
            step = self.random.choices(list(often), list(often.values()))[0]
            # What does not arrive is tried again at another time; so is what waits for an invitation.
            with suppress(Unavailable, DeadlineExceeded, SpaceForgotten):
                getattr(self, step)()

    def do(self) -> None:
        for _ in range(self.random.choice((1, 1, 1, 2, 3, 6))):
            command = self.dice.roll()
            marks = sorted(set(MARK.findall(str(command))))
            if marks and not self.task.in_child and self.random.random() < COUNTED:
                command.request_id = str(uuid5(UUID(self.task.family), str(self.counted)))  # type: ignore[attr-defined]  # every command has one
                self.counted += 1
            request_id = self.book.do(command)
            targets = [list(target) for target in targets_of(command, self.book.space_id) if target.id]
            self.say(["promised", request_id, name_of(command), marks, targets])

    def push(self) -> None:
        self.book.push(self.wire)

    def pull(self) -> None:
        self.book.pull(self.wire)

    def sync(self) -> None:
        was_forgotten = self.book.place.is_forgotten
        self.book.sync(self.wire)
        if (was_forgotten or self.book.drafts()) and not self.book.place.is_forgotten:
            self.say(["count", "drafts put back", self.book.put_back_drafts()])

    def verify(self) -> None:
        # Whoever may not see the space any more learns of it by the next pull.
        with suppress(NotFound):
            verdict = self.book.verify(self.wire)
            if verdict == Verdict.MADE_ANEW:
                raise AssertionError(f"the copy {self.task.path} differed from the space, and was made anew")

    def resolve(self) -> None:
        conflicts = self.book.conflicts()
        if conflicts:
            request_id = self.book.resolve(self.random.choice(conflicts), self.random.choice(CHOICES))
            self.say(["promised", request_id, "resolve_conflict", [], []])

    def retry(self) -> None:
        tray = self.book.tray()
        if tray:
            for former, request_id in self.book.retry(self.random.choice(tray).request_id).items():
                self.say(["retried", self.book.first_id_of(former), request_id])

    def discard(self) -> None:
        tray = self.book.tray()
        if tray:
            request_id = self.random.choice(tray).request_id
            self.book.discard(request_id)
            self.say(["discarded", self.book.first_id_of(request_id)])
        for number, _ in self.book.replaced():
            self.book.dismiss_replaced(number)

    def reopen(self) -> None:
        """The app is ended and begun again."""
        self.book.close()
        self.book = self._open()
        self.dice = Dice(self.book, self.random, self.task.user_id, is_home=self.task.is_home)


def opened_book(task: Task) -> WatchedBook:
    book = WatchedBook.open(task.path, task.space_id, task.user_id)
    book.may_go_back = task.may_go_back
    return book


def take_turn(task: Task, events: Events, say: Say, open_book: Callable[[], WatchedBook] | None = None) -> int:
    """Returns up to which number its counter went. `open_book`: for a device that opens its copy otherwise."""
    opened = open_book or (lambda: opened_book(task))
    random = Random(task.seed)
    clock = Clock(random)
    wire = Wire(task.addresses, task.token, random, events)
    wire.network.weather = FOUL if task.is_foul else FAIR
    with clock.turned():
        book = opened()
        dice = Dice(book, random, task.user_id, is_home=task.is_home)
        turn = Turn(task, book, wire, dice, random, say, task.counted, opened)
        try:
            turn.run()
        finally:
            turn.book.close()
            wire.close()
    return turn.counted
