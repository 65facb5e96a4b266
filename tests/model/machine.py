"""Which short story shows that the ledger does not do what the model does? Hypothesis tells stories, and shortens the one that fails."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from model import episode
from model.desk import People
from model.looking import Looker
from model.walk import Walk

CALL_TIMEOUT_S = 120.0

numbers = st.integers(0, 2**32 - 1)


def machine_of(people: People, prove: episode.Prove, loop: asyncio.AbstractEventLoop) -> type[RuleBasedStateMachine]:
    """A machine whose calls are made on the loop. It must be run in another thread."""
    names = st.sampled_from([name for name, often in people.weights.items() for _ in range(often)])

    class LedgerMachine(RuleBasedStateMachine):
        """Each number decides who asks for what: the model's state and the number give the command."""

        walk: Walk
        looker: Looker

        def run(self, work: Coroutine[Any, Any, Any]) -> Any:
            return asyncio.run_coroutine_threadsafe(work, loop).result(CALL_TIMEOUT_S)

        def seed(self, number: int) -> str:
            """A number that comes again makes no request id that there was."""
            return f"{number} {self.walk.steps}"

        @initialize(number=numbers)
        def begin(self, number: int) -> None:
            self.walk = self.run(people.begin(f"story {number}", number))
            self.looker = people.looker(self.walk)

        @rule(name=names, number=numbers)
        def command(self, name: str, number: int) -> None:
            self.run(self.walk.command(self.seed(number), name))
            self.run(self.looker.look(number))

        @rule(number=numbers)
        def together(self, number: int) -> None:
            self.run(self.walk.together(self.seed(number)))
            self.run(self.looker.look(number))

        @rule(number=numbers)
        def repeat(self, number: int) -> None:
            self.run(self.walk.repeat(self.seed(number)))

        def teardown(self) -> None:
            # Not begun: the story failed before there was a book.
            if hasattr(self, "looker"):
                self.run(episode.finish(self.walk, self.looker, people, prove))

    return LedgerMachine
