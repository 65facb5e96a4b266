"""What goes wrong on the way to a Drive? Each at the n-th call of a kind, as the test says it."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto


class Kind(Enum):
    """What is asked."""

    TOKEN = auto()
    IDS = auto()
    CREATE = auto()
    BEGIN = auto()  # a resumable session
    CHUNK = auto()
    QUERY = auto()  # how far is the session?
    LIST = auto()
    GET = auto()
    MEDIA = auto()
    DELETE = auto()
    ABOUT = auto()


class Effect(Enum):
    """What happens instead, or as well."""

    STATUS = auto()  # refused with a status and a reason
    RESET = auto()  # hung up on in the middle of the request; of a chunk, what had arrived is kept
    DROP = auto()  # done, and hung up on before the answer
    LOSE_SESSION = auto()  # forgotten: this and every later question about it is 404 or 410
    TRUNCATE = auto()  # hung up on in the middle of the answer
    CORRUPT = auto()  # one byte is changed: of what is kept, or of what is sent
    IGNORE = auto()  # of a chunk: nothing of it is kept, and that is what the answer says
    PAGE = auto()  # somebody else answers, with a page for people and success
    HOLD = auto()  # nothing is answered until the test lets go


@dataclass(slots=True)
class Fault:
    """Skips so many calls of the kind, and then happens so many times."""

    kind: Kind
    effect: Effect
    status: int = 500
    reason: str = "backendError"
    skip: int = 0
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    reached: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)


class Faults:
    """Those to come. Of two for one call the first happens."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []

    def plan(self, *faults: Fault) -> None:
        self._planned += faults

    def forget(self) -> None:
        for fault in self._planned:
            fault.let_go.set()
        self._planned.clear()

    @property
    def planned(self) -> Sequence[Fault]:
        return self._planned

    def take(self, kind: Kind) -> Fault | None:
        taken = None
        for fault in self._planned:
            if fault.kind is not kind or fault.times == 0:
                continue
            if fault.skip:
                fault.skip -= 1
            elif taken is None:
                fault.times -= 1
                taken = fault
                fault.reached.set()
        return taken
