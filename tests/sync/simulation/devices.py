"""Which devices are there? Each has a copy of one space in a file; some were copied with all that they held."""

import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self
from uuid import uuid4

from sync.simulation.people import User
from sync.simulation.promises import Holding
from sync.simulation.turns import Task
from sync.simulation.watched import WatchedBook


@dataclass
class Device:
    """One file, and whose it is."""

    name: str
    user: User
    space_id: str
    path: Path
    is_home: bool
    # Those that were copied from each other count their request ids alike.
    family: str
    counted: int = 0
    may_go_back: bool = False
    is_copied: bool = False
    # Whether it may live in a process of its own, and end with it.
    can_be_killed = True

    def task(self, seed: str, addresses: tuple[str, ...], steps: int) -> Task:
        return Task(
            seed=seed,
            path=str(self.path),
            space_id=self.space_id,
            user_id=self.user.user_id,
            token=self.user.token,
            addresses=addresses,
            family=self.family,
            steps=steps,
            is_home=self.is_home,
            may_go_back=self.may_go_back,
            counted=self.counted,
        )

    def open(self) -> WatchedBook:
        book = WatchedBook.open(self.path, self.space_id, self.user.user_id)
        book.may_go_back = self.may_go_back
        return book

    def holding(self) -> Holding:
        book = self.open()
        try:
            return Holding.of(book)
        finally:
            book.close()

    def copied(self, name: str) -> Self:
        """The same device once more, as from a backup of it."""
        path = self.path.with_name(f"{name}.db")
        source, target = sqlite3.connect(self.path), sqlite3.connect(path)
        with source, target:
            source.backup(target)
        source.close()
        target.close()
        self.is_copied = True
        return replace(self, name=name, path=path)


def make_device(name: str, user: User, space_id: str, folder: Path, *, is_home: bool = False) -> Device:
    return Device(name, user, space_id, folder / f"{name}.db", is_home, str(uuid4()))
