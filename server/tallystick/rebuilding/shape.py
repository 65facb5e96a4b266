"""What does each kind of space add? Which entities it has, what follows from them, and what of it does not come back as it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.rebuilding.gaps import Name
from tallystick.rebuilding.reading import Entry
from tallystick.rebuilding.states import State
from tallystick.store.entity import Entity
from tallystick.store.statements import Call
from tallystick.store.tx import Snapshot
from tallystick.v1.space_pb2 import SpaceKind


class Derivation(Protocol):
    """The rows that follow from entities, and the sums that follow from all of them."""

    def count(self, state: State) -> None:
        """Adds what an entity comes to."""

    async def rows_of(self, states: Sequence[State]) -> list[Call[()]]:
        """The rows of entities that changed."""
        ...

    async def sums(self, seq: int) -> list[Call[()]]:
        """The rows of all sums."""
        ...


@dataclass(slots=True)
class Standing:
    """What of a space that is brought back in its place stays as it is, as far as somebody has to know."""

    # Whatever follows these links, and the accounts that what stays is booked on.
    links: set[str] = field(default_factory=set)
    account_ids: set[UUID] = field(default_factory=set)
    # What was posted since, by what posted it: it is not posted a second time.
    schedules: set[str] = field(default_factory=set)
    posted: dict[str, set[str]] = field(default_factory=dict)


class Shape(Protocol):
    """One kind of space."""

    @property
    def kind(self) -> SpaceKind.ValueType: ...

    @property
    def entities(self) -> Mapping[str, Entity[Any]]: ...

    def derivation(self, view: Snapshot) -> Derivation: ...

    async def prove(self, view: Snapshot) -> str:
        """What does not hold of it. Empty: it all does."""
        ...

    def in_copy(self, entry: Entry, caller: Caller) -> None:
        """Changes what a copy does not say, in every state that something ever had."""
        ...

    @property
    def schedules(self) -> Sequence[str]:
        """The kinds of entities that post others."""
        ...

    @property
    def standing(self) -> Sequence[str]:
        """The kinds of entities of which somebody has to know how they are now."""
        ...

    def names_in(self, entry: Entry) -> Sequence[Name]:
        """What may be somebody else's alone of all that it names."""
        ...

    def stand_in(self, name: Name, space_id: UUID) -> Message:
        """What stands in a copy for something of which nothing is known."""
        ...

    @property
    def changing(self) -> Sequence[str]:
        """The kinds of entities that may be otherwise in a copy, or in what is brought back."""
        ...

    def of_copy(self, state: State, caller: Caller, name: str) -> Message | None:
        """What it is in a copy. None: what it was."""
        ...

    def in_place(self, entry: Entry, now: State | None) -> Message | None:
        """What becomes of something in the space that is there. None: it stays as it is now."""
        ...

    def learn(self, standing: Standing, state: State) -> None:
        """Notes what somebody has to know of what is there."""
        ...

    def stays(self, standing: Standing, state: State) -> bool:
        """Whether something that is there stays as it is, whatever is brought back."""
        ...

    def slot_of(self, state: State) -> tuple[str, str] | None:
        """By what something was posted, and for which day. None: somebody wrote it."""
        ...

    def after_posting(self, standing: Standing, state: State) -> Message | None:
        """What posts by itself, so that it posts nothing twice. None: it is right as it is."""
        ...

    async def beside(self, view: Snapshot, caller: Caller, was: UUID, seq: int, now: datetime) -> list[Call[()]]:
        """As `Beside` says, of this kind of space."""
        ...


class Beside(Protocol):
    """What one feature keeps besides entities, and must keep of a space that is brought back."""

    async def __call__(self, view: Snapshot, caller: Caller, was: UUID, seq: int, now: datetime) -> list[Call[()]]:
        """`was`: the space that it was, which is another one than it is if it is a copy."""
        ...
