"""What if the server had a fault? `tallystick serve` with one: the simulation must see it."""

import sys
from collections.abc import Callable
from typing import Any

from tallystick.cli.main import main
from tallystick.store.working_set import WorkingSet
from tallystick.sync import pulling, rules
from tallystick.v1.sync_pb2 import ResetReason


def forget_answers() -> None:
    """A repeat is done again."""
    init = WorkingSet.__init__

    def init_without(self: WorkingSet, *given: Any) -> None:
        connection, space_id, seq, _, *others = given
        init(self, connection, space_id, seq, {}, *others)

    WorkingSet.__init__ = init_without  # type: ignore[method-assign, assignment]  # in this process only


def never_reset() -> None:
    """Every cursor is good."""
    pulling.find_reset = lambda cursor, head: ResetReason.RESET_REASON_UNSPECIFIED  # type: ignore[attr-defined]  # in this process only


def see_no_others() -> None:
    """Nobody else ever changed anything."""
    rules.groups_of_others = lambda merging, base, since, is_own: frozenset()


FAULTS: dict[str, Callable[[], None]] = {each.__name__: each for each in (forget_answers, never_reset, see_no_others)}

if __name__ == "__main__":
    for name in sys.argv[1:]:
        FAULTS[name]()
    sys.exit(main(["serve"]))
