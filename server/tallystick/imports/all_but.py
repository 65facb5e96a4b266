"""How is done at once what can be done of many things? Whatever refuses one of them leaves it out, and tries the others again."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from tallystick.errors import TallystickError

T = TypeVar("T")

# What the things are called to whoever works on them, and says which of them is wrong.
AT = "rows"


async def do_all_but(
    things: Iterable[T],
    work: Callable[[Sequence[T]], Awaitable[object]],
    refused: Callable[[T, TallystickError], None] = lambda thing, wrong: None,
) -> list[T]:
    """The things that the work was done with. `work` does nothing at all when it refuses one."""
    left = list(things)
    while left:
        try:
            await work(left)
        except TallystickError as wrong:
            index = int(wrong.metadata.get("index", -1))
            if index < 0:
                raise
            refused(left.pop(index), wrong)
        else:
            break
    return left
